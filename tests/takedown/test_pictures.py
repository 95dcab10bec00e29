"""The pictures behind a matcher's numbers are those of its slow twin, a dictionary."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching.steps import at_every_step
from model.strategies import patient

from hashreg.matching import saved
from hashreg.model.records import CaseId, FingerprintId
from hashreg.takedown import pictures as pictures_module
from hashreg.takedown.pictures import ID_BYTES, Picture, Pictures
from support.cases import seeded

STEPS = ["add", "add", "remove", "keep", "reopen"]


def reopened(pictures: Pictures, folder: Path) -> Pictures:
    saved.save(folder, "pictures", pictures.parts(), None)
    return Pictures.of_parts(saved.load(folder, "pictures", None))


@given(st.integers(0, 2**32), st.lists(st.sampled_from(STEPS), max_size=14))
@settings(patient, max_examples=50)
def test_adding_removing_and_keeping_in_any_order_leaves_them_equal_to_their_twin(
    seed: int, steps: list[str]
) -> None:
    chance = seeded(seed)
    cases = [CaseId(chance.randbytes(ID_BYTES)) for _ in range(2)]
    pictures, twin, every, next_number = Pictures(), dict[int, Picture](), list[FingerprintId](), 0
    with tempfile.TemporaryDirectory() as folder:
        for step in [*steps, "reopen"]:
            if step == "add":
                count = chance.randrange(4)
                numbers = range(next_number, next_number + count)
                next_number += count + chance.randrange(2)
                ids = [FingerprintId(chance.randbytes(ID_BYTES)) for _ in numbers]
                every += ids
                new = [(chance.choice(cases), it) for it in ids]
                pictures.add(numbers, new)
                twin |= dict(zip(numbers, new, strict=True))
            elif step == "remove":
                gone = [FingerprintId(bytes(ID_BYTES)), *chance.choices(every or [b""], k=2)]
                expected = {number for number, it in twin.items() if it[1] in gone}
                removed = pictures.remove(FingerprintId(it) for it in gone)
                assert len(removed) == len(expected)
                assert set(removed) == expected
                twin = {number: it for number, it in twin.items() if number not in expected}
            elif step == "keep":
                pictures.parts()
            else:
                pictures = reopened(pictures, Path(folder))
                assert pictures._state.numbers.tolist() == list(twin)
            every_number = range(-1, next_number + 2)
            assert [pictures.get(it) for it in every_number] == [
                twin.get(it) for it in every_number
            ]


@pytest.mark.parametrize("reopen", [False, True])
def test_a_picture_that_comes_again_has_its_new_number(reopen: bool, tmp_path: Path) -> None:
    """As one does that was held and is admitted."""
    case, one, other = CaseId(b"c" * 16), FingerprintId(b"1" * 16), FingerprintId(b"2" * 16)
    pictures = Pictures()
    pictures.add([0, 1], [(case, one), (case, other)])
    if reopen:
        pictures = reopened(pictures, tmp_path)
    assert pictures.remove([one]) == [0]
    assert pictures.remove([one]) == []
    pictures.add([2], [(case, one)])
    if reopen:
        pictures = reopened(pictures, tmp_path)
    assert [pictures.get(it) for it in range(3)] == [None, (case, other), (case, one)]
    assert pictures.remove([one, other, one]) in ([1, 2], [2, 1])
    assert pictures.remove([]) == []


def test_at_every_step_of_a_writer_a_number_has_its_picture_or_none() -> None:
    """One that stays is always found, and one that is gone never stands for another."""

    def picture(number: int) -> Picture:
        return CaseId(number.to_bytes(ID_BYTES)), FingerprintId((99 - number).to_bytes(ID_BYTES))

    stays, goes, comes = [1, 5, 9], [0, 3, 10], range(11, 14)
    its = Pictures()
    its.add(sorted(stays + goes), [picture(it) for it in sorted(stays + goes)])

    def check() -> None:
        for number in range(20):
            found = its.get(number)
            assert found == picture(number) or (found is None and number not in stays)

    with at_every_step(check, pictures_module) as steps:
        its.add(comes, [picture(it) for it in comes])
        its.remove(picture(it)[1] for it in goes)
        its.parts()
    assert steps[0] > 100
    assert [it for it in range(20) if its.get(it)] == [*stays, *comes]
