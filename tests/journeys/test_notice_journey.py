"""A victim writes a removal request: asked for the rest, in their language, and sent nowhere."""

from pathlib import Path

from support.program import hashreg

TYPED = b"Kim Minji\nminji@mail.example\n"
PLACE = "https://a.example/watch?v=1"


def test_it_is_written_to_a_file_that_is_theirs_alone(tmp_path: Path) -> None:
    asked = ("notice", "--at", PLACE, "--form", "us", "-o", "request.txt")
    done = hashreg(*asked, cwd=tmp_path, given=TYPED)
    assert done.code == 0
    assert "The request is in request.txt." in done.text
    made = tmp_path / "request.txt"
    assert made.stat().st_mode & 0o777 == 0o600
    text = made.read_text(encoding="utf-8")
    assert all(it in text for it in (PLACE, "Kim Minji", "minji@mail.example", "48 hours"))
    assert "Kim" not in done.text + done.errors
    again = hashreg(*asked, cwd=tmp_path, given=TYPED)
    assert (again.code, made.read_text(encoding="utf-8")) == (2, text)


def test_the_korean_form_is_korean_unless_another_language_is_asked_for(tmp_path: Path) -> None:
    asked = ("notice", "--at", PLACE, "--form", "kr")
    assert "전기통신사업법" in hashreg(*asked, cwd=tmp_path, given=TYPED).text
    assert "article 22-5" in hashreg(*asked, "--in", "en", cwd=tmp_path, given=TYPED).text
    plain = hashreg("--lang", "ko", "notice", "--at", PLACE, cwd=tmp_path, given=TYPED)
    assert "삭제 요청서" in plain.text


def test_json_has_the_text(tmp_path: Path) -> None:
    done = hashreg("notice", "--at", PLACE, "--json", cwd=tmp_path, given=TYPED)
    (row,) = done.lines
    assert (sorted(row), row["notice"], PLACE in row["text"]) == (["notice", "text"], None, True)


def test_what_is_missing_or_mistyped_is_named_before_anything_is_written(tmp_path: Path) -> None:
    nobody = hashreg("notice", "--at", PLACE, "-o", "a", cwd=tmp_path, given=b"\n\n")
    assert (nobody.code, "name" in nobody.errors) == (2, True)
    wrong = hashreg("notice", "--at", PLACE, "--case", "123", "-o", "a", cwd=tmp_path, given=TYPED)
    assert (wrong.code, "case number" in wrong.errors) == (2, True)
    assert hashreg("notice", cwd=tmp_path, given=TYPED).code == 2
    assert list(tmp_path.iterdir()) == []
