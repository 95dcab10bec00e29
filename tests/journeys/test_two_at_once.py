"""Two programs write to one registry at the same moment: both succeed."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hashreg.client import keys
from support.cases import Victim, picture, seeded
from support.journey import Journey
from support.program import Done


def test_two_intakes_and_two_reports_at_once_all_succeed(
    folder: Callable[[], Journey], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)
    journey, rng = folder(), seeded(1)
    originals = [picture(rng) for _ in range(40)]
    files: list[list[Path]] = [[], []]
    for number, original in enumerate(originals):
        file = journey.folder / f"{number}.hashreg"
        file.write_bytes(Victim().submission(original).to_bytes())
        files[number % 2].append(file)
    for name in ("a", "b"):
        lines = [
            json.dumps({"content_id": f"{name}{n}", "hashes": [it.as_json() for it in p.hashes]})
            for n, p in enumerate(originals)
        ]
        (journey.folder / f"{name}.jsonl").write_text("\n".join(lines))
    reporting = ("report", "--platform", "examplegram", "--json")
    work: list[tuple[str | Path, ...]] = [
        ("intake", *files[0], "--json"),
        (*reporting, "a.jsonl"),
        ("intake", *files[1], "--json"),
        (*reporting, "b.jsonl"),
    ]

    def run(step: int) -> Done:
        return journey.go(str(step), *work[step])

    with ThreadPoolExecutor(len(work)) as threads:
        done = list(threads.map(run, range(len(work))))
    assert [it.stderr for it in done] == [b""] * 4
    assert [it.code for it in done[::2]] == [0, 0]
    assert [len(it.lines) for it in done] == [20, 40, 20, 40]
    assert {line["outcome"] for it in done[::2] for line in it.lines} == {"taken_in"}
    # Whichever came first, a case found the report or the report found the case, and once.
    stats = journey.go("stats", "stats", "--json").lines[0]
    assert stats["cases"] == {"active": 40}
    assert stats["reports_kept"] == 80
    assert stats["matches"] == {"open": 80}
