"""Who asks nearly the same about a picture again and again is told nothing more of it."""

from pathlib import Path

import pytest

from hashreg.matching import policy
from hashreg.model.errors import NotFound, Refused, RegistryUnavailable
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.people import Principal, Role
from hashreg.model.records import EventKind, FingerprintId, ProbingState
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown import budget
from hashreg.takedown.budget import Asking, Budgets, asker_of, probings, release
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import revoke_person
from hashreg.takedown.purge import purge
from hashreg.takedown.report import Compared, compare, keep
from hashreg.takedown.review import queue
from hashreg.takedown.tickets import ticket_of, tickets_of
from support.asking import item
from support.cases import DAY, NOW, Victim, copy_of, only_pdq, picture, seeded
from support.sqlite import raw

BADA, OTHER = "platform:bada", "platform:examplegram"
PICTURE = picture(seeded(1))
WARNED, LOCKED = policy.PROBES_WARNED, policy.PROBES_LOCKED


@pytest.fixture(autouse=True)
def victim(store: SqliteStore, index: RegistryIndex) -> Victim:
    victim = Victim()
    take_in(store, victim.submission(PICTURE), NOW)
    with store.read():
        index.refresh(store)
    return victim


@pytest.fixture
def budgets(store: SqliteStore) -> Budgets:
    with store.read():
        return Budgets.of(store)


@pytest.fixture
def name(store: SqliteStore) -> FingerprintId:
    with store.read():
        (registered,) = store.cases.fingerprints()
    return registered.fingerprint_id


def probe(number: int, bits: int = 5) -> Fingerprint:
    """Return a copy of the picture that is no other's equal."""
    return copy_of(PICTURE, seeded(1000 + number), bits)


def miss(number: int) -> Fingerprint:
    """Return a question that comes near the picture and finds nothing."""
    return only_pdq(probe(number, policy.REVIEW_RADIUS + 3))


def told(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, asked: Fingerprint, by: str = BADA
) -> bool:
    """Ask, and tell whether the answer says that something is found."""
    (hits,) = index.find_many([asked])
    pictures = frozenset(hit.fingerprint_id for hit in hits)
    with store.read():
        (withheld,) = budgets.judge(store, by, [Asking(asked, pictures)])
    return bool(pictures - withheld)


def spend(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, count: int, by: str = BADA
) -> int:
    """Ask so many different questions, keep the counts, and return how many were answered."""
    answered = sum(told(store, index, budgets, probe(at), by) for at in range(count))
    budgets.write_down(store, NOW)
    return answered


def test_so_many_different_questions_are_answered_and_no_more(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, name: FingerprintId
) -> None:
    assert spend(store, index, budgets, WARNED - 1) == WARNED - 1
    assert probings(store, everything=True) == []
    assert spend(store, index, budgets, WARNED) == WARNED
    (warned,) = probings(store, everything=True)
    assert (warned.asker, warned.fingerprint_id, warned.state) == (BADA, name, ProbingState.WARNED)
    assert spend(store, index, budgets, LOCKED) == LOCKED
    assert probings(store) == []
    assert not told(store, index, budgets, probe(LOCKED))
    budgets.write_down(store, NOW)
    (locked,) = probings(store)
    assert (locked.asker, locked.state) == (BADA, ProbingState.LOCKED)
    assert not told(store, index, budgets, PICTURE), "also what was answered before"
    assert told(store, index, budgets, PICTURE, OTHER), "another asker is not concerned"


def test_the_same_question_counts_once(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets
) -> None:
    assert all(told(store, index, budgets, PICTURE) for _ in range(2 * LOCKED))


def test_misses_near_the_picture_count(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets
) -> None:
    """One hit, then questions just beyond what is answered: that is how bits are found out."""
    assert told(store, index, budgets, PICTURE)
    for number in range(LOCKED):
        assert not told(store, index, budgets, miss(number))
    assert not told(store, index, budgets, PICTURE)


def test_what_is_far_from_the_picture_does_not_count(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets
) -> None:
    assert told(store, index, budgets, PICTURE)
    for number in range(2 * LOCKED):
        assert not told(store, index, budgets, picture(seeded(5000 + number)))
    assert told(store, index, budgets, PICTURE)


def test_all_questions_of_one_call_are_counted_in_their_order(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, name: FingerprintId
) -> None:
    found = index.find_many([PICTURE])
    assert found[0][0].fingerprint_id == name
    asked = [Asking(probe(number), frozenset({name})) for number in range(2 * LOCKED)]
    with store.read():
        withheld = budgets.judge(store, BADA, asked)
    assert [bool(it) for it in withheld] == [False] * LOCKED + [True] * LOCKED


def test_a_restart_forgets_no_count(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets
) -> None:
    spend(store, index, budgets, LOCKED)
    with store.read():
        again = Budgets.of(store)
    assert told(store, index, again, probe(0))
    assert not told(store, index, again, probe(LOCKED))
    again.write_down(store, NOW)
    with store.read():
        third = Budgets.of(store)
    assert not told(store, index, third, probe(0))


def test_a_restart_still_counts_misses(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets
) -> None:
    spend(store, index, budgets, 1)
    with store.read():
        again = Budgets.of(store)
    for number in range(LOCKED):
        assert not told(store, index, again, miss(number))
    assert not told(store, index, again, PICTURE)


def test_what_can_not_be_kept_is_kept_the_next_time(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(budget, "_keep", _fails)
        with pytest.raises(RegistryUnavailable):
            spend(store, index, budgets, LOCKED + 1)
    assert budgets.is_urgent
    budgets.write_down(store, NOW)
    assert len(probings(store)) == 1


def _fails(*_: object) -> None:
    raise OSError("the disk is full")


def test_a_moderator_releases_an_asker(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, name: FingerprintId
) -> None:
    spend(store, index, budgets, LOCKED + 1)
    with pytest.raises(NotFound):
        release(store, OTHER, name, "kim", NOW)
    with pytest.raises(NotFound):
        release(store, BADA, name, "nobody", NOW)
    release(store, BADA, name, "kim", NOW)
    with store.read():
        budgets.follow(store)
        steps = [(it.kind, it.actor, it.detail) for it in store.events.after(0, _KINDS)]
    assert steps == [
        (EventKind.PROBING_WARNED, "policy", BADA),
        (EventKind.PROBING_LOCKED, "policy", BADA),
        (EventKind.PROBING_RELEASED, "kim", BADA),
    ]
    assert spend(store, index, budgets, LOCKED) == LOCKED
    assert not told(store, index, budgets, probe(LOCKED))


_KINDS = (EventKind.PROBING_WARNED, EventKind.PROBING_LOCKED, EventKind.PROBING_RELEASED)


def test_a_revoked_moderator_releases_nobody(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, name: FingerprintId
) -> None:
    spend(store, index, budgets, LOCKED + 1)
    revoke_person(store, Role.MODERATOR, "kim", NOW)
    with pytest.raises(Refused):
        release(store, BADA, name, "kim", NOW)
    assert len(probings(store)) == 1


def reported(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, numbers: range
) -> list[str | None]:
    """Report content; return each ticket that the platform is told."""

    def judge(compared: Compared) -> list[frozenset[FingerprintId]]:
        asked = [
            Asking(it.fingerprint, frozenset(hit.fingerprint_id for hit in hits))
            for it, hits in zip(compared.reports, compared.found, strict=True)
        ]
        return budgets.judge(store, BADA, asked)

    items = [item(str(number), probe(number)) for number in numbers]
    compared = compare(index, items)
    with store.write():
        _, results = keep(store, index, "bada", compared, NOW, DAY, judge)
    budgets.write_down(store, NOW)
    return [it.matches[0].ticket if it.matches else None for it in results]


def test_what_is_reported_by_who_is_locked_out_waits_in_the_queue_all_the_same(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets, name: FingerprintId
) -> None:
    tickets = reported(store, index, budgets, range(LOCKED + 6))
    assert [bool(it) for it in tickets] == [True] * LOCKED + [False] * 6
    assert len(queue(store)) == LOCKED + 6, "people see all of it"
    shown, _ = tickets_of(store, "bada", None, None, 1000)
    assert len(shown) == LOCKED, "the platform's own list does not tell, either"
    (hidden, *_) = (it.match.ticket for it in queue(store) if it.match.withheld)
    with pytest.raises(NotFound):
        ticket_of(store, "bada", hidden)
    assert reported(store, index, budgets, range(1)) == [None], "nor a report that is sent again"
    assert release(store, BADA, name, "kim", NOW) == 6
    assert len(tickets_of(store, "bada", None, None, 1000)[0]) == LOCKED + 6


def test_a_withdrawal_forgets_what_was_asked(
    store: SqliteStore, path: Path, index: RegistryIndex, budgets: Budgets, victim: Victim
) -> None:
    spend(store, index, budgets, LOCKED + 1)
    take_in(store, victim.withdrawal(), NOW)
    with store.read():
        budgets.follow(store)
        index.refresh(store)
    assert not told(store, index, budgets, PICTURE)
    told(store, index, budgets, probe(LOCKED + 1))
    budgets.write_down(store, NOW)
    with raw(path) as connection:
        for table in ("probes", "probings"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608


def test_questions_are_forgotten_in_time_and_locks_are_not(
    store: SqliteStore, index: RegistryIndex, budgets: Budgets
) -> None:
    spend(store, index, budgets, 3)
    spend(store, index, budgets, LOCKED + 1, OTHER)
    assert purge(store, NOW + 90 * DAY, clean=False).probes == 0
    assert purge(store, NOW + 91 * DAY, clean=False).probes == 3 + LOCKED + 1
    with store.read():
        again = Budgets.of(store)
    assert told(store, index, again, PICTURE, BADA)
    assert not told(store, index, again, PICTURE, OTHER)


def test_nothing_that_is_kept_says_what_was_asked_or_of_what(
    store: SqliteStore, path: Path, index: RegistryIndex, budgets: Budgets, name: FingerprintId
) -> None:
    spend(store, index, budgets, LOCKED + 1)
    with raw(path) as connection:
        kept = repr(
            connection.execute("SELECT * FROM probes JOIN probings USING (asker)").fetchall()
        )
    secrets = [name.hex(), repr(name)[2:-1]]
    secrets += [it.hash for number in range(LOCKED) for it in probe(number).hashes]
    assert not [it for it in secrets if it in kept]


def test_both_keys_of_a_platform_spend_one_budget() -> None:
    one, other = (Principal(Role.PLATFORM, "bada", frozenset(), it, False) for it in ("a", "b"))
    assert asker_of(one) == asker_of(other) == BADA
