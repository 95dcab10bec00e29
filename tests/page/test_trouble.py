"""What goes wrong is said kindly, in words that help, and costs nothing else."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from hashreg.model.errors import FILE_PROBLEM_TEXTS, FileProblem
from support.odd_files import png
from support.program import SAMPLES, hashreg
from support.serving import Served

from .visiting import PATIENCE_MS, THREE, Visitor, visitor

LANGUAGES = pytest.mark.parametrize("language", ["ko", "en"])
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
NEEDS_SAFARI = (
    "This is an HEIC picture, as iPhones make them, and this browser can't open those. Open this "
    "page in Safari on the iPhone or Mac, or save the picture as JPEG and choose that: a "
    "screenshot of it works, too."
)
NOT_REACHED = (
    "The registry could not be reached, or did not answer as it should. Check the internet "
    "connection and try again. Sending twice registers nothing twice."
)
DAMAGED = (
    "This picture is damaged or cut off. If you have another copy, choose that; otherwise go on "
    "without it."
)
VIDEO = (
    "Videos can't be registered yet. Stop the video at a clear moment, make a screenshot, and "
    "choose that."
)
TOO_PLAIN = (
    "This picture is too dark, too blank or too plain to be told from others. If you have a "
    "brighter or larger copy, choose that."
)
WAS_WITHDRAWN = (
    "Case {case} was withdrawn, so no pictures can be added to it. Register them as a new case."
)


def put_odd(folder: Path) -> dict[str, str]:
    """Write files that can't be used; return the sentence for each."""
    photo = THREE[0].read_bytes()
    bomb = FILE_PROBLEM_TEXTS[FileProblem.TOO_MANY_PIXELS]
    odd = {
        "empty.jpg": (b"", "This file is empty. If you have another copy, choose that."),
        "cut.jpg": (photo[: len(photo) // 2], DAMAGED),
        "clip.mp4": (b"\x00\x00\x00\x18ftypmp42" + bytes(100), VIDEO),
        "bomb.png": (png(60_000, 60_000), bomb),
        "iphone.heic": (HEIC, NEEDS_SAFARI),
    }
    for name, (content, _) in odd.items():
        (folder / name).write_bytes(content)
    return {name: text for name, (_, text) in odd.items()}


@LANGUAGES
def test_each_file_that_cannot_be_used_says_why_and_the_others_go_on(
    browser: Browser, registry: Served, tmp_path: Path, language: str
) -> None:
    texts = put_odd(tmp_path)
    blank = SAMPLES / "odd" / "blank.png"
    with visitor(browser, language) as who:
        who.page.goto(registry.url)
        who.begin([*(tmp_path / it for it in texts), blank, THREE[0]])
        for name, text in texts.items():
            row = who.page.locator("#pictures li", has_text=name)
            shown = who.says(text).replace("{limit}", "50")
            expect(row.locator(".how")).to_have_text(shown)
        plain = who.page.locator("#pictures li", has_text="blank.png").locator(".how")
        expect(plain).to_have_text(who.says(TOO_PLAIN))
        expect(who.page.locator("#pictures li.good")).to_have_count(1)
        who.press("Continue")
        who.expect_heading("Not sent yet. First write these two down")


def test_with_nothing_usable_there_is_no_way_on(person: Visitor) -> None:
    person.begin([SAMPLES / "odd" / "blank.png"])
    person.expect_text("None of these pictures can be used. Choose others to go on.")
    expect(person.page.get_by_role("button", name="Continue")).to_be_disabled()


def test_a_decoder_that_breaks_costs_one_picture(person: Visitor) -> None:
    person.press("Start")
    person.page.evaluate(
        """() => {
          const real = window.Worker;
          let first = true;
          window.Worker = class extends real {
            postMessage(message, ...rest) {
              if (message.id && first) {
                first = false;
                setTimeout(() => this.onerror(new Event("error", {cancelable: true})));
              } else super.postMessage(message, ...rest);
            }
          };
        }"""
    )
    person.choose(THREE[:2])
    expect(person.page.locator("#pictures li.bad")).to_have_count(1)
    expect(person.page.locator("#pictures li.bad .how")).to_contain_text("broke off")
    expect(person.page.locator("#pictures li.good")).to_have_count(1)


@LANGUAGES
def test_when_the_registry_is_gone_nothing_is_lost(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with visitor(browser, language) as who:
        with Served(tmp_path) as registry:
            who.page.goto(registry.url)
            who.make_case(THREE[:1])
        who.press("Send to the registry")
        alert = who.page.get_by_role("alert")
        expect(alert).to_have_text(who.says(NOT_REACHED), timeout=PATIENCE_MS)
        assert who.saved("Don't send now: save as a file", tmp_path).stat().st_size > 1000


def test_an_answer_that_is_none_is_no_success(person: Visitor) -> None:
    def nonsense(route: Route) -> None:
        route.fulfill(status=200, body="<html>sign in to the wifi</html>")

    person.page.route("**/v1/submissions", nonsense)
    person.make_case(THREE[:1])
    person.press("Send to the registry")
    expect(person.page.get_by_role("alert")).to_have_text(NOT_REACHED, timeout=PATIENCE_MS)


@LANGUAGES
def test_what_the_registry_refuses_is_said_in_the_persons_language(
    browser: Browser, registry: Served, tmp_path: Path, language: str
) -> None:
    made = hashreg("register", THREE[0], "-o", "C.hashreg", "--json", cwd=tmp_path).lines[0]
    number, secret = made["case"], {"HASHREG_RECOVERY_CODE": made["recovery_code"]}
    for arguments in (
        ("register", THREE[1], "--add-to", number, "-o", "A.hashreg"),
        ("withdraw", number, "-o", "W.hashreg"),
    ):
        assert hashreg(*arguments, cwd=tmp_path, environ=secret).code == 0
    registry.run("intake", tmp_path / "C.hashreg", tmp_path / "W.hashreg")
    with visitor(browser, language) as who:
        who.page.goto(registry.url)
        who.press("Submit a saved file")
        who.page.locator("#saved-file").set_input_files(tmp_path / "A.hashreg")
        who.press("Send to the registry")
        alert = who.page.get_by_role("alert")
        expect(alert).to_have_text(who.says(WAS_WITHDRAWN, case=number), timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        ("", "", "Please enter your case number."),
        ("GOOD", " ", "Please enter your recovery code."),
        ("ABCD-EFGH-JKMN", "", "This is not a case number."),
        ("GOOD", "ABCD-EFGH-JKMN-PQRS-T", "This recovery code has a typing mistake."),
    ],
)
def test_a_typing_mistake_is_found_before_anything_is_asked(
    person: Visitor, number: str, code: str, said: str
) -> None:
    from hashreg.model.cases import new_case_number  # noqa: PLC0415

    before = len(person.asked())
    person.open_case(new_case_number() if number == "GOOD" else number, code)
    person.press("Check progress")
    expect(person.page.get_by_role("alert")).to_contain_text(said)
    assert not code.strip() or code not in person.page.get_by_role("alert").inner_text()
    focused = person.page.evaluate("document.activeElement.id")
    assert focused == ("typed-code" if number == "GOOD" else "typed-number")
    assert len(person.asked()) == before


def test_a_wrong_code_and_an_unknown_case_look_alike(person: Visitor) -> None:
    from hashreg.model.cases import new_case_number, new_recovery_code  # noqa: PLC0415

    number, _ = person.register(THREE[:1])
    person.press("Close and go to the start")
    said = set()
    for asked in (number, new_case_number()):
        person.open_case(asked, new_recovery_code())
        person.press("Check progress")
        alert = person.page.get_by_role("alert")
        expect(alert).to_contain_text("No case here has this number", timeout=PATIENCE_MS)
        said.add(alert.inner_text())
        person.page.get_by_role("button", name="hashreg", exact=True).click()
    assert len(said) == 1


def test_a_file_that_is_no_submission_is_not_sent(person: Visitor, tmp_path: Path) -> None:
    (tmp_path / "letter.hashreg").write_text("{}")
    person.press("Submit a saved file")
    person.page.locator("#saved-file").set_input_files(tmp_path / "letter.hashreg")
    expect(person.page.get_by_role("alert")).to_contain_text("This is not a file of hashreg")


def test_over_a_plain_connection_the_page_says_what_is_missing(
    browser: Browser, registry: Served
) -> None:
    with visitor(browser) as who:
        who.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
        who.page.goto(registry.url)
        expect(who.page.get_by_role("alert")).to_contain_text("not opened over an encrypted")


def test_an_old_browser_is_named_before_anybody_has_begun(
    browser: Browser, registry: Served
) -> None:
    with visitor(browser) as who:
        who.page.add_init_script("crypto.subtle.importKey = async () => { throw new Error() }")
        who.page.goto(registry.url)
        expect(who.page.get_by_role("alert")).to_contain_text("This browser is too old")
        expect(who.page.get_by_role("button", name="Start")).to_be_disabled()


def jpeg_of_many(marker: bytes, times: int) -> bytes:
    """Return a JPEG in which something short stands many times before its end."""
    photo = THREE[0].read_bytes()
    return photo[:2] + marker * times + photo[2:]


def test_a_file_built_of_millions_of_parts_is_refused_at_once(
    person: Visitor, tmp_path: Path
) -> None:
    (tmp_path / "segments.jpg").write_bytes(jpeg_of_many(b"\xff\xe5\x00\x02", 2_000_000))
    scans = THREE[0].read_bytes()[:-2] + b"\xff\xda\x00\x02\x00" * 200 + b"\xff\xd9"
    (tmp_path / "scans.jpg").write_bytes(scans)
    person.begin([tmp_path / "segments.jpg", tmp_path / "scans.jpg", THREE[1]])
    harmful = FILE_PROBLEM_TEXTS[FileProblem.TOO_COSTLY]
    for name in ("segments.jpg", "scans.jpg"):
        row = person.page.locator("#pictures li", has_text=name)
        expect(row.locator(".how")).to_have_text(harmful)
    expect(person.page.locator("#pictures li.good")).to_have_count(1)


def test_a_picture_that_takes_too_long_can_be_left_out(person: Visitor) -> None:
    person.press("Start")
    person.page.evaluate(
        """() => {
          const real = window.Worker;
          window.hung = 0;
          window.Worker = class extends real {
            postMessage(message, ...rest) {
              if (message.file && message.file.name === "astronaut.jpg") window.hung += 1;
              else super.postMessage(message, ...rest);
            }
          };
        }"""
    )
    person.page.locator("#choose-files").set_input_files([THREE[0], THREE[1]])
    expect(person.page.locator("#pictures li")).to_have_count(2)
    person.press("Leave out {file}", file="astronaut.jpg")
    person.expect_text("Pictures ready: {count}", count=1)
    assert person.page.evaluate("window.hung") == 1


@pytest.mark.parametrize("answer", ["{}", '"ok"', "null", "[]", '{"outcome": "constructor"}'])
def test_json_that_is_no_answer_is_no_success(person: Visitor, answer: str) -> None:
    person.page.route(
        "**/v1/submissions",
        lambda route: route.fulfill(status=200, content_type="application/json", body=answer),
    )
    person.make_case(THREE[:1])
    person.press("Send to the registry")
    expect(person.page.get_by_role("alert")).to_have_text(NOT_REACHED, timeout=PATIENCE_MS)


def test_when_the_answer_was_lost_the_same_file_is_sent_again(
    person: Visitor, registry: Served
) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    person.page.route("**/v1/submissions", lose, times=1)
    number, _ = person.make_case(THREE[:1])
    person.press("Send to the registry")
    expect(person.page.get_by_role("alert")).to_have_text(NOT_REACHED, timeout=PATIENCE_MS)
    person.press("Send to the registry")
    person.expect_heading("Registered")
    person.expect_text("Your pictures had arrived here before.")
    assert registry.run("status", number, "--json").lines[0]["pictures"] == 1


def test_what_may_have_been_sent_is_not_changed_any_more(person: Visitor) -> None:
    person.page.route("**/v1/submissions", lambda route: route.abort())
    person.make_case(THREE[:1])
    expect(person.page.get_by_role("button", name="Back to the pictures")).to_be_visible()
    person.press("Send to the registry")
    expect(person.page.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)
    person.page.get_by_role("button", name="한국어").click()
    person.language = "ko"
    expect(
        person.page.get_by_role("button", name=person.says("Back to the pictures"))
    ).to_have_count(0)
