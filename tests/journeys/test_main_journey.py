"""The main job on real pictures: register offline, report, check, decide, add, withdraw."""

import hashlib
import re
import stat
from pathlib import Path

from support.cases import same
from support.journey import CODE, NUMBER, Journey
from support.program import SAMPLES

TOKENS = re.compile(rb'"data": "[a-z0-9+/=]*"')


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_registry_is_made_once(english: Journey) -> None:
    assert english["init"].code == 0
    assert "An empty registry was made at registry.db" in english["init"].text
    assert "The hashes in it are encrypted" in english["init"].text
    assert english["init again"].code == 2
    assert "it was not touched" in english["init again"].errors


def test_platforms_and_moderators_get_a_key_once(english: Journey) -> None:
    keys = [english.object(f"{role} add")["key"] for role in ("platform", "moderator")]
    assert len(set(keys)) == 2
    kim, its_key = english["moderator list"].text.splitlines()
    assert kim == "kim  active"
    assert re.fullmatch("  [a-z2-7]{8}  active  check,queue,cases,statistics", its_key)
    listed = english["platform list"].text + english["moderator list"].text
    shown = [key in listed or key[17:] in listed for key in keys]
    assert shown == [False, False]


def test_hashes_are_printed_to_a_person(english: Journey) -> None:
    first, *hashes = english["hash"].text.splitlines()
    assert first.endswith("astronaut-messenger.jpg  (quality 100)")
    assert [line.split()[:2] for line in hashes] == [
        ["pdq", "whole"],
        ["phash", "whole"],
        ["sha256", "file"],
        ["md5", "file"],
    ]


def test_a_report_before_any_case_finds_nothing(english: Journey) -> None:
    assert english["hash query"].code == 0
    done = english["report before"]
    assert done.code == 0
    assert [line["tier"] for line in done.lines] == [None, None, None]
    names = ("astronaut-messenger.jpg", "cat-border.jpg", "cat-tilted.jpg")
    expected = [sha256(SAMPLES / "edited" / name) for name in names]
    assert same([line["content_id"] for line in done.lines], expected)


def test_registering_writes_a_file_and_shows_a_code_once(english: Journey) -> None:
    made = english.object("register")
    assert english["register"].code == 0
    assert NUMBER.fullmatch(made["case"])
    assert CODE.fullmatch(made["recovery_code"])
    assert made["submission"] == "CASE.hashreg"
    assert len(made["items"]) == 8
    assert all(item["hashes"] > 0 and item["error"] is None for item in made["items"])


def test_the_receipt_says_what_to_keep_what_happens_and_what_is_not_caught(
    english: Journey,
) -> None:
    done = english["register human"]
    assert done.code == 0
    assert done.errors == ""
    for words in (
        "1 of 1 files were hashed.",
        "Your pictures never left this device.",
        "KEEP THESE TWO",
        "WHAT HAPPENS NEXT",
        "Give the file SECOND.hashreg (pictures: 1)",
        "A person looks at every match",
        "WHAT IS NOT CAUGHT",
        "takeitdown.ncmec.org",
        "1388",
        "StopNCII.org",
    ):
        assert words in done.text
    assert len(CODE.findall(done.text)) == 1


def test_a_case_finds_the_reports_before_it(english: Journey) -> None:
    taken = english.object("intake")
    assert english["intake"].code == 0
    assert (taken["outcome"], taken["pictures"], taken["matches"]) == ("taken_in", 8, 3)
    assert english["intake again"].code == 0
    assert "Nothing was changed" in english["intake again"].text


def test_hashes_can_be_piped_into_a_report(english: Journey) -> None:
    done = english["pipe"]
    assert done.code == 1
    assert done.errors == ""
    names, answers = zip(*(line.split(": ") for line in done.text.splitlines()), strict=True)
    assert same(names[0], sha256(SAMPLES / "edited" / "canyon-mirror.jpg"))
    assert answers[0].startswith("match  ")
    assert answers[1:] == ("none", "none")


def test_a_check_finds_the_edited_copies_and_nothing_else(english: Journey) -> None:
    done = english["check"]
    assert done.code == 1
    verdicts = {Path(line["file"]): line["verdict"] for line in done.lines}
    by_folder: dict[str, dict[str, str]] = {}
    for path, verdict in verdicts.items():
        by_folder.setdefault(path.parent.name, {})[path.name] = verdict
    edited = {path.name for path in (SAMPLES / "edited").iterdir()}
    assert len(edited) == 17
    assert by_folder["edited"] == dict.fromkeys(edited, "match")
    assert set(by_folder["unrelated"].values()) == {"clear"}
    assert by_folder["odd"] == {
        "blank.png": "unchecked",
        "broken.jpg": "unreadable",
        "not-a-picture.jpg": "unreadable",
    }


def test_a_check_explains_each_match(english: Journey) -> None:
    lines = {Path(line["file"]).name: line for line in english["check"].lines}
    (match,) = lines["cat-rotated.jpg"]["matches"]
    assert match["ticket"] is None
    assert (match["tier"], match["algorithm"], match["view"]) == ("match", "pdq", "whole")
    assert match["query_view"] == "rot270"
    assert match["distance"] <= 10
    (match,) = lines["boats-caption.jpg"]["matches"]
    assert (match["tier"], match["algorithm"]) == ("match", "pdq")
    assert "whole" not in (match["view"], match["query_view"])
    assert match["distance"] <= 10
    (match,) = lines["cat-border.jpg"]["matches"]
    assert (match["tier"], match["view"], match["second_signal"]) == ("match", "whole", "agrees")
    assert match["query_view"] != "whole"
    assert match["agreeing_views"] > 1
    assert lines["astronaut-mirror.jpg"]["matches"][0]["query_view"] == "mirror"
    text = english["check human"].text
    assert "officer-small.jpg: match" in text
    assert "pdq distance" in text


def test_a_doubtful_copy_is_a_possible_match(english: Journey) -> None:
    done = english["check review"]
    assert done.code == english["check review human"].code == 1
    assert english.object("check review")["verdict"] == "review"
    (match,) = english.object("check review")["matches"]
    assert (match["ticket"], match["tier"], match["algorithm"]) == (None, "review", "tokens")
    assert match["distance"] is None
    assert match["shape"]["points"] >= 4
    said = english["check review human"].text
    assert "cat-corner.png: possible match" in said
    assert "found by shape alone" in said


def test_exit_codes_are_those_of_clamscan(english: Journey) -> None:
    assert english["check"].code == english["check human"].code == 1
    assert english["check clear"].code == 0
    assert english["check odd"].code == 2
    assert english["check odd"].text.count(": clear") == 2
    assert english["check odd"].errors.count("\n") == 3


def test_a_check_keeps_nothing_unless_it_is_asked_to(english: Journey) -> None:
    before = [line["content_id"] for line in english["queue before"].lines]
    assert len(before) == 4
    officer = sha256(SAMPLES / "edited" / "officer-small.jpg")
    assert not any(same(content, officer) for content in before)
    (match,) = english.object("check report")["matches"]
    waiting = {line["content_id"]: line["ticket"] for line in english["queue"].lines}
    assert waiting.get(officer) == match["ticket"]
    assert same(waiting.keys(), {*before, officer})


def test_the_queue_has_the_surest_on_top(english: Journey) -> None:
    tiers = [line["tier"] for line in english["queue"].lines]
    assert tiers == ["match"] * 4 + ["review"]
    *distances, alone = [line["distance"] for line in english["queue"].lines]
    assert distances == sorted(distances)
    assert alone is None  # the tilted copy, of which hashes and tokens were reported
    shown = english["queue human"].text
    assert [line["ticket"] for line in english["queue"].lines if line["ticket"] not in shown] == []
    assert same(english.object("show"), english["queue"].lines[0])


def test_a_moderator_decides_with_a_reason(english: Journey) -> None:
    first, second, *others = (line["ticket"] for line in english["queue"].lines)
    (verdict,) = english.object("block")["verdicts"]
    assert (verdict["verdict"], verdict["reason"], verdict["as"]) == (
        "blocked",
        "non_consensual",
        "kim",
    )
    assert "Written down: not_blocked, by kim." in english["clear"].text
    assert english["no reason"].code == 2
    assert "blocked needs a reason, one of: non_consensual" in english["no reason"].errors
    assert [line["ticket"] for line in english["queue after"].lines] == others
    states = {line["ticket"]: line["state"] for line in english["queue all"].lines}
    assert states == {first: "decided", second: "decided", **dict.fromkeys(others, "open")}


def test_a_victim_sees_where_the_case_stands(english: Journey) -> None:
    status = english.object("status")
    assert (status["case"], status["state"]) == (english.case, "active")
    assert status["pictures"] == 8
    assert status["matches"] == {"blocked": 1, "not_blocked": 1, "open": 3}
    human = english["status human"].text
    assert f"Case {english.case}: active: its hashes are being matched" in human
    assert "Found and blocked: 1" in human


def test_pictures_can_be_added_with_the_recovery_code(english: Journey) -> None:
    added = english.object("add")
    assert (added["case"], added["recovery_code"]) == (english.case, None)
    assert english["add by stdin"].code == 0
    assert f"adds pictures to case {english.case}: 1" in english["add by stdin"].text
    assert english.code not in english["add by stdin"].text
    outcomes = [(line["kind"], line["outcome"]) for line in english["intake additions"].lines]
    assert outcomes == [("addition", "added")] * 2
    # The mountains were reported and missed until now; two copies of the cat have found it before
    # and are like its tilted copy, too.
    assert sum(line["matches"] for line in english["intake additions"].lines) == 3
    assert [line["verdict"] for line in english["check added"].lines] == ["match", "match"]


def test_a_withdrawal_made_offline_erases_and_matches_no_more(english: Journey) -> None:
    offline = english.object("withdraw offline")
    assert offline == {"case": english.case, "withdrawal": "W.hashreg"}
    assert english.object("status unchanged")["state"] == "active"
    taken = english.object("intake withdrawal")
    assert (taken["kind"], taken["outcome"]) == ("withdrawal", "withdrawn")
    assert taken["pictures"] == 10
    assert english["check withdrawn"].code == 0
    assert {line["verdict"] for line in english["check withdrawn"].lines} == {"clear"}


def test_a_withdrawal_at_the_registry_works_at_once(english: Journey) -> None:
    assert english["check second"].code == 1
    assert english["withdraw here"].code == 0
    assert "Its hashes are deleted and match no more" in english["withdraw here"].text
    assert english["check second withdrawn"].code == 0


def test_purging_erases_withdrawn_cases(english: Journey) -> None:
    assert english.object("purge") == {
        "reports": 0,
        "cases": 2,
        "answers": 0,
        "probes": 0,
        "recalls": 0,
        "cleaned": True,
    }
    erased = english.object("status erased")
    assert (erased["state"], erased["pictures"], erased["matches"]) == ("erased", 0, {})


def test_the_counts_follow(english: Journey) -> None:
    stats = english.object("stats")
    assert stats["cases"] == {"active": 1}
    assert stats["pictures"] == 10
    # astronaut-messenger, cat-border, cat-tilted, canyon-mirror, two unrelated ones, officer-small
    assert stats["reports_kept"] == 7
    assert stats["verdicts"] == {"blocked": 1, "not_blocked": 1}
    assert "pictures: 10\n" in english["stats human"].text
    assert english.object("stats erased")["cases"] == {"erased": 2}
    assert english.object("stats erased")["pictures"] == 0


def test_files_with_secrets_can_be_read_by_their_owner_alone(english: Journey) -> None:
    for name in ("CASE.hashreg", "SECOND.hashreg", "ADD.hashreg", "W.hashreg", "registry.db"):
        assert stat.S_IMODE((english.folder / name).stat().st_mode) == 0o600


def test_a_submission_holds_nothing_of_the_files_but_hashes(english: Journey) -> None:
    for name in ("CASE.hashreg", "SECOND.hashreg", "ADD.hashreg", "W.hashreg"):
        content = TOKENS.sub(b"", (english.folder / name).read_bytes().lower())
        for original in (SAMPLES / "originals").iterdir():
            assert original.stem.encode() not in content
        for trace in (b"exif", b"jpg", b"png", b"originals", b"/", b"\\", str(SAMPLES).encode()):
            assert trace not in content


def test_no_secret_is_said_on_standard_error(english: Journey) -> None:
    keys = [english.object(f"{role} add")["key"] for role in ("platform", "moderator")]
    hashes = [item["hash"] for line in english["hash query"].lines for item in line["hashes"]]
    count = len(hashes)
    assert count > 10
    secrets = [secret.encode() for secret in (english.code, *keys, *hashes)]
    leaking = [step for step, done in english.items() if any(it in done.stderr for it in secrets)]
    assert leaking == []


def test_the_recovery_code_is_printed_once_and_kept_nowhere(english: Journey) -> None:
    printed = [step for step, done in english.items() if english.code.encode() in done.stdout]
    assert printed == ["register"]
    for file in english.folder.rglob("*"):
        if file.is_file():
            assert english.code.encode() not in file.read_bytes()
