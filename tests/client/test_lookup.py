"""A look-up at a server asks, looks where it is told to, and says what the server knows then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from client.right_answers import EXPLANATION, TICKET
from hashreg.client.http import Server
from hashreg.client.lookup import ROUNDS, RemoteLookup
from hashreg.hashing import fingerprint
from hashreg.model.errors import BadAnswer, InvalidInput, ServerRefused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import FoundMatch, match_from_json
from hashreg.model.tokens import Transform
from support.cases import picture, seeded
from support.odd_server import Asked, OddServer, Reply, refusal, told
from support.program import SAMPLES

IDENTITY = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
MATCH = {"ticket": None, **EXPLANATION}
UNSURE = MATCH | {"tier": "review", "distance": 40}


@dataclass
class Looking:
    """An upload that notes where it was looked at."""

    looks: list[Transform] = field(default_factory=list)

    def aligned(self, transform: Transform) -> Sequence[HashItem]:
        self.looks.append(transform)
        return [HashItem(Algorithm.PDQ, "whole", "0f" * 32, 90)]


def row(*matches: object, handles: Sequence[str] = (), error: object = None) -> dict[str, object]:
    align = [{"handle": handle, "transform": IDENTITY} for handle in handles]
    return {"content_id": "x", "matches": matches, "align": align, "error": error}


def rows(*results: object) -> Reply:
    return told({"results": results})


def late(handle: str = "late") -> dict[str, object]:
    """Return what the server says of a handle that it doesn't know any more."""
    error = {"code": "not_found", "message": f"No {handle}.", "field": "handle"}
    return {"content_id": None, "tier": None, "tickets": [], "align": [], "error": error}


@pytest.fixture
def lookup(odd: OddServer) -> Iterator[RemoteLookup]:
    with Server(odd.address, "hashreg_key") as server:
        yield RemoteLookup(server)


def found(*matches: object) -> list[FoundMatch]:
    return [match_from_json(it, "") for it in matches]


@pytest.fixture
def upload() -> Fingerprint:
    return replace(picture(seeded(1)), aligner=Looking())


def test_hashes_and_tokens_are_asked_and_the_answers_keep_their_order(
    odd: OddServer, lookup: RemoteLookup
) -> None:
    photo = fingerprint(SAMPLES / "originals" / "cat.png", views="query")
    other = fingerprint(SAMPLES / "originals" / "officer.jpg", views="query")
    odd.answers(rows(row(), row(UNSURE, MATCH)))
    assert lookup.lookup([photo, other]) == [[], found(MATCH, UNSURE)]
    (asked,) = odd.asked
    assert asked.path == "/v1/check"
    assert asked.json["align"] is True
    for sent, it in zip(asked.json["items"], (photo, other), strict=True):
        assert sent["hashes"] == [item.as_json() for item in it.hashes]
        assert it.tokens is not None
        assert sent["tokens"] == it.tokens.as_json()
        assert sent["quality"] == it.quality
        assert set(sent) == {"content_id", "hashes", "tokens", "quality"}


def test_a_device_looks_where_the_server_says_and_the_last_word_counts(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    odd.answers(
        rows(row(UNSURE, handles=["one", "two"])),
        rows(row(UNSURE), row(UNSURE, handles=["three"])),
        rows(row(MATCH, UNSURE)),
    )
    assert lookup.lookup([upload]) == [found(MATCH, UNSURE)]
    assert [it.path for it in odd.asked] == ["/v1/check", "/v1/align", "/v1/align"]
    sent = [it["handle"] for asked in odd.asked[1:] for it in asked.json["items"]]
    assert sent == ["one", "two", "three"]
    seen = {"algorithm": "pdq", "view": "whole", "hash": "0f" * 32, "quality": 90}
    assert odd.asked[1].json["items"][0]["hashes"] == [seen]
    assert isinstance(upload.aligner, Looking)
    assert upload.aligner.looks == [tuple(IDENTITY)] * 3


def test_a_server_that_always_sends_a_device_on_is_left(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    odd.answers(rows(row(UNSURE, handles=["again"])))
    assert lookup.lookup([upload]) == [found(UNSURE)]
    assert len(odd.asked) == 1 + ROUNDS


def test_who_can_not_look_says_so_and_is_asked_about_apart(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    blind = picture(seeded(2))

    def answering(asked: Asked) -> Reply:
        result = row(MATCH) if asked.json["align"] else row(UNSURE)
        return rows(*[result] * len(asked.json["items"]))

    odd.answers_by(answering)
    answers = lookup.lookup([blind, upload, blind])
    assert answers == [found(UNSURE), found(MATCH), found(UNSURE)]
    assert [it.json["align"] for it in odd.asked] == [True, False]


def test_a_device_that_was_too_slow_asks_once_more(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    other = replace(picture(seeded(3)), aligner=Looking())
    odd.answers(
        rows(row(handles=["one"]), row(UNSURE)),
        rows(late()),
        rows(row(handles=["new"])),
        rows(row(MATCH)),
    )
    assert lookup.lookup([upload, other]) == [found(MATCH), found(UNSURE)]
    assert [len(it.json["items"]) for it in odd.asked] == [2, 1, 1, 1]


def test_a_device_that_is_always_too_slow_is_told_and_nothing_is_called_clear(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    odd.answers_by(lambda it: rows(row(handles=["h"]) if it.path == "/v1/check" else late()))
    with pytest.raises(ServerRefused) as refused:
        lookup.lookup([upload])
    assert refused.value.code == "not_found"


def test_one_of_several_looks_that_came_too_late_spoils_the_answer(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    answers = iter([row(handles=["a", "b"]), late(), row(MATCH)])
    odd.answers(
        rows(next(answers)), rows(next(answers), row()), rows(row(handles=["c"])), rows(row(MATCH))
    )
    assert lookup.lookup([upload]) == [found(MATCH)]
    assert [it.path for it in odd.asked] == ["/v1/check", "/v1/align"] * 2


def test_a_picture_that_is_too_plain_is_no_error_and_anything_else_is(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    plain = {"code": "too_plain", "message": "Too plain.", "field": "file"}
    odd.answers(rows(row(MATCH, error=plain)))
    assert lookup.lookup([upload]) == [found(MATCH)]
    odd.answers(rows(row(error=plain | {"code": "invalid_hash"})))
    with pytest.raises(ServerRefused):
        lookup.lookup([upload])


def test_with_a_platform_files_are_named_and_tickets_come_back(
    odd: OddServer, upload: Fingerprint
) -> None:
    odd.answers(rows(row(MATCH | {"ticket": TICKET})))
    digest = upload.get(Algorithm.SHA256, "file")
    assert digest is not None
    with Server(odd.address, "hashreg_key") as server:
        lookup = RemoteLookup(server, "examplegram")
        ((match,),) = lookup.lookup([upload])
        with pytest.raises(InvalidInput):
            lookup.lookup([Fingerprint(upload.hashes[:1], 90)])
    assert match.ticket == TICKET
    assert odd.asked[0].json["platform"] == "examplegram"
    assert odd.asked[0].json["items"][0]["content_id"] == digest.hash


def test_an_empty_question_finds_out_whether_one_may_ask(
    odd: OddServer, lookup: RemoteLookup
) -> None:
    odd.answers(rows())
    assert lookup.lookup([]) == []
    assert odd.asked[0].json == {"items": [], "align": True}
    odd.answers(refusal(403, "forbidden"))
    with pytest.raises(ServerRefused):
        lookup.lookup([])


def test_many_uploads_are_cut_into_calls_that_a_server_takes(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    odd.answers_by(lambda it: rows(*[row()] * len(it.json["items"])))
    assert lookup.lookup([upload] * 1100) == [[]] * 1100
    assert [len(it.json["items"]) for it in odd.asked] == [500, 500, 100]


@pytest.mark.parametrize(
    "transform",
    [[1, 0, 0, 0, 1], [1, 0, 0, 0, 1, None], [1, 0, 0, 0, 1, 1e9], [True] * 6, "abcdef"],
)
def test_a_way_to_lie_that_is_none_is_refused(
    transform: object, odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    wrong = row() | {"align": [{"handle": "h", "transform": transform}]}
    odd.answers(rows(wrong))
    with pytest.raises(BadAnswer):
        lookup.lookup([upload])


def test_a_server_can_not_keep_a_device_busy(
    odd: OddServer, lookup: RemoteLookup, upload: Fingerprint
) -> None:
    odd.answers(rows(row(handles=[f"h{number}" for number in range(65)])))
    with pytest.raises(BadAnswer):
        lookup.lookup([upload])
    assert isinstance(upload.aligner, Looking)
    assert upload.aligner.looks == []
