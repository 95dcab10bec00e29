"""Submissions and additions: taken in once, all of a file or nothing of it."""

import dataclasses
from pathlib import Path

import pytest

from hashreg.model.cases import CaseState
from hashreg.model.errors import Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.records import EventKind
from hashreg.model.submissions import Document, SignatureHex, parse_document
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import Outcome, take_in
from support.asking import is_found
from support.cases import DAY, NOW, Victim, blank, copy_of, only_pdq, picture, same, seeded
from support.sqlite import state_of


def refused(store: SqliteStore, path: Path, document: Document) -> Refused:
    """Return how a document was refused, and make sure that it changed nothing at all."""
    before = state_of(path)
    with pytest.raises(Refused) as caught:
        take_in(store, document, NOW)
    assert state_of(path) == before
    return caught.value


def test_a_submission_is_taken_in_and_matches_at_once(store: SqliteStore) -> None:
    rng, victim = seeded(1), Victim()
    pictures = [picture(rng), picture(rng)]
    result = take_in(store, victim.submission(*pictures), NOW)
    assert (result.outcome, result.pictures, result.matches) == (Outcome.TAKEN_IN, 2, 0)
    assert result.case == victim.number
    for each in pictures:
        assert is_found(store, copy_of(each, rng, 20))
    assert not is_found(store, picture(rng))


def test_what_a_file_went_through_on_the_way_changes_nothing(store: SqliteStore) -> None:
    """The bytes of a submission file give the same document as the device's memory."""
    victim, kept = Victim(), picture(seeded(2))
    document = parse_document(victim.submission(kept).to_bytes())
    assert take_in(store, document, NOW).outcome is Outcome.TAKEN_IN
    with store.read():
        (stored,) = store.cases.fingerprints()
    assert same(stored.fingerprint, kept)


def test_a_case_begins_received_and_becomes_active(store: SqliteStore) -> None:
    take_in(store, Victim().submission(picture(seeded(3))), NOW)
    with store.read():
        (case,) = store.cases.all()
        states = [(it.subject, it.detail) for it in store.events.after(0, [EventKind.CASE_STATE])]
        added = list(store.events.after(0, [EventKind.FINGERPRINT_ADDED]))
        ids = store.cases.fingerprint_ids(case.case_id)
    assert case.state is CaseState.ACTIVE
    assert states == [(case.case_id.hex(), "active")]
    assert [event.subject for event in added] == [each.hex() for each in ids]


def test_the_same_file_twice_changes_nothing(store: SqliteStore, path: Path) -> None:
    document = Victim().submission(picture(seeded(4)))
    take_in(store, document, NOW)
    before = state_of(path)
    again = take_in(store, document, NOW + DAY)
    assert (again.outcome, again.pictures) == (Outcome.ALREADY, 0)
    assert state_of(path) == before


def test_the_same_number_with_other_content_is_refused(store: SqliteStore, path: Path) -> None:
    rng, victim = seeded(5), Victim()
    first, second = picture(rng), picture(rng)
    take_in(store, victim.submission(first), NOW)
    error = refused(store, path, victim.submission(first, second))
    assert error.field == "case"
    assert "registered already, with other content" in str(error)
    thief = Victim(victim.number)
    refused(store, path, thief.submission(second))
    assert not is_found(store, second)


def test_a_false_signature_is_refused(store: SqliteStore, path: Path) -> None:
    rng, victim = seeded(6), Victim()
    document = victim.submission(picture(rng))
    forged = [
        dataclasses.replace(document, signature=SignatureHex("0" * 128)),
        dataclasses.replace(document, signature=victim.withdrawal().signature),
        dataclasses.replace(document, public_key=Victim().submission(picture(rng)).public_key),
        dataclasses.replace(document, public_key=type(document.public_key)("ff" * 32)),
    ]
    for each in forged:
        assert refused(store, path, each).field == "signature"


def test_a_file_edited_by_hand_is_refused(store: SqliteStore, path: Path) -> None:
    rng, victim = seeded(7), Victim()
    document = victim.submission(picture(rng))
    edited = [
        dataclasses.replace(document, items=(picture(rng),)),
        dataclasses.replace(document, items=(*document.items, picture(rng))),
        dataclasses.replace(document, created=NOW.date() + DAY),
        dataclasses.replace(document, case=Victim().number),
        dataclasses.replace(document, kind=victim.addition(picture(rng)).kind),
    ]
    for each in edited:
        assert refused(store, path, each).field == "signature"


def test_an_addition_brings_more_pictures_once(store: SqliteStore, path: Path) -> None:
    rng, victim = seeded(8), Victim()
    take_in(store, victim.submission(picture(rng)), NOW)
    more = picture(rng)
    addition = victim.addition(more)
    assert not is_found(store, more)
    result = take_in(store, addition, NOW)
    assert (result.outcome, result.pictures) == (Outcome.ADDED, 1)
    assert is_found(store, copy_of(more, rng, 31))
    before = state_of(path)
    assert take_in(store, addition, NOW + DAY).outcome is Outcome.ALREADY
    assert state_of(path) == before


def test_an_addition_before_its_submission_is_refused(store: SqliteStore, path: Path) -> None:
    error = refused(store, path, Victim().addition(picture(seeded(9))))
    assert "Take its submission in first" in str(error)


def test_an_addition_with_another_key_is_refused(store: SqliteStore, path: Path) -> None:
    rng, victim = seeded(10), Victim()
    take_in(store, victim.submission(picture(rng)), NOW)
    error = refused(store, path, Victim(victim.number).addition(picture(rng)))
    assert error.field == "public_key"


def test_an_addition_to_a_withdrawn_case_is_refused(store: SqliteStore, path: Path) -> None:
    rng, victim = seeded(11), Victim()
    take_in(store, victim.submission(picture(rng)), NOW)
    take_in(store, victim.withdrawal(), NOW)
    refusal = str(refused(store, path, victim.addition(picture(rng))))
    assert "was withdrawn, so no pictures" in refusal


def plain(*, quality: int) -> Fingerprint:
    return picture(seeded(12), quality=quality)


@pytest.mark.parametrize("hopeless", [plain(quality=49), plain(quality=0), blank()])
def test_what_could_match_every_blank_is_never_registered(
    store: SqliteStore, path: Path, hopeless: Fingerprint
) -> None:
    error = refused(store, path, Victim().submission(hopeless))
    assert "distinctive enough" in str(error)
    good = picture(seeded(13))
    result = take_in(store, Victim().submission(hopeless, good), NOW)
    assert result.pictures == 1
    with store.read():
        kept = [it.fingerprint for it in store.cases.fingerprints()]
    assert same(kept, [good])
    assert not is_found(store, only_pdq(hopeless))
    refused(store, path, Victim().submission(hopeless))


def test_of_one_picture_only_the_distinctive_hashes_are_registered(store: SqliteStore) -> None:
    good = picture(seeded(14), quality=50)
    poor = blank().hashes[0]
    mixed = Fingerprint((*good.hashes, dataclasses.replace(poor, view="mirror")), 50)
    assert take_in(store, Victim().submission(mixed), NOW).pictures == 1
    with store.read():
        (kept,) = store.cases.fingerprints()
    assert same(kept.fingerprint.hashes, good.hashes)


def test_nobody_can_add_hopeless_pictures_to_a_case_either(store: SqliteStore, path: Path) -> None:
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(15))), NOW)
    refused(store, path, victim.addition(blank()))
