"""Asking from afar where a case stands: only its key's holder learns anything, even that it is."""

import pytest

from hashreg.client.keys import signed_question
from hashreg.model.cases import CaseNumber, CaseState, new_case_number
from hashreg.model.errors import InvalidInput, NotFound
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.intake import take_in
from hashreg.takedown.purge import purge
from hashreg.takedown.status import CaseStatus, case_status, signed_status
from support.cases import NOW, Victim, picture, seeded

NONCE = "1790000000-0123456789abcdef"


def ask(store: SqliteStore, victim: Victim, number: CaseNumber | None = None) -> CaseStatus:
    """Ask as the holder of the victim's code does, for a case of this number."""
    number = number or victim.number
    return signed_status(store, number, NONCE, *signed_question(number, victim.code, NONCE))


def refusal(
    store: SqliteStore, number: CaseNumber, nonce: str, key: str, signature: str
) -> tuple[str, str | None, dict[str, object]]:
    with pytest.raises(NotFound) as caught:
        signed_status(store, number, nonce, key, signature)
    return caught.value.text, caught.value.field, caught.value.values


@pytest.fixture
def victim(store: SqliteStore) -> Victim:
    victim = Victim()
    take_in(store, victim.submission(picture(seeded(1))), NOW)
    return victim


def test_the_holder_of_the_key_learns_where_the_case_stands(
    store: SqliteStore, victim: Victim
) -> None:
    assert ask(store, victim) == case_status(store, victim.number)
    assert ask(store, victim).state is CaseState.ACTIVE


def test_the_owner_of_a_withdrawn_or_erased_case_learns_so(
    store: SqliteStore, victim: Victim
) -> None:
    take_in(store, victim.withdrawal(), NOW)
    assert ask(store, victim).state is CaseState.WITHDRAWN
    purge(store, NOW)
    assert ask(store, victim).state is CaseState.ERASED


@pytest.mark.parametrize("state", ["active", "withdrawn", "erased"])
def test_everybody_else_is_told_the_same(store: SqliteStore, victim: Victim, state: str) -> None:
    """No such case, another key, a bad signature, and one made for another case or challenge."""
    if state != "active":
        take_in(store, victim.withdrawal(), NOW)
    if state == "erased":
        purge(store, NOW)
    number, other = victim.number, Victim()
    key, signature = signed_question(number, victim.code, NONCE)
    stranger = Victim(number)
    unknown = new_case_number()
    answers = [
        refusal(store, unknown, NONCE, *signed_question(unknown, other.code, NONCE)),
        refusal(store, number, NONCE, *signed_question(number, stranger.code, NONCE)),
        refusal(store, number, NONCE, key, signature[:-2] + f"{int(signature[-2:], 16) ^ 1:02x}"),
        refusal(store, number, NONCE + "0", key, signature),
        refusal(store, number, NONCE, key, "0" * 128),
        refusal(store, number, NONCE, "0" * 64, signature),
        refusal(store, number, NONCE, *signed_question(unknown, victim.code, NONCE)),
        refusal(store, number, NONCE, key, victim.withdrawal().signature),
    ]
    assert len({text for text, _, _ in answers}) == 1
    assert {field for _, field, _ in answers} == {"case"}
    assert all(values == {} for _, _, values in answers)


def test_every_question_costs_the_same_look_ups(store: SqliteStore, victim: Victim) -> None:
    """Else the time of the answer would tell which cases are there."""
    asked: list[list[str]] = []
    wrong_key = signed_question(victim.number, Victim(victim.number).code, NONCE)
    unknown = new_case_number()
    for number, key, signature in (
        (unknown, *signed_question(unknown, victim.code, NONCE)),
        (victim.number, *wrong_key),
        (victim.number, wrong_key[0], "0" * 128),
    ):
        statements: list[str] = []
        store._db.conn.set_trace_callback(statements.append)
        refusal(store, number, NONCE, key, signature)
        asked.append([sql.split("=")[0] for sql in statements])
    store._db.conn.set_trace_callback(None)
    assert asked[0] == asked[1] == asked[2]
    assert any("tombstones" in it for it in asked[0])


def test_a_withdrawal_that_waits_is_no_case(store: SqliteStore) -> None:
    victim = Victim()
    take_in(store, victim.withdrawal(), NOW)
    with pytest.raises(NotFound):
        ask(store, victim)


@pytest.mark.parametrize("field", ["public_key", "signature"])
@pytest.mark.parametrize("instead", ["AB" * 64, "ab" * 31, "ab" * 65, "ab" * 63 + "a\n", ""])
def test_malformed_hex_is_named(
    store: SqliteStore, victim: Victim, field: str, instead: str
) -> None:
    sent = {"public_key": "ab" * 32, "signature": "ab" * 64} | {field: instead}
    with pytest.raises(InvalidInput) as caught:
        signed_status(store, victim.number, NONCE, **sent)
    assert caught.value.field == field
    assert "abab" not in str(caught.value).lower()


def test_a_nonce_that_is_no_ascii_is_named(store: SqliteStore, victim: Victim) -> None:
    key, signature = signed_question(victim.number, victim.code, NONCE)
    with pytest.raises(InvalidInput) as caught:
        signed_status(store, victim.number, "１" + NONCE, key, signature)
    assert caught.value.field == "nonce"
