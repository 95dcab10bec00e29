"""Contract of every store: holds on pictures, and the list of harmless pictures."""

import datetime as dt
from secrets import token_bytes

import pytest

from hashreg.model.cases import CaseState, new_case_number
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.records import (
    BenignId,
    BenignPicture,
    CaseId,
    CaseRecord,
    FingerprintId,
    Hold,
    HoldReason,
    PictureState,
)
from hashreg.model.submissions import PublicKeyHex
from hashreg.takedown.store import Store
from support.cases import DAY, NOW, picture, same, seeded

CASE = CaseId(b"c" * 16)


def hold(
    *,
    state: PictureState = PictureState.HELD,
    age: int = 0,
    case: CaseId = CASE,
    of: FingerprintId | None = None,
) -> Hold:
    name = of or FingerprintId(token_bytes(16))
    at = NOW - dt.timedelta(hours=age)
    return Hold(name, case, HoldReason.KNOWN_BENIGN, "고양이 \N{CAT}", state, at)


def put(store: Store, *holds: Hold) -> None:
    with store.write():
        for it in holds:
            store.holds.put(it)


def benign(note: str, fingerprint: Fingerprint, age: int = 0) -> BenignPicture:
    at = NOW - age * DAY
    return BenignPicture(BenignId(token_bytes(16)), note, fingerprint, at)


@pytest.mark.parametrize("reason", HoldReason)
@pytest.mark.parametrize("state", PictureState)
def test_a_hold_comes_back_as_it_was_put(
    store: Store, other: Store, reason: HoldReason, state: PictureState
) -> None:
    name = FingerprintId(token_bytes(16))
    kept = Hold(name, CASE, reason, "", state, NOW)
    put(store, kept, hold())
    for it in (store, other):
        with it.read():
            assert it.holds.find(name) == kept
            assert it.holds.find(FingerprintId(bytes(16))) is None


def test_a_hold_takes_the_place_of_the_one_on_its_picture(store: Store) -> None:
    first = hold()
    decided = hold(of=first.fingerprint_id, state=PictureState.REFUSED)
    put(store, first, decided)
    with store.read():
        assert list(store.holds.all(None)) == [decided]


@pytest.mark.parametrize("state", PictureState)
def test_holds_can_be_asked_for_by_state_or_all_oldest_first(
    store: Store, state: PictureState
) -> None:
    every = [hold(state=it, age=age) for age in (1, 3, 2) for it in PictureState]
    put(store, *every)
    oldest_first = sorted(every, key=lambda it: it.held_at)
    with store.read():
        assert list(store.holds.all(state)) == [it for it in oldest_first if it.state is state]
        found = list(store.holds.all(None))
    assert [it.held_at for it in found] == [it.held_at for it in oldest_first]


def test_holds_are_found_by_case(store: Store) -> None:
    mine, others = [hold(), hold(state=PictureState.ACTIVE)], hold(case=CaseId(b"d" * 16))
    put(store, *mine, others)
    with store.read():
        found = store.holds.of_case(CASE)
        assert store.holds.of_case(CaseId(bytes(16))) == []
    assert {it.fingerprint_id for it in found} == {it.fingerprint_id for it in mine}


def registered(store: Store, *pictures: Fingerprint) -> tuple[CaseId, list[FingerprintId]]:
    case_id = CaseId(token_bytes(16))
    case = CaseRecord(
        case_id, new_case_number(), CaseState.ACTIVE, PublicKeyHex("ab" * 32), "ef" * 32, NOW
    )
    with store.write():
        store.cases.add(case)
        return case_id, store.cases.add_fingerprints(case_id, pictures)


def test_a_picture_is_in_the_state_of_its_hold_and_active_without_one(store: Store) -> None:
    rng = seeded(1)
    _, ids = registered(store, *(picture(rng) for _ in range(4)))
    states = [PictureState.ACTIVE, PictureState.HELD, PictureState.REFUSED]
    put(store, *(hold(of=name, state=state) for name, state in zip(ids, states, strict=False)))
    expected = dict(zip(ids, [*states, PictureState.ACTIVE], strict=True))
    with store.read():
        found = [store.cases.fingerprint(name) for name in ids]
        everything = {it.fingerprint_id: it.state for it in store.cases.fingerprints()}
    assert [it and it.state for it in found] == list(expected.values())
    assert everything == expected


def test_erasing_a_cases_pictures_erases_its_holds_and_no_others(store: Store) -> None:
    rng = seeded(2)
    case, ids = registered(store, picture(rng), picture(rng))
    bystander, (theirs,) = registered(store, picture(rng))
    stays = hold(of=theirs, case=bystander)
    put(store, *(hold(of=it, case=case) for it in ids), stays)
    with store.write():
        store.cases.erase_fingerprints(case)
    with store.read():
        assert list(store.holds.all(None)) == [stays]


def test_harmless_pictures_come_back_oldest_first_bit_for_bit(store: Store, other: Store) -> None:
    rng = seeded(3)
    kept = [
        benign("고양이 \N{CAT}", picture(rng, ("whole", "mirror")), age=1),
        benign("", picture(rng), age=3),
        benign("old", picture(rng), age=2),
    ]
    with store.write():
        for it in kept:
            store.benign.add(it)
    for each in (store, other):
        with each.read():
            found = list(each.benign.all())
        assert [it.note for it in found] == ["", "old", "고양이 \N{CAT}"]
        assert same(found, [kept[1], kept[2], kept[0]])


def test_a_harmless_picture_is_removed_once_and_alone(store: Store) -> None:
    rng = seeded(4)
    gone, stays = benign("gone", picture(rng)), benign("stays", picture(rng))
    with store.write():
        store.benign.add(gone)
        store.benign.add(stays)
        assert store.benign.remove(gone.benign_id) is True
        assert store.benign.remove(gone.benign_id) is False
    with store.read():
        assert [it.note for it in store.benign.all()] == ["stays"]
