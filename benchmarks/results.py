"""The numbers of a run, and how they are saved: JSON with a line for each edit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from falsehits import FalseHits, Framed
from portraits import Portraits
from recall import Cell
from tail import Fit

Json = Mapping[str, Any]

SETS = ("cameras", "free")
"""The sets of photos that the page tells of, the more telling one first."""
OTHERS = ("forgeries", "hard")
"""What ``forgeries.py`` and ``hard_pairs.py`` save with ``--json``."""


@dataclass(frozen=True, slots=True)
class Tail:
    """How many pairs have their smallest distance in each bin of two bits, and the fits."""

    pairs: int
    counts: Sequence[int]
    fits: Sequence[Fit]


@dataclass(frozen=True, slots=True)
class Measured:
    """All numbers of a run. ``edits`` by name, in the suite's order."""

    photos: int
    other_photos: int
    seed: int
    made_with: str
    registered_hashes: float
    asked_hashes: float
    edits: Mapping[str, Cell]
    false_hits: Sequence[FalseHits]
    tail: Tail | None = None
    framed: Sequence[Framed] = field(default_factory=tuple)
    portraits: Portraits | None = None


def save(result: Measured, path: Path) -> None:
    """Write a result."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_lines(asdict(result), 2) + "\n", encoding="utf-8")


def load(path: Path) -> Measured:
    """Read a result that ``save`` wrote."""
    data = dict(json.loads(path.read_text(encoding="utf-8")))
    data["edits"] = {name: Cell(**cell) for name, cell in data["edits"].items()}
    data["false_hits"] = [FalseHits(**it) for it in data["false_hits"]]
    data["framed"] = [Framed(**it) for it in data["framed"]]
    data["tail"] = _tail(data["tail"]) if data["tail"] else None
    data["portraits"] = Portraits(**data["portraits"]) if data["portraits"] else None
    return Measured(**data)


def measured(folder: Path) -> dict[str, Measured]:
    """Return the results that are saved there, by name; raises FileNotFoundError without any."""
    files = {name: folder / f"{name}.json" for name in SETS}
    sets = {name: load(path) for name, path in files.items() if path.exists()}
    if not sets:
        raise FileNotFoundError(f"{folder} holds none of {', '.join(SETS)} (.json)")
    return sets


def others(folder: Path) -> dict[str, Json]:
    """Return what other benchmarks saved there, by name; those that nobody ran are left out."""
    files = {name: folder / f"{name}.json" for name in OTHERS}
    return {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name, path in files.items()
        if path.exists()
    }


def _tail(data: Json) -> Tail:
    return Tail(data["pairs"], data["counts"], [_fit(it) for it in data["fits"]])


def _fit(data: Json) -> Fit:
    shares = {
        name: {int(radius): share for radius, share in data[name].items()}
        for name in ("within", "high")
    }
    return Fit(**{**data, **shares})


def _lines(value: object, depth: int) -> str:
    """Return JSON whose outer levels have a line for each entry."""
    if depth and value and isinstance(value, Mapping):
        entries = [f"{json.dumps(key)}: {_lines(it, depth - 1)}" for key, it in value.items()]
        return "{\n" + ",\n".join(entries) + "\n}"
    if depth and value and isinstance(value, Sequence) and isinstance(value[0], Mapping):
        return "[\n" + ",\n".join(json.dumps(it) for it in value) + "\n]"
    return json.dumps(value)
