"""Harmless pictures that everybody shares: what collides with them waits for a person."""

from pathlib import Path

import pytest

from hashreg.matching import policy
from hashreg.matching.dihedral import in_all_orientations
from hashreg.model.cases import CaseState
from hashreg.model.errors import InvalidInput, NotFound, Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.orientation import TURNS
from hashreg.model.records import EventKind, HoldReason
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import MOST_NOTE, add_benign, list_benign, remove_benign
from hashreg.takedown.holds import admit, held
from hashreg.takedown.intake import Outcome, take_in
from hashreg.takedown.status import case_status
from support.asking import is_found
from support.cases import DAY, NOW, Victim, blank, copy_of, only_pdq, picture, same, seeded
from support.sqlite import state_of

MEME = picture(seeded(1))


@pytest.fixture
def name(store: SqliteStore) -> str:
    """The name under which the meme is listed."""
    return add_benign(store, MEME, "the cat that waits", NOW).picture.benign_id.hex()


@pytest.mark.usefixtures("name")
def test_a_registration_that_collides_is_kept_and_held(store: SqliteStore) -> None:
    victim, taken = Victim(), copy_of(MEME, seeded(2), 20)
    result = take_in(store, victim.submission(taken), NOW)
    assert (result.outcome, result.pictures, result.held) == (Outcome.HELD, 1, 1)
    assert not is_found(store, taken)
    (waiting,) = held(store)
    assert (waiting.case, waiting.hits) == (victim.number, 0)
    assert waiting.hold.reason is HoldReason.KNOWN_BENIGN
    assert waiting.hold.detail == "the cat that waits"
    assert case_status(store, victim.number).state is CaseState.HELD


@pytest.mark.usefixtures("name")
def test_the_other_pictures_of_the_case_do_not_wait(store: SqliteStore) -> None:
    rng, victim = seeded(3), Victim()
    others = [picture(rng) for _ in range(39)]
    result = take_in(store, victim.submission(MEME, *others), NOW)
    assert (result.outcome, result.pictures, result.held) == (Outcome.TAKEN_IN, 40, 1)
    assert all(is_found(store, it) for it in others[::13])
    assert not is_found(store, MEME)
    status = case_status(store, victim.number)
    assert (status.state, status.pictures, status.held) == (CaseState.ACTIVE, 40, 1)


@pytest.mark.usefixtures("name")
def test_an_addition_that_collides_is_held_and_changes_nothing_else(store: SqliteStore) -> None:
    victim, own = Victim(), picture(seeded(4))
    take_in(store, victim.submission(own), NOW)
    result = take_in(store, victim.addition(MEME), NOW)
    assert (result.outcome, result.held) == (Outcome.HELD, 1)
    assert is_found(store, own)
    assert case_status(store, victim.number).state is CaseState.ACTIVE


@pytest.mark.usefixtures("name")
@pytest.mark.parametrize(
    ("bits", "count"), [(0, 1), (policy.MATCH_RADIUS, 1), (policy.MATCH_RADIUS + 1, 0), (40, 0)]
)
def test_only_what_surely_matches_collides(store: SqliteStore, bits: int, count: int) -> None:
    near = copy_of(MEME, seeded(5), bits)
    assert take_in(store, Victim().submission(near), NOW).held == count
    assert is_found(store, only_pdq(near)) is (count == 0)


@pytest.mark.usefixtures("name")
@pytest.mark.parametrize("view", [view for view in TURNS if view])
def test_a_turned_or_mirrored_copy_collides_too(store: SqliteStore, view: str) -> None:
    turned = in_all_orientations(MEME).get(Algorithm.PDQ, view)
    assert turned is not None
    whole = HashItem(Algorithm.PDQ, "whole", turned.hash, turned.quality)
    assert take_in(store, Victim().submission(Fingerprint((whole,), 90)), NOW).held == 1


@pytest.mark.usefixtures("name")
def test_a_held_file_twice_changes_nothing(store: SqliteStore, path: Path) -> None:
    document = Victim().submission(MEME)
    take_in(store, document, NOW)
    before = state_of(path)
    assert take_in(store, document, NOW + DAY).outcome is Outcome.ALREADY
    assert state_of(path) == before


def test_a_harmless_picture_that_is_added_later_holds_what_is_registered(
    store: SqliteStore,
) -> None:
    rng = seeded(6)
    taken, other = copy_of(MEME, rng, 9), picture(rng)
    take_in(store, Victim().submission(taken, other), NOW)
    take_in(store, Victim().submission(only_pdq(MEME)), NOW)
    assert is_found(store, taken)
    assert add_benign(store, MEME, "", NOW).held == 2
    assert len(held(store)) == 2
    assert not is_found(store, taken)
    assert is_found(store, other)
    assert add_benign(store, MEME, "once more", NOW).held == 0


@pytest.mark.usefixtures("name")
def test_what_a_person_has_admitted_is_not_held_by_another_harmless_picture(
    store: SqliteStore,
) -> None:
    take_in(store, Victim().submission(MEME), NOW)
    admit(store, held(store)[0].hold.fingerprint_id, "kim", NOW)
    assert add_benign(store, copy_of(MEME, seeded(7), 3), "", NOW).held == 0
    assert is_found(store, MEME)


def test_a_removed_harmless_picture_frees_nothing_and_holds_no_more(
    store: SqliteStore, name: str
) -> None:
    take_in(store, Victim().submission(MEME), NOW)
    assert remove_benign(store, f" {name.upper()}\n", NOW)
    assert len(held(store)) == 1
    assert not is_found(store, MEME)
    assert take_in(store, Victim().submission(MEME), NOW).held == 0
    assert is_found(store, MEME)


@pytest.mark.parametrize("wrong", ["", "0" * 32, "the cat that waits", "\udcff", "0" * 31 + "٠"])
@pytest.mark.usefixtures("name")
def test_a_name_that_no_harmless_picture_has_is_said(
    store: SqliteStore, path: Path, wrong: str
) -> None:
    before = state_of(path)
    with pytest.raises(NotFound) as caught:
        remove_benign(store, wrong, NOW)
    assert caught.value.field == "benign"
    assert state_of(path) == before


def test_the_list_has_all_of_them_oldest_first_without_the_removed(store: SqliteStore) -> None:
    rng = seeded(8)
    pictures = [picture(rng) for _ in range(3)]
    added = [
        add_benign(store, it, f"  {days} ", NOW - days * DAY).picture
        for days, it in enumerate(pictures)
    ]
    listed = list_benign(store)
    assert [it.note for it in listed] == ["2", "1", "0"]
    assert same([it.fingerprint for it in listed], pictures[::-1])
    remove_benign(store, added[1].benign_id.hex(), NOW)
    assert [it.note for it in list_benign(store)] == ["2", "0"]
    with store.read():
        kinds = [(it.kind, it.actor) for it in store.events.after(0)][-4:]
    assert kinds == [(EventKind.BENIGN_ADDED, "operator")] * 3 + [
        (EventKind.BENIGN_REMOVED, "operator")
    ]


@pytest.mark.parametrize(
    "hopeless", [blank(), picture(seeded(9), quality=49)], ids=["flat", "poor"]
)
def test_a_blank_picture_is_not_listed_or_every_registration_might_collide(
    store: SqliteStore, path: Path, hopeless: Fingerprint
) -> None:
    before = state_of(path)
    with pytest.raises(Refused, match="too plain"):
        add_benign(store, hopeless, "", NOW)
    assert state_of(path) == before


@pytest.mark.parametrize("note", ["x" * (MOST_NOTE + 1), "two\nlines", "\x1b[2J", "\udcff"])
def test_a_note_that_can_not_be_shown_on_a_line_is_refused(
    store: SqliteStore, path: Path, note: str
) -> None:
    before = state_of(path)
    with pytest.raises(InvalidInput) as caught:
        add_benign(store, MEME, note, NOW)
    assert caught.value.field == "note"
    assert state_of(path) == before
    assert add_benign(store, MEME, "x" * MOST_NOTE, NOW).held == 0
