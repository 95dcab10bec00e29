"""Contract of every store: cases, their fingerprints, documents and withdrawals."""

from secrets import token_bytes

import pytest

from hashreg.model.cases import CaseNumber, CaseState, new_case_number
from hashreg.model.errors import RegistryUnavailable
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.records import CaseId, CaseRecord, FingerprintId
from hashreg.model.submissions import PublicKeyHex
from hashreg.registry.cases import SqliteCases
from hashreg.takedown.store import Store
from support.cases import NOW, picture, same, seeded

KEY, OTHER_KEY = PublicKeyHex("ab" * 32), PublicKeyHex("cd" * 32)


def record(number: CaseNumber | None = None) -> CaseRecord:
    return CaseRecord(
        CaseId(token_bytes(16)),
        number or new_case_number(),
        CaseState.RECEIVED,
        KEY,
        "ef" * 32,
        NOW,
    )


def added(store: Store, *pictures: Fingerprint) -> CaseRecord:
    case = record()
    with store.write():
        store.cases.add(case)
        store.cases.add_fingerprints(case.case_id, pictures)
    return case


def test_a_case_comes_back_as_it_was_added(store: Store, other: Store) -> None:
    case, another = record(), record()
    with store.write():
        store.cases.add(case)
        store.cases.add(another)
    for it in (store, other):
        with it.read():
            assert it.cases.find(case.number) == case == it.cases.get(case.case_id)
            assert sorted(each.number for each in it.cases.all()) == sorted(
                [case.number, another.number]
            )
            assert it.cases.fingerprint_ids(case.case_id) == []


def test_a_case_that_is_not_there_is_none(store: Store) -> None:
    added(store)
    with store.read():
        assert store.cases.find(new_case_number()) is None


def test_a_number_is_taken_once(store: Store) -> None:
    case = added(store)
    with pytest.raises(RegistryUnavailable), store.write():
        store.cases.add(record(case.number))
    with store.read():
        assert list(store.cases.all()) == [case]


@pytest.mark.parametrize("state", [None, CaseState.RECEIVED, CaseState.HELD])
def test_pages_of_cases_go_by_number(store: Store, state: CaseState | None) -> None:
    numbers = [added(store).number for _ in range(12)]
    with store.write():
        for number in numbers[::3]:
            case = store.cases.find(number)
            assert case is not None
            store.cases.set_state(case.case_id, CaseState.HELD)
    with store.read():
        every = sorted(store.cases.all(), key=lambda case: case.number)
        wanted = [case for case in every if state in (None, case.state)]
        assert store.cases.page(state, None, 100) == wanted
        for after in every:
            following = [case for case in wanted if case.number > after.number]
            assert store.cases.page(state, after.number, 3) == following[:3]


@pytest.mark.parametrize("state", CaseState)
def test_every_state_can_be_kept_and_touches_no_other_case(store: Store, state: CaseState) -> None:
    case, bystander = added(store), added(store)
    with store.write():
        store.cases.set_state(case.case_id, state)
    with store.read():
        assert store.cases.get(case.case_id).state is state
        assert store.cases.get(bystander.case_id) == bystander


def test_fingerprints_come_back_bit_for_bit(store: Store, other: Store) -> None:
    rng = seeded(1)
    bare = Fingerprint((HashItem(Algorithm.PDQ, "window:c80", "5a" * 32, None),), None, "video")
    kept = [picture(rng, ("whole", "mirror")), bare]
    case = added(store, *kept)
    added(store, picture(rng))
    for it in (store, other):
        with it.read():
            ids = it.cases.fingerprint_ids(case.case_id)
            found = [it.cases.fingerprint(fingerprint_id) for fingerprint_id in ids]
            everything = {each.fingerprint_id: each for each in it.cases.fingerprints()}
        assert same([each and each.fingerprint for each in found], kept)
        assert all(each and each.case_id == case.case_id for each in found)
        assert len(everything) == 3
        assert same([everything[fingerprint_id] for fingerprint_id in ids], found)


def test_more_fingerprints_join_those_that_are_there(store: Store) -> None:
    rng = seeded(2)
    case = added(store, picture(rng))
    with store.write():
        (first,) = store.cases.fingerprint_ids(case.case_id)
        more = store.cases.add_fingerprints(case.case_id, [picture(rng), picture(rng)])
    with store.read():
        assert store.cases.fingerprint_ids(case.case_id) == [first, *more]
    assert len({first, *more}) == 3


def test_erasing_deletes_all_hashes_of_one_case_and_none_of_others(store: Store) -> None:
    rng = seeded(3)
    case, bystander = added(store, picture(rng), picture(rng)), added(store, picture(rng))
    with store.write():
        ids = store.cases.fingerprint_ids(case.case_id)
        assert store.cases.erase_fingerprints(case.case_id) == ids
    with store.read():
        assert store.cases.fingerprint_ids(case.case_id) == []
        assert [store.cases.fingerprint(fingerprint_id) for fingerprint_id in ids] == [None, None]
        assert {each.case_id for each in store.cases.fingerprints()} == {bystander.case_id}
    with store.write():
        assert store.cases.erase_fingerprints(case.case_id) == []


def test_pictures_are_counted_without_looking_at_them(store: Store, other: Store) -> None:
    with store.read():
        assert store.cases.count_fingerprints() == 0
    rng = seeded(30)
    first = added(store, picture(rng), picture(rng))
    added(store, picture(rng))
    for it in (store, other):
        with it.read():
            assert it.cases.count_fingerprints() == 3 == len(list(it.cases.fingerprints()))
    with store.write():
        store.cases.erase_fingerprints(first.case_id)
        assert store.cases.count_fingerprints() == 1


def test_a_fingerprint_that_is_not_there_is_none(store: Store) -> None:
    added(store, picture(seeded(4)))
    with store.read():
        assert store.cases.fingerprint(FingerprintId(bytes(16))) is None


def test_documents_are_remembered_until_their_case_is_erased(store: Store) -> None:
    case, bystander = added(store), added(store)
    with store.write():
        store.cases.add_document("11" * 32, case.case_id, NOW)
        store.cases.add_document("22" * 32, case.case_id, NOW)
        store.cases.add_document("33" * 32, bystander.case_id, NOW)
    with store.read():
        assert [store.cases.knows_document(it * 32) for it in ("11", "22", "33", "44")] == [
            True,
            True,
            True,
            False,
        ]
    with store.write():
        store.cases.erase(case.case_id)
    with store.read():
        assert [store.cases.knows_document(it * 32) for it in ("11", "22", "33")] == [
            False,
            False,
            True,
        ]
        erased = store.cases.get(case.case_id)
        assert (erased.public_key, erased.document) == ("", "")
        assert (erased.number, erased.received_at) == (case.number, NOW)
        assert store.cases.get(bystander.case_id) == bystander


def test_a_tombstone_holds_for_its_number_and_key_only_and_for_good(store: Store) -> None:
    case = added(store)
    number = case.number
    with store.write():
        store.cases.add_tombstone(number, KEY, NOW)
        store.cases.add_tombstone(number, KEY, NOW)
        store.cases.erase(case.case_id)
    with store.read():
        assert store.cases.has_tombstone(number, KEY)
        assert not store.cases.has_tombstone(number, OTHER_KEY)
        assert not store.cases.has_tombstone(new_case_number(), KEY)
    with store.write():
        store.cases.add_tombstone(number, OTHER_KEY, NOW)
    with store.read():
        assert store.cases.has_tombstone(number, KEY)
        assert store.cases.has_tombstone(number, OTHER_KEY)


def test_of_an_erased_case_nobody_looks_through_all_pictures(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking where a withdrawn case stands takes no longer in a large registry."""
    case = added(store, picture(seeded(40)))
    with store.write():
        store.cases.erase_fingerprints(case.case_id)
    monkeypatch.setattr(SqliteCases, "_linked_to", None)
    with store.read():
        assert store.cases.fingerprint_ids(case.case_id) == []
