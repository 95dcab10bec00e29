"""A look-up answers like a report and keeps nothing."""

from pathlib import Path

from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.lookup import look_up
from support.asking import reported
from support.cases import NOW, Victim, blank, copy_of, only_pdq, picture, seeded
from support.sqlite import state_of


def test_it_keeps_nothing(store: SqliteStore, path: Path, index: RegistryIndex) -> None:
    kept = picture(seeded(1))
    take_in(store, Victim().submission(kept), NOW)
    before = state_of(path)
    (found, none) = look_up(store, index, [kept, picture(seeded(2))])
    assert len(found) == 1
    assert none == []
    assert state_of(path) == before


def test_it_gives_the_explanations_of_a_report_without_tickets(
    store: SqliteStore, index: RegistryIndex
) -> None:
    rng, kept = seeded(3), picture(seeded(4), ("whole", "mirror"))
    take_in(store, Victim().submission(kept), NOW)
    take_in(store, Victim().submission(copy_of(kept, rng, 7), copy_of(kept, rng, 9)), NOW)
    asked = copy_of(kept, rng, 6)
    (looked_up,) = look_up(store, index, [asked])
    told = reported(store, index, "a", asked).matches
    assert [it.explanation for it in looked_up] == [it.explanation for it in told]
    assert len(looked_up) == 2
    assert [it.ticket for it in looked_up] == [None, None]
    assert None not in [it.ticket for it in told]


def test_it_sees_at_once_what_others_registered_and_withdrew(
    store: SqliteStore, index: RegistryIndex
) -> None:
    victim, kept = Victim(), only_pdq(picture(seeded(5)))
    assert look_up(store, index, [kept]) == [[]]
    take_in(store, victim.submission(kept), NOW)
    assert len(look_up(store, index, [kept])[0]) == 1
    take_in(store, victim.withdrawal(), NOW)
    assert look_up(store, index, [kept]) == [[]]


def test_a_blank_matches_nothing(store: SqliteStore, index: RegistryIndex) -> None:
    take_in(store, Victim().submission(picture(seeded(6)), blank()), NOW)
    assert look_up(store, index, [blank()]) == [[]]
    assert look_up(store, index, []) == []
