"""``hashreg demo``: the whole story, with what is found and what is missed."""

import json
import re
import shutil
from pathlib import Path

import pytest

from support.program import SAMPLES, Done, hashreg

HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def few_samples(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A few of the sample pictures, where the telling matters and not what is found."""
    folder = tmp_path_factory.mktemp("few")
    for name in (
        "originals/astronaut.jpg",
        "originals/cat.png",
        "edited/astronaut-messenger.jpg",
        "edited/cat-tilted.jpg",
        "unrelated/alps.jpg",
        "odd/blank.png",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(SAMPLES / name, folder / name)
    return str(folder)


def demo(folder: Path, *arguments: str, **environ: str) -> Done:
    """Play it in an empty home; it must leave nothing there."""
    done = hashreg("demo", *arguments, cwd=folder, environ=environ)
    assert list(folder.iterdir()) == []
    return done


def not_said(done: Done, *expected: str) -> list[str]:
    """Return what is missing; the text itself holds file digests and is not to be printed."""
    return [words for words in expected if words not in done.text]


def test_it_tells_of_matches_and_misses(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert (done.code, done.errors) == (0, "")
    assert (
        not_said(
            done,
            "1. An operator makes a registry.",
            "astronaut-mirror.jpg: match",
            "boats-caption.jpg: match",
            "cat-border.jpg: match",
            "cat-tilted.jpg: match",
            "blank.png: unchecked",
            "broken.jpg: unreadable",
            "17 of 17 edited copies were found. Missed: none. Unrelated pictures hit: 0.",
            "Found and blocked: 1",
            "withdrawn. Its hashes are deleted and match no more.",
            "astronaut-messenger.jpg: clear",
        )
        == []
    )
    assert HANGUL.findall(done.text) == []


def test_it_speaks_korean_in_every_step_on_whatever_system(
    tmp_path: Path, few_samples: str
) -> None:
    done = demo(tmp_path, "--lang", "ko", "--samples", few_samples, LC_ALL="C.UTF-8")
    assert (done.code, done.errors) == (0, "")
    assert (
        not_said(
            done,
            "1. 운영자가 등록소를 만듭니다.",
            "에 빈 등록소를 만들었습니다.",
            "astronaut-messenger.jpg: 일치",
            "편집된 사본 2개 중 2개를 찾았습니다. 놓친 것: 없음.",
            "발견되어 차단됨: 1",
            "철회되었습니다",
        )
        == []
    )
    assert not_said(done, "An empty registry")


@pytest.mark.slow
def test_in_json_it_prints_what_the_commands_print_and_nothing_else(
    tmp_path: Path, few_samples: str
) -> None:
    nowhere = "https://registry.invalid"
    done = demo(tmp_path, "--json", "--samples", few_samples, HASHREG_SERVER=nowhere)
    assert (done.code, done.errors) == (0, "")
    lines = [json.loads(line) for line in done.text.splitlines()]
    assert all(isinstance(line, dict) for line in lines)
    assert list(lines[0]) == ["registry", "key", "seal_to"]
    assert sum("verdict" in line for line in lines) == 5
    assert lines[-1]["cases"] == {"withdrawn": 1}


def test_without_the_samples_it_says_where_they_are(tmp_path: Path) -> None:
    done = demo(tmp_path, "--samples", str(tmp_path))
    assert done.code == 2
    assert "The sample pictures are not here." in done.errors


@pytest.mark.parametrize("place", ["--lang", "after"])
def test_help_is_there_in_both_languages(tmp_path: Path, place: str) -> None:
    arguments = ("--lang", "ko", "--help") if place == "--lang" else ("--help",)
    done = hashreg(*arguments, cwd=tmp_path)
    assert done.code == 0
    assert bool(HANGUL.search(done.text)) == (place == "--lang")
    for name in ("hash", "register", "intake", "check", "withdraw", "demo"):
        assert name in done.text
