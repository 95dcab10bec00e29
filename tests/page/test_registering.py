"""Registering, asking, adding and withdrawing in the browser, against the real service."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from support.program import SAMPLES, hashreg
from support.serving import Served

from .visiting import PATIENCE_MS, THREE, Visitor, visitor

WITHDRAWN = "You withdrew this case. Its hashes are deleted. You can make a new case."
LANGUAGES = pytest.mark.parametrize("language", ["ko", "en"])
COPIES = tuple(
    SAMPLES / "edited" / f"{it}.jpg" for it in ("astronaut-mirror", "cat-tilted", "canyon-mirror")
)


def verdicts(registry: Served, files: tuple[Path, ...]) -> list[str]:
    """Check uploads at the registry's own file."""
    done = hashreg("check", *files, "--registry", registry.registry, "--json", cwd=registry.folder)
    return [line["verdict"] for line in done.lines]


def expect_standing(who: Visitor, text: str, **values: object) -> None:
    place = who.page.locator("#standing")
    expect(place.get_by_text(who.says(text, **values), exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )


@LANGUAGES
def test_three_photos_are_registered_found_again_and_withdrawn(
    browser: Browser, tmp_path: Path, language: str
) -> None:
    with Served(tmp_path) as registry, visitor(browser, language) as who:
        who.page.goto(registry.url)
        who.expect_heading("Help stop copies of your intimate pictures from spreading")
        number, code = who.register()
        who.expect_text("From now on copies of your pictures are looked for.")
        assert verdicts(registry, COPIES) == ["match"] * 3
        assert verdicts(registry, (SAMPLES / "unrelated" / "alps.jpg",)) == ["clear"]

        who.press("Close and go to the start")
        who.open_case(number.lower().replace("-", " "), code)  # as people type
        who.press("Check progress")
        expect_standing(who, "Your case is active: copies of your pictures are looked for.")
        expect_standing(who, "Pictures: {count}", count=3)

        who.press("Withdraw")
        who.expect_heading("Withdraw this case?")
        who.press("Yes, withdraw it")
        who.expect_heading("Withdrawn")
        who.expect_text("The case is withdrawn. Its hashes are deleted.")
        assert verdicts(registry, COPIES) == ["clear"] * 3

        who.press("Close and go to the start")
        who.open_case(number, code)
        who.press("Check progress")
        expect_standing(
            who, "You withdrew this case. Its hashes are deleted. You can make a new case."
        )


def test_pictures_are_added_to_a_case(person: Visitor, registry: Served) -> None:
    number, code = person.register(THREE[:1])
    person.press("Close and go to the start")
    person.open_case(number, code)
    person.press("Add pictures")
    person.expect_heading("Choose more pictures")
    person.choose([SAMPLES / "originals" / "rocket.jpg"])
    person.press("Continue")
    person.press("Send to the registry")
    person.expect_text("From now on copies of these pictures are looked for, too.")
    done = registry.run("status", number, "--json")
    assert done.lines[0]["pictures"] == 2
    assert verdicts(registry, (SAMPLES / "edited" / "rocket-crop.jpg",)) == ["match"]


def test_a_case_stays_unless_the_withdrawal_is_confirmed(person: Visitor, registry: Served) -> None:
    number, code = person.register(THREE[:1])
    person.press("Close and go to the start")
    person.open_case(number, code)
    person.press("Withdraw")
    person.press("Keep the case")
    person.expect_heading("Your case")
    assert registry.run("status", number, "--json").lines[0]["state"] == "active"


def test_the_page_opens_a_case_of_the_command_line(
    person: Visitor, registry: Served, tmp_path: Path
) -> None:
    made = hashreg("register", THREE[0], "-o", "C.hashreg", "--json", cwd=tmp_path).lines[0]
    registry.run("intake", tmp_path / "C.hashreg")
    person.open_case(made["case"], made["recovery_code"])
    person.press("Check progress")
    expect_standing(person, "Your case is active: copies of your pictures are looked for.")


def test_the_command_line_opens_a_case_of_the_page(
    person: Visitor, registry: Served, tmp_path: Path
) -> None:
    number, code = person.register(THREE[:1])
    secret = {"HASHREG_RECOVERY_CODE": code}
    added = hashreg(
        *("register", THREE[1], "--add-to", number, "-o", "A.hashreg"),
        cwd=tmp_path,
        environ=secret,
    )
    assert added.code == 0
    assert registry.run("intake", tmp_path / "A.hashreg", "--json").lines[0]["outcome"] == "added"
    gone = hashreg("withdraw", number, "-o", "W.hashreg", cwd=tmp_path, environ=secret)
    assert gone.code == 0
    taken = registry.run("intake", tmp_path / "W.hashreg", "--json")
    assert taken.lines[0]["outcome"] == "withdrawn"


def test_a_file_of_the_command_line_is_handed_over(
    person: Visitor, registry: Served, tmp_path: Path
) -> None:
    made = hashreg("register", THREE[0], "-o", "C.hashreg", "--json", cwd=tmp_path).lines[0]
    person.press("Submit a saved file")
    person.page.locator("#saved-file").set_input_files(tmp_path / "C.hashreg")
    person.expect_heading("Submit {file}", file="C.hashreg")
    person.press("Send to the registry")
    person.expect_text("From now on copies of your pictures are looked for.")
    assert registry.run("status", made["case"], "--json").lines[0]["state"] == "active"


def test_the_numbers_must_be_kept_before_anything_goes_on(person: Visitor) -> None:
    person.begin(THREE[:1])
    person.press("Continue")
    person.expect_heading("Not sent yet. First write these two down")
    for name in ("Send to the registry", "Don't send now: save as a file"):
        expect(person.page.get_by_role("button", name=name)).to_be_disabled()
    person.page.get_by_label("I have written down both").check()
    for name in ("Send to the registry", "Don't send now: save as a file"):
        expect(person.page.get_by_role("button", name=name)).to_be_enabled()


def test_the_receipt_holds_both_numbers_and_where_help_is(person: Visitor, tmp_path: Path) -> None:
    number, code = person.make_case(THREE[:1])
    receipt = person.saved("Save both as a file", tmp_path)
    text = receipt.read_text(encoding="utf-8")
    assert number in text
    assert code in text
    assert person.page.url in text
    assert not {"1366", "02-735-8994"} & set(text.split())  # what it is for is nobody's business
    person.page.emulate_media(media="print")
    for shown in (number, code, "Receipt of hashreg"):
        expect(person.page.get_by_text(shown, exact=True).first).to_be_visible()
    expect(person.page.get_by_role("button")).to_have_count(0)
    expect(person.page.get_by_role("checkbox")).to_have_count(0)


def test_a_person_can_go_back_and_choose_otherwise(person: Visitor, registry: Served) -> None:
    number, _ = person.make_case(THREE[:2])
    person.press("Back to the pictures")
    person.press("Leave out {file}", file="cat.png")
    expect(person.page.locator("#pictures li")).to_have_count(1)
    person.press("Continue")
    assert person.numbers()[0] == number
    person.press("Send to the registry")
    person.expect_heading("Registered")
    assert registry.run("status", number, "--json").lines[0]["pictures"] == 1


def test_the_same_picture_twice_counts_once(person: Visitor, tmp_path: Path) -> None:
    again = tmp_path / "again.jpg"
    again.write_bytes(THREE[0].read_bytes())
    person.begin([THREE[0], again])
    person.expect_text("Already in your list; it counts once.")
    both = (person.says("Pictures ready: {count}", count=1), "chosen twice: 1")
    expect(person.page.locator("#progress-label")).to_have_text(" · ".join(both))
    person.press("Leave out {file}", file="astronaut.jpg")
    person.expect_text("Pictures ready: {count}", count=1)
    expect(person.page.get_by_text("it counts once")).to_have_count(0)


def test_previews_are_tiny_and_can_be_switched_off(person: Visitor) -> None:
    person.begin(THREE[:1])
    canvas = person.page.locator("#pictures canvas")
    size = canvas.evaluate("it => [it.width, it.height]")
    assert max(size) <= 24
    assert "blur" in canvas.evaluate("it => getComputedStyle(it).filter")
    person.page.get_by_label("Show small, blurred previews").uncheck()
    expect(canvas).to_have_count(0)


def test_a_whole_folder_can_be_chosen_and_what_is_no_picture_is_passed_over(
    person: Visitor, tmp_path: Path
) -> None:
    folder = tmp_path / "holiday"
    shutil.copytree(SAMPLES / "originals", folder)
    (folder / "notes.txt").write_text("milk, bread")
    person.press("Start")
    person.page.locator("#choose-folder").set_input_files(folder)
    person.expect_text("Pictures ready: {count}", count=8)
    expect(person.page.locator("#pictures li")).to_have_count(8)


def test_pictures_can_be_dropped(person: Visitor) -> None:
    person.press("Start")
    person.page.evaluate(
        """async (bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"}));
          const event = new DragEvent("drop", {dataTransfer: data, bubbles: true});
          document.querySelector(".drop").dispatchEvent(event);
        }""",
        list(THREE[0].read_bytes()),
    )
    person.expect_text("Pictures ready: {count}", count=1)


def test_sending_can_be_pressed_once_only_and_the_way_out_stays_open(person: Visitor) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    person.page.route("**/v1/submissions", hold)
    person.make_case(THREE[:1])
    person.press("Send to the registry")
    person.expect_text("Being sent…")
    expect(person.page.locator("main")).to_have_js_property("inert", True)
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("button", name="한국어")).to_be_disabled()
    expect(person.page.get_by_role("button", name="Leave quickly")).to_be_enabled()
    assert len(held) == 1
    held[0].continue_()
    person.expect_heading("Registered")


@pytest.mark.parametrize("wanted", ["Add pictures", "Withdraw"])
def test_what_cannot_be_done_to_a_case_is_said_before_it_costs_anything(
    person: Visitor, wanted: str
) -> None:
    number, code = person.register(THREE[:1])
    person.press("Close and go to the start")
    person.open_case(number, code)
    person.press("Withdraw")
    person.press("Yes, withdraw it")
    person.expect_heading("Withdrawn")
    person.press("Close and go to the start")
    person.open_case(number, code)
    person.press(wanted)
    alert = person.page.get_by_role("alert")
    expect(alert).to_contain_text("You withdrew this case", timeout=PATIENCE_MS)


def test_another_cases_code_withdraws_nothing(person: Visitor, registry: Served) -> None:
    number, _ = person.register(THREE[:1])
    person.press("Close and go to the start")
    _, other = person.register(THREE[1:2])
    person.press("Close and go to the start")
    person.open_case(number, other)
    person.press("Withdraw")
    alert = person.page.get_by_role("alert")
    expect(alert).to_contain_text("No case here has this number", timeout=PATIENCE_MS)
    assert registry.run("status", number, "--json").lines[0]["state"] == "active"


def test_copies_that_were_found_are_counted_in_words(person: Visitor, registry: Served) -> None:
    number, code = person.register([SAMPLES / "originals" / "boats.jpg"])
    hashed = registry_hashes(registry, SAMPLES / "edited" / "boats-caption.jpg")
    registry.run("report", "--platform", "examplegram", "--json", given=hashed, code=1)
    person.press("Close and go to the start")
    person.open_case(number, code)
    person.press("Check progress")
    expect_standing(person, "Copies found, which a person will look at: {count}", count=1)


def test_what_each_platform_did_is_told_step_by_step(person: Visitor, registry: Served) -> None:
    number, code = person.register([SAMPLES / "originals" / "boats.jpg"])
    hashed = registry_hashes(registry, SAMPLES / "edited" / "boats-caption.jpg")
    reporting = ("report", "--platform", "examplegram", "--json")
    blocked = ("blocked", "--reason", "non_consensual", "--as", "kim")
    for named in ((), ("--content-id", "name")):  # two copies
        given = registry.run(*reporting, *named, given=hashed, code=1)
        for ticket in given.lines[0]["tickets"]:  # others have registered the same picture
            registry.run("review", "decide", ticket, *blocked)
    person.press("Close and go to the start")
    person.open_case(number, code)
    person.press("Check progress")
    place = person.page.locator("#standing")
    expect(place.locator("h3")).to_have_text("examplegram", timeout=PATIENCE_MS)
    steps = place.locator(".copy li")
    expect(steps).to_have_count(3)
    expect(place).to_contain_text("Copies: 2")
    for at, text in enumerate(("Found.", "is told to remove it.", "It has to be gone by")):
        expect(steps.nth(at)).to_contain_text(text)
    expect(place).not_to_contain_text("null")
    person.press("Withdraw")
    person.press("Yes, withdraw it")
    person.expect_heading("Withdrawn")
    person.press("Close and go to the start")
    person.open_case(number, code)
    person.press("Check progress")
    expect_standing(
        person,
        "Platforms that have confirmed your withdrawal: {acknowledged} of {platforms}",
        acknowledged=0,
        platforms=1,
    )


def registry_hashes(registry: Served, file: Path) -> bytes:
    return hashreg("hash", "--views", "query", "--json", file, cwd=registry.folder).stdout
