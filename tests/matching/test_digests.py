"""The table of digests finds whom its slow twin, a dictionary, finds."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient

from hashreg.matching import saved
from hashreg.matching.digests import KEY_BYTES, DigestTable
from matching.codes import rows, seeded

SIZES = (16, 32)
STEPS = ["add", "add", "remove", "reopen"]


def pool(size: int, seed: int) -> list[bytes]:
    """Return digests of which some have the same beginning, and some the same end."""
    chance = seeded(seed)
    begins = [chance.randbytes(KEY_BYTES) for _ in range(2)]
    ends = [chance.randbytes(size - KEY_BYTES) for _ in range(3)]
    edges = [bytes(size), b"\xff" * size, b"\xff" * KEY_BYTES + ends[0]]
    return [*(begin + end for begin in begins for end in ends), *edges]


def owners(table: DigestTable, digest: bytes) -> list[int]:
    """Return who has this digest, in order."""
    return sorted(table.find(rows([digest], len(digest)))[1].tolist())


def reopened(table: DigestTable, folder: Path) -> DigestTable:
    saved.save(folder, "digests", table.parts(), None)
    return DigestTable.of_parts(saved.load(folder, "digests", None))


@given(st.integers(0, 2**32), st.sampled_from(SIZES), st.lists(st.sampled_from(STEPS), max_size=12))
@settings(patient, max_examples=50)
def test_adding_removing_and_saving_in_any_order_leaves_the_table_equal_to_its_twin(
    seed: int, size: int, steps: list[str]
) -> None:
    chance, digests = seeded(seed), pool(size, seed)
    table, twin, next_owner = DigestTable(size), dict[int, bytes](), 0
    with tempfile.TemporaryDirectory() as folder:
        for step in [*steps, "reopen"]:
            if step == "add":
                new = {
                    next_owner + 2 * n: chance.choice(digests) for n in range(chance.randrange(5))
                }
                next_owner += 10
                table.add(list(new.items()))
                twin |= new
            elif step == "remove":
                gone = [chance.randrange(next_owner + 2) for _ in range(4)]
                table.remove(np.array(gone, np.int64))
                twin = {owner: it for owner, it in twin.items() if owner not in gone}
            else:
                table = reopened(table, Path(folder))
            assert len(table) == len(twin)
            for digest in digests:
                found = owners(table, digest)
                assert found == [owner for owner, it in twin.items() if it == digest]
            asked = [*digests, chance.randbytes(size), *digests[:2]]
            numbers, found_all = table.find(rows(asked, size))
            pairs = sorted(zip(numbers.tolist(), found_all.tolist(), strict=True))
            assert pairs == sorted(
                (n, owner)
                for n, it in enumerate(asked)
                for owner, other in twin.items()
                if it == other
            )
            every = range(-1, next_owner + 2)
            assert [it for it in every if table.has(it)] == list(twin)


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_table_has_nobody(size: int, tmp_path: Path) -> None:
    table = DigestTable(size)
    table.add([])
    for it in (table, reopened(table, tmp_path)):
        assert len(it) == 0
        assert owners(it, bytes(size)) == []
        assert not it.has(0)
        it.remove(np.arange(3))


@pytest.mark.parametrize("reopen", [False, True])
def test_removed_digests_are_gone_from_memory_and_from_the_files(
    reopen: bool, tmp_path: Path
) -> None:
    digests = [seeded(number).randbytes(32) for number in range(5)]
    table = DigestTable(32)
    table.add(list(enumerate(digests)))
    if reopen:
        table = reopened(table, tmp_path)
    before = table._state.digests
    table.remove(np.array([3]))
    assert not before[3].any()
    held = digests[3][:KEY_BYTES] in b"".join(it.tobytes() for it in table._state)
    assert not held
    saved.save(tmp_path, "digests", table.parts(), None)
    content = b"\n".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [it[place:][:8] in content for it in digests for place in (0, 24)] == (
        [True] * 6 + [False] * 2 + [True] * 2
    )
