"""What a platform may hold: always what is registered now, and what is gone it is told."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server.house import quick_keys

from hashreg.exchange.stopncii import Feedback, page_json, sequence_of
from hashreg.model.errors import InvalidInput, Refused
from hashreg.model.feeds import FED, FeedPage, page_digest
from hashreg.model.hashes import Algorithm
from hashreg.model.orders import OrderKind, OrderState
from hashreg.model.people import Role, Scope
from hashreg.model.records import EventKind, FingerprintId, PlatformName
from hashreg.model.verdicts import Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.feed import Asked, canaries, fetch
from hashreg.takedown.feedback import take_feedback
from hashreg.takedown.figures import figures
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.orders import acknowledge
from hashreg.takedown.people import add_person, new_key, revoke_person
from hashreg.takedown.purge import purge
from hashreg.takedown.restored import take_back
from hashreg.takedown.status import case_status
from support.cases import DAY, NOW, Victim, picture, seeded
from support.secrecy import leaks
from support.sqlite import found_in_files

BADA, EXAMPLEGRAM = "bada", "examplegram"
MOST = 1000


@dataclass
class HolderOf:
    """A platform that keeps what it is given, page by page, and drops what it must."""

    store: SqliteStore
    name: str = EXAMPLEGRAM
    since: str = ""
    held: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)
    pages: list[FeedPage] = field(default_factory=list, repr=False)

    def fetch(self, limit: int = MOST) -> None:
        """Follow the feed to its end, and keep how far that is."""
        page, more = "", True
        while more:
            got = fetch(self.store, self.name, Asked(self.since, page, limit), NOW)
            self.take(got)
            page, more = got.cursor, got.more
        self.since = page

    def take(self, got: FeedPage) -> None:
        self.pages.append(got)
        if got.restart:
            self.held.clear()
        for it in got.records:
            if it.is_gone:
                self.held.pop(it.record, None)
            else:
                self.held[it.record] = frozenset(item.hash for item in it.hashes)

    @property
    def pictures(self) -> set[frozenset[str]]:
        """What it holds beside its canary."""
        own = self.store.feeds.canary(self.name).record  # type: ignore[arg-type]
        return {hashes for record, hashes in self.held.items() if record != own}


def fed(number: int) -> frozenset[str]:
    """Return the hashes of a picture that may leave the registry."""
    made = picture(seeded(number), ("whole", "trimmed"))
    return frozenset(it.hash for it in made.hashes if (it.algorithm, it.view) in FED)


def submitted(store: SqliteStore, *numbers: int) -> Victim:
    victim = Victim()
    pictures = [picture(seeded(it), ("whole", "trimmed")) for it in numbers]
    with quick_keys():
        take_in(store, victim.submission(*pictures), NOW)
    return victim


def withdrawn(store: SqliteStore, victim: Victim) -> None:
    with quick_keys():
        take_in(store, victim.withdrawal(), NOW, clean=False)


def revocations(store: SqliteStore) -> list[tuple[str, OrderState]]:
    with store.read():
        return sorted(
            (it.platform, it.state) for it in store.orders.all() if it.kind is OrderKind.REVOCATION
        )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("register"), st.integers(1, 3)),
            st.tuples(st.just("withdraw"), st.integers(0, 5)),
            st.tuples(st.just("fetch"), st.integers(1, 4)),
            st.tuples(st.just("one page"), st.integers(1, 3)),
        ),
        max_size=14,
    )
)
def test_whoever_follows_the_feed_holds_what_is_registered(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    path = tmp_path_factory.mktemp("feed") / "registry.db"
    with closing(SqliteStore.create(path)) as store:
        add_person(store, Role.PLATFORM, EXAMPLEGRAM, NOW)
        holder, registered, numbers = HolderOf(store), dict[Victim, set[int]](), 0
        for step, size in steps:
            if step == "register":
                new = set(range(numbers, numbers + size))
                registered[submitted(store, *sorted(new))] = new
                numbers += size
            elif step == "withdraw" and registered:
                victim = sorted(registered, key=lambda it: it.number)[size % len(registered)]
                withdrawn(store, victim)
                del registered[victim]
            elif step == "fetch":
                holder.fetch(size)
            elif step == "one page":  # kept, and then its cursor was lost
                holder.take(fetch(store, EXAMPLEGRAM, Asked(holder.since, "", size), NOW))
        holder.fetch(2)
        expected = {fed(it) for its in registered.values() for it in its}
        assert holder.pictures == expected
        cursors = [it.sequence for it in holder.pages if not it.more]
        assert cursors == sorted(cursors)
        holder.fetch()
        assert holder.pages[-1].records == []


@pytest.fixture
def holder(store: SqliteStore) -> HolderOf:
    return HolderOf(store)


def test_a_crowded_moment_fits_on_pages_of_any_size(store: SqliteStore, holder: HolderOf) -> None:
    submitted(store, *range(20))
    holder.fetch(3)
    assert holder.pictures == {fed(it) for it in range(20)}
    assert all(len(it.records) <= 3 for it in holder.pages)


def test_nothing_but_the_whole_picture_and_what_names_its_file_leaves(
    store: SqliteStore, holder: HolderOf
) -> None:
    submitted(store, 1)
    holder.fetch()
    assert holder.pictures == {fed(1)}
    assert len(fed(1)) == 3


def test_names_of_records_are_other_ones_for_every_platform(
    store: SqliteStore, holder: HolderOf
) -> None:
    submitted(store, 1, 2)
    other = HolderOf(store, BADA)
    for it in (holder, other):
        it.fetch()
    assert holder.pictures == other.pictures
    assert not holder.held.keys() & other.held.keys()


def test_every_page_is_an_event_and_no_event_holds_a_hash(
    store: SqliteStore, path: Path, holder: HolderOf
) -> None:
    submitted(store, 1, 2)
    holder.fetch(1)
    holder.fetch()
    with store.read():
        pages = [it for it in store.events.after(0) if it.kind is EventKind.FEED_PAGE]
    given_out = [it for it in holder.pages if it.records]
    assert [it.actor for it in pages] == [EXAMPLEGRAM] * len(given_out)
    assert [it.detail.partition(" ")[2] for it in pages] == [
        f"records={len(it.records)} deleted=0" for it in given_out
    ]
    digests = [bytes.fromhex(it) for held in holder.held.values() for it in held]
    assert found_in_files(path, digests) == 0


def test_a_withdrawal_is_told_and_confirmed_with_the_next_question(
    store: SqliteStore, holder: HolderOf
) -> None:
    victim = submitted(store, 1, 2)
    holder.fetch()
    withdrawn(store, victim)
    assert case_status(store, victim.number).told == (0, 1)
    assert revocations(store) == [(EXAMPLEGRAM, OrderState.OPEN)]
    holder.fetch()
    assert holder.pictures == set()
    assert case_status(store, victim.number).told == (0, 1)  # it may have been lost on its way
    holder.fetch()
    assert case_status(store, victim.number).told == (1, 1)


def test_a_platform_that_was_given_nothing_of_a_case_has_nothing_to_drop(
    store: SqliteStore, holder: HolderOf
) -> None:
    early = submitted(store, 1)
    holder.fetch()
    late = submitted(store, 2)
    withdrawn(store, late)
    assert revocations(store) == []
    withdrawn(store, early)
    assert revocations(store) == [(EXAMPLEGRAM, OrderState.OPEN)]


def test_an_order_names_the_records_that_are_to_be_dropped(
    store: SqliteStore, holder: HolderOf
) -> None:
    victim = submitted(store, 1, 2)
    holder.fetch()
    own = store.feeds.canary(EXAMPLEGRAM).record  # type: ignore[arg-type]
    withdrawn(store, victim)
    with store.read():
        (order,) = store.orders.all()
    assert set(order.records) == holder.held.keys() - {own}
    acknowledge(store, order.order_id, NOW, platform=EXAMPLEGRAM)
    assert case_status(store, victim.number).told == (1, 1)


def test_a_platform_that_may_no_longer_ask_is_told_all_the_same(
    store: SqliteStore, holder: HolderOf
) -> None:
    victim = submitted(store, 1)
    holder.fetch()
    revoke_person(store, Role.PLATFORM, EXAMPLEGRAM, NOW)
    with pytest.raises(Refused):
        holder.fetch()
    withdrawn(store, victim)
    assert revocations(store) == [(EXAMPLEGRAM, OrderState.OPEN)]


@pytest.mark.parametrize("cursor", ["9999-0f0f0f0f", "3-0f0f0f0f", "0-0f0f0f0f"])
def test_a_cursor_of_another_past_begins_anew(
    store: SqliteStore, holder: HolderOf, cursor: str
) -> None:
    submitted(store, 1)
    holder.fetch()
    got = fetch(store, EXAMPLEGRAM, Asked(cursor), NOW)
    assert got.restart
    holder.take(got)
    assert holder.pictures == {fed(1)}


@pytest.mark.parametrize(
    "text", ["x", "-1-", "1", "2-", "1-xyz", "1-0F0F0F0F", "9" * 30 + "-", "1-\n"]
)
def test_what_is_no_cursor_is_refused(store: SqliteStore, text: str) -> None:
    for asked in (Asked(since=text), Asked(page=text)):
        with pytest.raises(InvalidInput) as caught:
            fetch(store, EXAMPLEGRAM, asked, NOW)
        assert caught.value.field == ("since" if asked.since else "page")
        with store.read():
            assert store.feeds.all() == []


def test_a_page_has_a_digest_of_its_records(store: SqliteStore, holder: HolderOf) -> None:
    submitted(store, 1)
    holder.fetch()
    told = holder.pages[0].as_json()
    records = told["records"]
    assert isinstance(records, list)
    assert told["digest"] == page_digest(records)
    assert told["digest"] != page_digest(records[1:])


def test_a_canary_is_of_one_platform_and_looks_like_all_others(
    store: SqliteStore, holder: HolderOf
) -> None:
    submitted(store, 1)
    other = HolderOf(store, BADA)
    for it in (holder, other):
        it.fetch()
        it.fetch()
    mine, theirs = (store.feeds.canary(it) for it in (EXAMPLEGRAM, BADA))  # type: ignore[arg-type]
    assert mine.record in holder.held
    assert theirs.record not in holder.held
    (pdq,) = (it for it in mine.hashes if it.algorithm is Algorithm.PDQ)
    assert int(pdq.hash, 16).bit_count() == 128
    (real,) = [it for it in holder.pages[0].records if it.record != mine.record]
    shape = [
        [(it.algorithm, it.view, type(it.quality)) for it in one.hashes] for one in (mine, real)
    ]
    assert shape[0] == shape[1]
    parts = {it.hash[at : at + 8] for it in mine.hashes for at in range(0, len(it.hash), 8)}
    assert len(parts) == 8 + 8 + 4  # none is a part of another
    assert mine == store.feeds.canary(EXAMPLEGRAM)  # type: ignore[arg-type]
    with store.read():
        whose = canaries(store)
    assert {whose[it.hash] for it in mine.hashes} == {EXAMPLEGRAM}
    assert {whose[it.hash] for it in theirs.hashes} == {BADA}


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_no_page_shows_which_record_the_canary_is(store: SqliteStore, limit: int) -> None:
    for it in range(0, 30, 3):
        submitted(store, it, it + 1, it + 2)
    places = []
    for number in range(12):
        add_person(store, Role.PLATFORM, f"p{number}", NOW)
        new = HolderOf(store, f"p{number}")
        new.fetch(limit)
        own = store.feeds.canary(new.name).record  # type: ignore[arg-type]
        sizes = [len(it.records) for it in new.pages]
        assert sizes[:-1] == [limit] * (len(sizes) - 1)
        records = [it.record for page in new.pages for it in page.records]
        assert len(records) == len(set(records)) == 31
        places.append(records.index(own))
    assert len(set(places)) > 2


# Platforms that know a record by its hash alone


def stopncii(store: SqliteStore, time: int, *, limit: int = MOST) -> Iterator[FeedPage]:
    page = ""
    while True:
        asked = Asked(sequence_of(time), page, limit)
        yield (got := fetch(store, EXAMPLEGRAM, asked, NOW, by_hash=RegistryIndex()))
        if not got.more:
            return
        page = got.cursor


def statuses(store: SqliteStore, time: int) -> tuple[dict[str, str], int]:
    """Return how each hash stands, and the time to ask with next."""
    found: dict[str, str] = {}
    for page in stopncii(store, time, limit=2):
        told = page_json(page)
        records = told["hashRecords"]
        assert isinstance(records, list)
        found |= {it["hashValue"]: it["hashStatus"] for it in records}
        time = int(str(told["nextSetTimestamp"]))
    return found, time


def pdq_of(number: int) -> str:
    return picture(seeded(number), ("whole", "trimmed")).hashes[0].hash


def test_a_withdrawal_is_told_by_its_hash_until_it_was_fetched(
    store: SqliteStore, path: Path
) -> None:
    victim, hash_ = submitted(store, 1), pdq_of(1)
    found, time = statuses(store, 10)
    assert found.get(hash_) == "Active"
    withdrawn(store, victim)
    for _ in range(2):  # asked again with the same time: nothing was lost
        found, later = statuses(store, time)
        assert found == {hash_: "Withdrawn"}
        assert later > time
    assert found_in_files(path, [bytes.fromhex(hash_)]) == 0
    assert store.forget_deleted()
    assert statuses(store, time)[0] == {hash_: "Withdrawn"}
    assert case_status(store, victim.number).told == (0, 1)
    assert statuses(store, later)[0] == {}
    assert case_status(store, victim.number).told == (1, 1)
    with store.read():
        assert store.feeds.recalled() == {}


def test_nobody_confirms_what_was_not_given_yet(store: SqliteStore) -> None:
    victim = submitted(store, 1)
    statuses(store, 10)
    withdrawn(store, victim)
    with store.read():
        newest = store.events.last_sequence()
    fetch(store, EXAMPLEGRAM, Asked(newest), NOW, by_hash=RegistryIndex())
    assert case_status(store, victim.number).told == (0, 1)
    with store.read():
        assert len(store.feeds.recalled()) == 1


def test_a_backup_does_not_bring_back_what_was_destroyed(
    store: SqliteStore, tmp_path: Path, path: Path
) -> None:
    victim = submitted(store, 1)
    _, time = statuses(store, 10)
    withdrawn(store, victim)
    store.copy_database(tmp_path / "copy.db")
    _, time = statuses(store, time)
    statuses(store, time)
    for it in ("-keys", "-key"):
        shutil.copy(f"{path}{it}", tmp_path / f"copy.db{it}")
    with closing(SqliteStore.open(tmp_path / "copy.db")) as copy:
        with copy.read():
            assert copy.feeds.recalled() == {}
        assert statuses(copy, 10)[0].keys() <= statuses(store, 10)[0].keys()


def test_nothing_is_kept_for_platforms_that_know_records_by_name(
    store: SqliteStore, holder: HolderOf
) -> None:
    victim = submitted(store, 1)
    holder.fetch()
    withdrawn(store, victim)
    with store.read():
        assert store.feeds.recalled() == {}


def test_what_nobody_fetches_is_kept_for_thirty_days(store: SqliteStore) -> None:
    victim = submitted(store, 1)
    statuses(store, 10)
    withdrawn(store, victim)
    assert purge(store, NOW + 29 * DAY).recalls == 0
    assert purge(store, NOW + 31 * DAY).recalls == 1
    with store.read():
        assert store.feeds.recalled() == {}


def test_a_hash_that_is_still_somebodys_is_not_told_as_gone(store: SqliteStore) -> None:
    victim = submitted(store, 1)
    _, time = statuses(store, 10)
    other = submitted(store, 1)  # whoever has the picture can register it
    found, time = statuses(store, time)
    assert found == {pdq_of(1): "Active"}
    withdrawn(store, other)
    found, time = statuses(store, time)
    assert found == {}
    withdrawn(store, victim)
    assert statuses(store, time)[0] == {pdq_of(1): "Withdrawn"}


@pytest.mark.parametrize("limit", [1, 1000])
def test_who_withdraws_and_registers_again_stays_registered(store: SqliteStore, limit: int) -> None:
    first = submitted(store, *range(12))
    time = 10
    held: dict[str, str] = {}
    for _ in range(3):
        for page in stopncii(store, time, limit=limit):
            told = page_json(page)
            records = told["hashRecords"]
            assert isinstance(records, list)
            held |= {it["hashValue"]: it["hashStatus"] for it in records}
            time = int(str(told["nextSetTimestamp"]))
        withdrawn(store, first)
        first = submitted(store, *range(12))
    assert {held[pdq_of(it)] for it in range(12)} == {"Active"}


def test_who_knows_hashes_only_confirms_in_no_other_way(
    store: SqliteStore, holder: HolderOf
) -> None:
    victim = submitted(store, 1)
    _, time = statuses(store, 10)
    holder.fetch()
    withdrawn(store, victim)
    for _ in range(2):
        holder.fetch()
    assert case_status(store, victim.number).told == (0, 1)
    found, time = statuses(store, time)
    assert found == {pdq_of(1): "Withdrawn"}
    statuses(store, time)
    assert case_status(store, victim.number).told == (1, 1)


def test_what_was_forgotten_untold_is_never_confirmed_by_a_question(store: SqliteStore) -> None:
    victim = submitted(store, 1)
    _, time = statuses(store, 10)
    withdrawn(store, victim)
    purge(store, NOW + 31 * DAY)
    for _ in range(2):
        found, time = statuses(store, time)
        assert found == {}
    assert revocations(store) == [(EXAMPLEGRAM, OrderState.OPEN)]


def test_after_a_backup_was_put_back_who_knows_hashes_only_begins_anew(
    store: SqliteStore, path: Path, tmp_path: Path
) -> None:
    victim = submitted(store, 1, 2)
    submitted(store, 3)
    _, time = statuses(store, 10)
    store.copy_database(tmp_path / "copy.db")
    for it in range(4, 9):
        submitted(store, it)
    withdrawn(store, victim)  # after the backup
    found, time = statuses(store, time)
    assert found[pdq_of(1)] == "Withdrawn"
    assert store.forget_deleted()
    for suffix in ("-keys", "-key"):
        shutil.copy(f"{path}{suffix}", tmp_path / f"copy.db{suffix}")
    with closing(SqliteStore.open(tmp_path / "copy.db")) as copy:
        assert take_back(copy, [], NOW).withdrawn == 1
        for it in range(20, 40):  # its events outnumber those of before
            submitted(copy, it)
        assert copy.events.last_sequence() > sequence_of(time)
        found, time = statuses(copy, time)
        assert found.keys() >= {pdq_of(3), pdq_of(20), pdq_of(39)}
        assert statuses(copy, time)[0] == {}
        assert revocations(copy) == [(EXAMPLEGRAM, OrderState.OPEN)]  # nobody can tell the hash


@pytest.mark.parametrize("by_hash", [False, True])
def test_who_first_fetched_after_a_backup_that_was_put_back_drops_what_is_withdrawn(
    store: SqliteStore, index: RegistryIndex, by_hash: bool
) -> None:
    """The backup does not know that it was fetched; the key that may fetch tells that it may be."""
    new_key(store, Role.PLATFORM, EXAMPLEGRAM, NOW, scopes=[Scope.FEED.value])
    victim = submitted(store, 1)
    before = store.events.last_sequence()
    take_back(store, [], NOW)
    withdrawn(store, victim)
    assert revocations(store) == [(EXAMPLEGRAM, OrderState.OPEN)]
    if by_hash:
        page = fetch(store, EXAMPLEGRAM, Asked(since=before), NOW, by_hash=index)
        assert page.restart


def test_who_says_that_it_holds_what_nobody_knows_of_begins_anew(
    store: SqliteStore, index: RegistryIndex
) -> None:
    submitted(store, 1)
    newest = store.events.last_sequence()
    assert fetch(store, EXAMPLEGRAM, Asked(since=newest), NOW, by_hash=index).restart
    assert not fetch(store, PlatformName("bada"), Asked(), NOW, by_hash=index).restart


# Feedback


def said(number: int, value: str, *tags: str) -> Feedback:
    item = picture(seeded(number), ("whole", "trimmed")).hashes[0]
    return Feedback(item, value, frozenset(tags))


def verdicts(store: SqliteStore) -> list[tuple[Verdict, Reason | None, str]]:
    with store.read():
        return [
            (it.decision.verdict, it.decision.reason, it.actor)
            for match in store.matches.queue(None)
            for it in store.matches.verdicts(match.ticket)
        ]


@pytest.mark.parametrize(
    ("value", "tags", "expected"),
    [
        ("Blocked", [], (Verdict.BLOCKED, Reason.NON_CONSENSUAL)),
        ("NotBlocked", [], (Verdict.NOT_BLOCKED, Reason.NOT_INTIMATE)),
        ("NotBlocked", ["consensual", "x"], (Verdict.NOT_BLOCKED, Reason.CONSENSUAL)),
        ("PendingReview", [], (Verdict.PENDING_REVIEW, None)),
        ("QualityUnknown", [], None),
        ("Unknown", [], None),
    ],
)
def test_feedback_is_a_verdict_of_the_platform(
    store: SqliteStore,
    index: RegistryIndex,
    value: str,
    tags: list[str],
    expected: tuple[Verdict, Reason | None] | None,
) -> None:
    victim = submitted(store, 1)
    for _ in range(2):  # the same again changes nothing
        told = take_feedback(store, index, EXAMPLEGRAM, [said(1, value, *tags)], NOW)
        assert told == [None]
    assert all(it.reappeared == 0 for it in figures(store, NOW))
    of_it = [(*expected, f"platform:{EXAMPLEGRAM}")] if expected else []
    assert verdicts(store) == of_it
    with store.read():
        orders = [it.state for it in store.orders.all()]
    assert orders == ([OrderState.DONE] if value == "Blocked" else [])
    assert sum(case_status(store, victim.number).matches.values()) == bool(expected)


def test_feedback_on_what_is_not_there_is_said_and_the_rest_is_taken(
    store: SqliteStore, index: RegistryIndex
) -> None:
    submitted(store, 1)
    unknown = said(2, "Blocked")
    told = take_feedback(store, index, EXAMPLEGRAM, [unknown, said(1, "Blocked")], NOW)
    assert [it.code if it else None for it in told] == ["not_found", None]
    assert leaks([unknown.item.digest], str(told[0]).encode()) == 0
    assert len(verdicts(store)) == 1


def test_feedback_on_a_canary_looks_like_any_and_is_noted(
    store: SqliteStore, index: RegistryIndex, holder: HolderOf
) -> None:
    holder.fetch()
    item = store.feeds.canary(EXAMPLEGRAM).hashes[0]  # type: ignore[arg-type]
    assert take_feedback(store, index, BADA, [Feedback(item, "Blocked")], NOW) == [None]
    with store.read():
        (seen,) = [it for it in store.events.after(0) if it.kind is EventKind.CANARY_SEEN]
    assert (seen.subject, seen.actor) == (EXAMPLEGRAM, f"platform:{BADA}")


def test_a_name_of_a_record_says_nothing_without_the_registry(store: SqliteStore) -> None:
    name = FingerprintId(b"\1" * 16)
    first = store.feeds.record_id(EXAMPLEGRAM, name)  # type: ignore[arg-type]
    assert len(first) == 32
    assert bytes.fromhex(first) != name
