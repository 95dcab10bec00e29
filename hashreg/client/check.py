"""Checking files: hash them here, ask somebody who knows, and give each file its verdict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from hashreg.hashing.workers import HashedFile, hash_files
from hashreg.model.errors import HashregError
from hashreg.model.fingerprints import Fingerprint, too_plain
from hashreg.model.matches import FoundMatch, Tier

BATCH = 64
"""Files asked about at once."""


class Lookup(Protocol):
    """Whoever knows what is registered: a local registry or, over the network, a server."""

    def lookup(self, fingerprints: Sequence[Fingerprint]) -> list[list[FoundMatch]]:
        """Return the matches of each fingerprint, one for each case, best first."""
        ...


class FileVerdict(StrEnum):
    """What a check says of a file."""

    MATCH = "match"
    REVIEW = "review"
    CLEAR = "clear"
    UNCHECKED = "unchecked"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file's verdict; ``error`` says why it is unchecked or unreadable."""

    path: Path
    verdict: FileVerdict
    quality: int | None
    matches: Sequence[FoundMatch]
    error: HashregError | None

    def as_json(self, name: str) -> dict[str, object]:
        """Return the line that `hashreg check --json` prints, with the file's printable name."""
        return {
            "file": name,
            "verdict": self.verdict.value,
            "quality": self.quality,
            "matches": [match.as_json() for match in self.matches],
            "error": self.error.as_json() if self.error else None,
        }


def check_files(
    paths: Iterable[Path], lookup: Lookup, *, workers: int | None = None
) -> Iterator[CheckedFile]:
    """Check files in order; one that can't be hashed gets its own verdict and the rest goes on."""
    batch: list[HashedFile] = []
    for hashed in hash_files(paths, "query", workers=workers, look=True):
        batch.append(hashed)
        if len(batch) >= BATCH:
            yield from _checked(batch, lookup)
            batch = []
    yield from _checked(batch, lookup)


def _checked(batch: Sequence[HashedFile], lookup: Lookup) -> Iterator[CheckedFile]:
    asked = [hashed.result for hashed in batch if isinstance(hashed.result, Fingerprint)]
    answers = iter(lookup.lookup(asked) if asked else [])
    for hashed in batch:
        result = hashed.result
        if isinstance(result, Fingerprint):
            yield _verdict(hashed.path, result, next(answers))
        else:
            yield CheckedFile(hashed.path, FileVerdict.UNREADABLE, None, (), result)


def _verdict(path: Path, asked: Fingerprint, matches: Sequence[FoundMatch]) -> CheckedFile:
    if matches:
        best = matches[0].explanation.tier
        verdict = FileVerdict.MATCH if best is Tier.MATCH else FileVerdict.REVIEW
        return CheckedFile(path, verdict, asked.quality, matches, None)
    if not asked.is_comparable:
        return CheckedFile(path, FileVerdict.UNCHECKED, asked.quality, (), too_plain(asked))
    return CheckedFile(path, FileVerdict.CLEAR, asked.quality, (), None)
