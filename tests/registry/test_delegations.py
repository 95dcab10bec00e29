"""Contract of every store: which helpers may act for which cases."""

import datetime as dt
from itertools import product

import pytest

from hashreg.model.names import HelperName
from hashreg.model.records import CaseId, Delegation
from hashreg.takedown.store import Store
from support.cases import DAY, NOW

CASE, ANOTHER = CaseId(b"c" * 16), CaseId(b"d" * 16)
CENTRE, LINE = HelperName("도움 센터"), HelperName("help line")
MOMENTS = [None, NOW]
DAYS = [None, dt.date(2026, 5, 4)]


def put(store: Store, *delegations: Delegation) -> None:
    with store.write():
        for it in delegations:
            store.delegations.put(it)


@pytest.mark.parametrize(("given", "revoked", "on"), list(product(MOMENTS, MOMENTS, DAYS)))
def test_a_delegation_comes_back_as_it_was_put(
    store: Store,
    other: Store,
    given: dt.datetime | None,
    revoked: dt.datetime | None,
    on: dt.date | None,
) -> None:
    kept = Delegation(CASE, CENTRE, given, revoked, on)
    put(store, kept)
    for it in (store, other):
        with it.read():
            assert it.delegations.find(CASE, CENTRE) == kept
    assert kept.is_active is (given is not None and revoked is None)


def test_each_case_and_helper_has_one(store: Store) -> None:
    first = Delegation(CASE, CENTRE, NOW)
    later = Delegation(CASE, CENTRE, NOW, NOW + DAY, NOW.date())
    others = [Delegation(CASE, LINE, NOW), Delegation(ANOTHER, CENTRE, NOW)]
    put(store, first, *others, later)
    with store.read():
        assert store.delegations.find(CASE, CENTRE) == later
        assert store.delegations.of_case(CASE) == [others[0], later]
        assert store.delegations.of_case(ANOTHER) == others[1:]
        assert store.delegations.find(ANOTHER, LINE) is None
        assert store.delegations.of_case(CaseId(bytes(16))) == []


def test_erasing_a_case_erases_its_delegations_only(store: Store) -> None:
    stays = Delegation(ANOTHER, CENTRE, NOW)
    put(store, Delegation(CASE, CENTRE, NOW), Delegation(CASE, LINE), stays)
    with store.write():
        store.cases.erase(CASE)
    with store.read():
        assert store.delegations.of_case(CASE) == []
        assert store.delegations.of_case(ANOTHER) == [stays]
