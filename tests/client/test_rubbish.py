"""Whatever a wrong or hostile server answers is one clear error, or an answer that is right."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model.strategies import patient

from client.right_answers import (
    AT,
    CALLS,
    CASE,
    CODE,
    ENTRY,
    ORDER,
    REPORTED,
    STATUS,
    TAKEN,
    TICKET,
    as_bytes,
    json_values,
    spoilt,
)
from hashreg.client import keys, remote
from hashreg.client.http import Server
from hashreg.client.patience import Patience
from hashreg.model.errors import BadAnswer, HashregError, ServerRefused, ServerUnavailable
from hashreg.model.messages import use_language
from support.cases import Victim, picture, seeded
from support.odd_server import OddServer, Raw, Reply, refusal, told

OURS = (BadAnswer, ServerRefused, ServerUnavailable)
spoiling = settings(patient, max_examples=40)
each_call = pytest.mark.parametrize("name", CALLS)
statuses = st.sampled_from([200, 200, 200, 201, 204, 301, 400, 404, 429, 500, 503, 599])


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


def asked(name: str, server: OddServer, reply: Reply | Raw) -> object:
    """Make a call that gets this answer; None where it is refused with an error of ours."""
    server.answers(reply)
    patience = Patience(sleep=lambda _: None)
    problem: HashregError
    with Server(server.address, "hashreg_key", patience=patience) as it:
        try:
            return CALLS[name][0](it)
        except OURS as error:
            problem = error
    for language in ("ko", "en"):
        use_language(language)
        assert str(problem)
    return None


@each_call
def test_a_right_answer_is_taken(name: str, odd: OddServer) -> None:
    assert asked(name, odd, told(CALLS[name][1])) is not None


@each_call
@given(content=st.binary(max_size=200), status=statuses)
@spoiling
def test_any_body_is_one_clear_error(
    odd: OddServer, name: str, content: bytes, status: int
) -> None:
    asked(name, odd, Reply(status, content))


@each_call
@given(content=st.binary(max_size=300), begins=st.booleans())
@spoiling
def test_bytes_that_are_no_http_are_one_clear_error(
    odd: OddServer, name: str, content: bytes, begins: bool
) -> None:
    assert asked(name, odd, Raw((b"HTTP/1.1 200 OK\r\n" if begins else b"") + content)) is None


@each_call
@given(data=st.data())
@spoiling
def test_an_answer_with_one_wrong_part_is_read_or_refused(
    odd: OddServer, name: str, data: st.DataObject
) -> None:
    answer = data.draw(spoilt(CALLS[name][1]))
    try:
        body = as_bytes(answer)
    except ValueError:  # more digits than Python writes
        body = b"1" * 5000
    asked(name, odd, Reply(body=body))


@given(error=json_values, status=statuses)
@patient
def test_any_error_is_one_clear_error(odd: OddServer, error: object, status: int) -> None:
    body = as_bytes({"error": error}) if not has_digits_too_many(error) else b"{}"
    assert asked("show", odd, Reply(status, body)) is None


def has_digits_too_many(value: object) -> bool:
    try:
        return len(json.dumps(value)) > 4000
    except ValueError:
        return True


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("show", ENTRY | {"ticket": "f" * 32}),
        ("show", ENTRY | {"found_at": "yesterday"}),
        ("show", ENTRY | {"found_at": "2026-05-04T12:30:00"}),
        ("show", ENTRY | {"distance": 300}),
        ("show", ENTRY | {"view": "a" * 64}),
        ("show", ENTRY | {"state": "lost"}),
        ("status", STATUS | {"nonce": "abc", "case": "1111-1111-1111"}),
        ("status", STATUS | {"nonce": "two\nlines"}),
        ("status", STATUS | {"nonce": "abc", "matches": {"Not a word": 1}}),
        ("status", STATUS | {"nonce": "abc", "pictures": True}),
        ("report", {"results": []}),
        ("report", {"results": [REPORTED, REPORTED]}),
        ("report", {"results": [REPORTED | {"content_id": "post-2"}]}),
        ("report", {"results": [REPORTED | {"tickets": ["no ticket"]}]}),
        ("check", {"results": []}),
        ("queue", {"matches": [ENTRY], "next": TICKET}),
        ("orders", {"orders": [ORDER], "next": TICKET}),
        ("orders", {"orders": [ORDER], "next": "../queue"}),
        ("orders", {"orders": [ORDER | {"state": "lost"}], "next": None}),
        ("acknowledge", ORDER | {"order": "f" * 32}),
        ("acknowledge", ORDER | {"order": f"{TICKET}\n"}),
        ("hand_over", ORDER | {"due_at": "soon"}),
        ("recheck", ORDER | {"escalated": "<b>"}),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_an_answer_about_something_else_is_refused(
    name: str, wrong: object, odd: OddServer
) -> None:
    assert asked(name, odd, told(wrong)) is None


def test_what_became_of_a_document_is_read_strictly(odd: OddServer) -> None:
    victim = Victim(CASE, CODE)
    with Server(odd.address) as server:
        odd.answers(told(TAKEN))
        document = victim.submission(picture(seeded(2)))
        assert remote.submit(server, document) == TAKEN
        assert odd.asked[0].body == document.to_bytes()
        for wrong in ({"case": "1111-1111-1111"}, {"outcome": "<b>"}, {"pictures": -1}):
            odd.answers(told(TAKEN | wrong))
            with pytest.raises(BadAnswer):
                remote.submit(server, document)


def test_the_queue_is_read_page_by_page_and_no_match_comes_twice(odd: OddServer) -> None:
    tickets = [f"{number:032x}" for number in range(4)]
    rows = [ENTRY | {"ticket": ticket} for ticket in tickets]
    pages = [
        {"matches": rows[:2], "next": tickets[1]},
        {"matches": rows[1:3], "next": tickets[2]},
        {"matches": rows[3:], "next": None},
    ]
    odd.answers(*map(told, pages))
    with Server(odd.address, "key") as server:
        assert remote.queue(server, everything=False) == rows
    assert [it.path for it in odd.asked] == [
        "/v1/queue?state=open",
        f"/v1/queue?state=open&after={tickets[1]}",
        f"/v1/queue?state=open&after={tickets[2]}",
    ]


def test_fields_that_a_newer_server_adds_are_passed_on(odd: OddServer) -> None:
    newer = ENTRY | {"weather": AT}
    odd.answers(told(newer))
    with Server(odd.address, "key") as server:
        assert remote.show(server, TICKET) == newer


SECRETS = {
    "hash": "0123456789abcdef" * 4,
    "key": "hashreg_" + "aB3-_" * 8 + "xyz",
    "code": "ABCD-EFGH-JKMN-PQRS-T",
    "ticket": "fedcba9876543210" * 2,
    "tokens": "q80BEjRWeJCrze8BI0VniavN7wEj" * 2,
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_server_can_not_make_us_say_what_is_secret(kind: str, odd: OddServer) -> None:
    secret = SECRETS[kind]
    saying = {"code": secret, "message": f"You sent {secret}.", "field": secret}
    for error in (saying, saying | {"code": "refused", "field": None}, secret, [secret]):
        odd.answers(told({"error": error}, 400), told({secret: secret}))
        with Server(odd.address, secret, patience=Patience(sleep=lambda _: None)) as server:
            for _ in range(2):
                with pytest.raises(HashregError) as raised:
                    remote.show(server, TICKET)
                said = repr([str(raised.value), raised.value, vars(raised.value)])
                assert (secret in said, secret[:20] in said) == (False, False)


def test_the_words_of_a_server_are_told_as_its_words(odd: OddServer) -> None:
    odd.answers(refusal(409, "refused", "This match is closed."))
    with (
        Server(odd.address, "key") as server,
        pytest.raises(ServerRefused, match=r"^The server says: This match is closed\.$"),
    ):
        remote.show(server, TICKET)
