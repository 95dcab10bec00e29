"""Each file gets its verdict, in order, whoever is asked."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hashreg.client import check as check_module
from hashreg.client.check import CheckedFile, FileVerdict, check_files
from hashreg.hashing import fingerprint
from hashreg.matching import Matcher
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Explanation, FoundMatch, Tier
from support.program import SAMPLES

ORIGINALS = SAMPLES / "originals"


@dataclass
class InMemory:
    """A look-up without any registry; it remembers how many were asked about at once."""

    matcher: Matcher
    asked: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, *paths: Path) -> "InMemory":
        return cls(Matcher.of(fingerprint(path, views="register") for path in paths))

    def lookup(self, fingerprints: Sequence[Fingerprint]) -> list[list[FoundMatch]]:
        self.asked.append(len(fingerprints))
        return [[FoundMatch(hit) for hit in hits] for hits in self.matcher.find_many(fingerprints)]


def verdicts(checked: Sequence[CheckedFile]) -> list[str]:
    return [it.verdict.value for it in checked]


def test_every_kind_of_file_gets_its_verdict_in_order(tmp_path: Path) -> None:
    files = [
        SAMPLES / "edited" / "astronaut-messenger.jpg",
        SAMPLES / "unrelated" / "alps.jpg",
        SAMPLES / "odd" / "blank.png",
        SAMPLES / "odd" / "not-a-picture.jpg",
        ORIGINALS / "astronaut.jpg",
        tmp_path / "missing.jpg",
        SAMPLES / "edited" / "astronaut-mirror.jpg",
    ]
    lookup = InMemory.of(ORIGINALS / "astronaut.jpg", ORIGINALS / "boats.jpg")
    checked = list(check_files(files, lookup, workers=2))
    assert [it.path for it in checked] == files
    assert verdicts(checked) == [
        "match",
        "clear",
        "unchecked",
        "unreadable",
        "match",
        "unreadable",
        "match",
    ]
    assert lookup.asked == [5]
    assert [it.error.code if it.error else None for it in checked] == [
        None,
        None,
        "too_plain",
        "not_a_picture",
        None,
        "missing",
        None,
    ]
    assert [len(it.matches) for it in checked] == [1, 0, 0, 0, 1, 0, 1]
    assert checked[4].matches[0].explanation.distance == 0
    assert checked[6].matches[0].explanation.query_view == "mirror"


def test_a_file_that_is_only_possibly_the_same_is_for_review() -> None:
    class Unsure:
        def lookup(self, fingerprints: Sequence[Fingerprint]) -> list[list[FoundMatch]]:
            why = Explanation(
                Tier.REVIEW, Algorithm.PDQ, 40, "whole", "whole", 1, None, suspicious=False
            )
            return [[FoundMatch(why)] for _ in fingerprints]

    checked = list(check_files([ORIGINALS / "boats.jpg"], Unsure(), workers=1))
    assert verdicts(checked) == ["review"]
    assert checked[0].error is None


def test_a_blank_picture_whose_very_file_is_registered_matches() -> None:
    blank = SAMPLES / "odd" / "blank.png"
    checked = list(check_files([blank], InMemory.of(blank), workers=1))
    assert verdicts(checked) == ["match"]
    assert checked[0].matches[0].explanation.algorithm == "sha256"


def test_more_files_than_are_asked_about_at_once_are_all_answered_in_order(
    tmp_path: Path,
) -> None:
    assert check_module.BATCH == 64
    kinds = [
        ORIGINALS / "rocket.jpg",
        SAMPLES / "odd" / "broken.jpg",
        SAMPLES / "odd" / "blank.png",
    ]
    files = []
    for number in range(133):
        files.append(tmp_path / f"{number}.jpg")
        shutil.copy(kinds[number % 3], files[-1])
    lookup = InMemory.of(ORIGINALS / "rocket.jpg")
    checked = list(check_files(files, lookup, workers=2))
    assert [it.path for it in checked] == files
    expected = ["match", "unreadable", "unchecked"]
    assert verdicts(checked) == [expected[number % 3] for number in range(133)]
    assert len(lookup.asked) == 3
    assert sum(lookup.asked) == sum(number % 3 != 1 for number in range(133))


def test_nobody_is_asked_where_no_file_could_be_hashed(tmp_path: Path) -> None:
    lookup = InMemory(Matcher())
    checked = list(check_files([tmp_path / "a", tmp_path / "b"], lookup, workers=1))
    assert verdicts(checked) == ["unreadable"] * 2
    assert lookup.asked == []
    assert list(check_files([], lookup, workers=1)) == []


def test_answers_come_while_later_files_are_still_to_be_hashed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check_module, "BATCH", 2)
    taken = []

    def files() -> Iterator[Path]:
        for number in range(60):
            taken.append(number)
            yield ORIGINALS / "rocket.jpg"

    answers = check_files(files(), InMemory(Matcher()), workers=1)
    assert next(answers).verdict is FileVerdict.CLEAR
    assert len(taken) < 20


def test_a_line_of_check_has_the_fields_of_the_design() -> None:
    files = [ORIGINALS / "astronaut.jpg", SAMPLES / "odd" / "broken.jpg"]
    lookup = InMemory.of(files[0])
    good, broken = (
        json.loads(json.dumps(it.as_json(it.path.name)))
        for it in check_files(files, lookup, workers=1)
    )
    assert set(good) == set(broken) == {"file", "verdict", "quality", "matches", "error"}
    assert (good["file"], good["verdict"], good["error"]) == ("astronaut.jpg", "match", None)
    assert good["matches"][0]["ticket"] is None
    assert (broken["verdict"], broken["quality"], broken["matches"]) == ("unreadable", None, [])
    assert set(broken["error"]) == {"code", "message"}


def test_the_verdicts_are_those_of_the_design() -> None:
    assert {verdict.value for verdict in FileVerdict} == {
        "match",
        "review",
        "clear",
        "unchecked",
        "unreadable",
    }
