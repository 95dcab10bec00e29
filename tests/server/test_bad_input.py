"""Bodies and names that nobody should send: an error of the one shape, which repeats nothing."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from hashreg.client import keys
from hashreg.server import victims
from hashreg.server.endpoints import FEW_BYTES
from hashreg.server.table import ENDPOINTS
from support.cases import Victim, picture, seeded

from .here import here
from .house import NOWHERE, House, quick_keys

CANARY = "can4ry0f5h0u1dn0tb3t01d"
JSON, JSONL, MSGPACK = "application/json", "application/x-ndjson", "application/msgpack"
HASH = {"algorithm": "pdq", "view": "whole", "hash": "0f" * 32, "quality": 90}
ITEM = {"content_id": "photo", "hashes": [HASH]}
WRONG: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    10**30,
    "",
    CANARY,
    CANARY * 1000,
    f"{CANARY}\x00",
    f"{CANARY}\ud800",
    "\udcff" + CANARY,
    [],
    [CANARY],
    [[[CANARY]]],
    {},
    {CANARY: CANARY},
    {"items": {"hashes": CANARY}},
]
"""Values of every type, for fields of any other."""
TAKES = {
    "/v1/lookup": ("platform", {"items": [ITEM], "tier": "match", "align": True}),
    "/hma/m/lookup": ("platform", {"signal_type": "pdq", "signal": "0f" * 32}),
    "/stopncii/SubmitFeedback": (
        "platform feed",
        {"hashFeedbacks": [{"hashValue": "0f" * 32, "feedbackValue": "Blocked", "tags": []}]},
    ),
    "/v1/reports": ("platform", {"items": [ITEM], "tier": "match", "keep_days": 3}),
    "/v1/align": ("platform", {"items": [{"handle": "a", "hashes": [HASH]}]}),
    "/v1/tickets/{ticket}/verdict": (
        "platform",
        {"verdict": "blocked", "reason": "non_consensual"},
    ),
    "/v1/tickets/{ticket}/removal": ("platform", {"removed_at": "2026-05-04T08:00:00Z"}),
    "/v1/orders/{order}/acknowledge": ("platform", {}),
    "/v1/orders/{order}/recheck": ("platform", {"present": True}),
    "/v1/orders/{order}/deliver": ("moderator", {}),
    "/v1/check": ("moderator", {"items": [ITEM], "platform": "examplegram", "tier": "review"}),
    "/v1/held/{picture}": ("moderator", {"decision": CANARY}),
    "/v1/people/platform": (
        "operator",
        {"name": "", "scopes": ["lookup"], "sandbox": False, "days": 3},
    ),
    "/v1/people/platform/nobody/keys": ("operator", {"scopes": ["lookup"], "days": 3}),
    "/v1/people/platform/nobody/revoke": ("operator", {"key": "abcdefgh"}),
    "/v1/status": (
        None,
        {"case": "", "nonce": "1-2", "public_key": "0f" * 32, "signature": "0f" * 64},
    ),
    "/v1/delegated/status": ("helper", {"case": ""}),
    "/v1/delegated/pictures": ("helper", {"case": Victim().number, "items": []}),
    "/v1/delegated/withdrawal": ("helper", {"case": ""}),
}


def told(house: House, answered: httpx.Response) -> None:
    """Check that an answer is a good one or the one error, and that it repeats nothing."""
    assert answered.status_code < 500
    assert CANARY not in answered.text
    assert CANARY.encode() not in answered.content
    if answered.status_code >= 400:
        assert answered.json().keys() == {"error"}
        assert answered.json()["error"].keys() == {"code", "message", "field"}
    assert CANARY not in house.service.log.read_text()


def refused(house: House, answered: httpx.Response, status: int, code: str) -> None:
    told(house, answered)
    assert (answered.status_code, answered.json()["error"]["code"]) == (status, code)


def post(
    house: House, path: str, content: bytes, who: str | None, kind: str = JSON
) -> httpx.Response:
    filled = path.format(ticket=house.tickets[0], order="0f" * 16, picture=house.held[0])
    with house.client(who, **{"Content-Type": kind}) as client:
        return client.post(filled, content=content)


def changed(value: object) -> list[Any]:
    """Return a value with one field after the other, however deep, of another type."""
    found: list[Any] = list(WRONG)
    if isinstance(value, dict):
        for name, inner in value.items():
            found += [value | {name: it} for it in changed(inner)]
            found.append({key: it for key, it in value.items() if key != name})
    if isinstance(value, list):
        found += [[it] for inner in value[:1] for it in changed(inner)]
    return found


def echoed(body: object) -> str:
    """Return what an answer may repeat: names that the caller gives to things."""
    if not isinstance(body, dict):
        return ""
    items = body.get("items")
    listed = items if isinstance(items, list) else []
    told = [it.get("content_id") for it in listed if isinstance(it, dict)]
    return repr([*told, body.get("name")])


def tidy(value: object) -> object:
    """Return a value without what MessagePack can't say."""
    if isinstance(value, dict):
        return {str(tidy(name)): tidy(it) for name, it in value.items()}
    if isinstance(value, list):
        return [tidy(it) for it in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return 1 << 63 if isinstance(value, int) and value > 1 << 64 else value


def test_every_body_that_is_taken_is_tried() -> None:
    for endpoint in ENDPOINTS:
        if endpoint.takes and endpoint.path not in {"/v1/challenge", "/v1/submissions"}:
            path = endpoint.path.replace(":str", "").replace("{role}", "platform")
            assert path.replace("{name}", "nobody") in TAKES


@pytest.mark.parametrize("path", TAKES)
def test_wrong_types_in_every_field_are_refused_and_not_repeated(at: House, path: str) -> None:
    who, good = TAKES[path]
    with at.client(who) as client:
        filled = path.format(ticket=at.tickets[-1], order="0f" * 16, picture="0f" * 16)
        for number, body in enumerate(changed(good)):
            packed = number % 5 == 0
            sent = msgspec.msgpack.encode(tidy(body)) if packed else json.dumps(body).encode()
            kind = MSGPACK if packed else JSON
            answered = client.post(filled, content=sent, headers={"Content-Type": kind})
            assert answered.status_code < 500, body
            if CANARY not in echoed(body):
                assert CANARY not in answered.text
            if answered.status_code >= 400:
                assert answered.json()["error"].keys() == {"code", "message", "field"}
    assert CANARY not in at.service.log.read_text()
    assert at.is_well()


BODIES: dict[str, bytes] = {
    "empty object": b"{}",
    "no object": f'["{CANARY}"]'.encode(),
    "a number": b"1",
    "NaN": b'{"items": NaN}',
    "Infinity": b'{"items": [{"content_id": "a", "quality": -Infinity}]}',
    "cut off": f'{{"items": "{CANARY}'.encode(),
    "duplicate keys": f'{{"items": [], "items": ["{CANARY}"]}}'.encode(),
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b'{"items":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "invalid UTF-8": b'{"items": "' + CANARY.encode() + b'\xff"}',
    "encoded surrogate": b'{"items": "' + CANARY.encode() + b'\xed\xa0\x80"}',
    "many digits": b'{"items": ' + b"9" * 100_000 + b"}",
    "large exponent": b'{"items": 1e999999}',
    "NUL": b'{"items": "' + CANARY.encode() + b'\x00"}',
    "only a BOM": b"\xef\xbb\xbf",
    "trailing words": b'{"items": []} ' + CANARY.encode(),
    "spaces": b" " * 10_000,
    "no text": bytes(range(256)),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/check", "/v1/people/platform"])
def test_what_is_no_such_body_is_refused(at: House, path: str, name: str) -> None:
    who = TAKES[path][0]
    answered = post(at, path, BODIES[name], who)
    told(at, answered)
    too_long = path.startswith("/v1/people") and len(BODIES[name]) > FEW_BYTES
    assert answered.status_code == (413 if too_long else 400)
    told(at, post(at, path, BODIES[name], who, MSGPACK))


def test_a_body_without_hashes_may_be_short_only(at: House) -> None:
    padded = b'{"verdict": "blocked"' + b" " * FEW_BYTES + b"}"
    ticket = f"/v1/tickets/{'0' * 32}"
    for path, who in (("/v1/status", None), (f"{ticket}/verdict", "platform")):
        refused(at, post(at, path, padded, who), 413, "too_large")
        assert post(at, path, padded.replace(b" ", b""), who).status_code != 413


@pytest.mark.parametrize("small", [b"{},", b"[],", b"[[[]]],"])
def test_json_of_nothing_but_small_parts_is_refused_before_it_fills_memory(
    at: House, small: bytes
) -> None:
    many = b'{"items": [' + small * 300_000 + b"1]}"
    refused(at, post(at, "/v1/lookup", many, "platform"), 400, "invalid_input")
    refused(at, post(at, "/v1/submissions", many, None), 400, "invalid_document")


def test_messagepack_needs_a_key_and_is_short(at: House) -> None:
    empty_lists = b"\x81\xa5items\xdd" + (2_000_000).to_bytes(4, "big") + b"\x90" * 2_000_000
    refused(at, post(at, "/v1/lookup", empty_lists, "platform", MSGPACK), 413, "too_large")
    packed = msgspec.msgpack.encode({"case": "", "nonce": "", "public_key": "", "signature": ""})
    refused(at, post(at, "/v1/status", packed, None, MSGPACK), 415, "unsupported_media_type")


def test_few_items_of_a_call_may_have_tokens(at: House) -> None:
    tokens = {"recipe": "tokens-1", "kind": "asked", "data": base64.b64encode(bytes(14)).decode()}
    items = [{"content_id": str(n), "hashes": [], "tokens": tokens} for n in range(501)]
    sent = json.dumps({"items": items}).encode()
    refused(at, post(at, "/v1/lookup", sent, "platform"), 400, "invalid_input")
    sent = json.dumps({"items": items[1:]}).encode()
    assert post(at, "/v1/lookup", sent, "platform").status_code == 200


@pytest.mark.parametrize(
    ("header", "korean"),
    [
        ("ko", True),
        ("ko-KR,ko;q=0.9,en-US;q=0.8", True),
        ("en;q=0.5, ko;q=0.9", True),
        ("fr, ko;q=0.1", True),
        ("ko;q=0.1, en;q=0.9", False),
        ("ko;q=0, en", False),
        ("ko;q=0", False),
        ("en, ko", False),
        ("", False),
        ("korean", False),
    ],
)
def test_errors_are_told_in_the_language_that_is_liked_best(
    at: House, header: str, korean: bool
) -> None:
    with at.client(None) as client:
        said = client.get("/v1/tickets", headers={"Accept-Language": header}).json()
    assert ("키가" in said["error"]["message"]) == korean


@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_document_is_refused(at: House, name: str) -> None:
    refused(at, post(at, "/v1/submissions", BODIES[name], None), 400, "invalid_document")


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_line_has_an_error_and_the_next_is_answered(at: House, name: str) -> None:
    sent = BODIES[name] + b"\n" + json.dumps(ITEM).encode()
    answered = post(at, "/v1/lookup", sent, "platform", JSONL)
    assert answered.status_code == 200
    assert CANARY not in answered.text
    *bad, good = [json.loads(line) for line in answered.text.splitlines()]
    assert good["content_id"] == "photo"
    assert good["error"] is None
    assert all(it["error"]["code"].startswith("invalid") for it in bad)


PACKED: dict[str, bytes] = {
    "cut off": b"\x81\xa5items\xdd\xff\xff\xff\xff",
    "never used byte": b"\xc1",
    "extension": msgspec.msgpack.encode({"items": msgspec.msgpack.Ext(5, CANARY.encode())}),
    "time": b"\x81\xa5items\xd6\xff\x00\x00\x00\x00",
    "bad time": b"\x81\xa5items\xc7\x0c\xff" + b"\xff" * 12,
    "bytes": msgspec.msgpack.encode({"items": [{"content_id": CANARY.encode(), "hashes": []}]}),
    "deep": b"\x91" * 100_000,
    "deep objects": b"\x81\xa1a" * 100_000,
    "keys that are numbers": b"\x81\x01\x02",
    "keys that are lists": b"\x81\x91\x01\x02",
    "keys that are objects": b"\x81\x80\x02",
    "key that is no UTF-8": b"\x81\xa2\xff\xff\x01",
    "NaN": msgspec.msgpack.encode({"items": float("nan")}),
    "trailing words": msgspec.msgpack.encode({"items": []}) + CANARY.encode(),
    "a huge map": b"\xdf\xff\xff\xff\xff",
}


@pytest.mark.parametrize("name", PACKED)
def test_messagepack_that_is_none_is_refused(at: House, name: str) -> None:
    answered = post(at, "/v1/reports", PACKED[name], "platform", MSGPACK)
    told(at, answered)
    assert answered.status_code == 400 or answered.json()["results"][0]["error"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=a", "", "a" * 5000]
)
def test_another_content_type_is_refused(at: House, kind: str) -> None:
    refused(at, post(at, "/v1/lookup", b'{"items": []}', "platform", kind), 415, CODE_415)


CODE_415 = "unsupported_media_type"


def test_lines_are_refused_where_they_are_not_taken(at: House) -> None:
    refused(at, post(at, "/v1/align", b"{}\n", "platform", JSONL), 415, CODE_415)


def test_json_may_begin_with_a_bom_and_say_its_encoding(at: House) -> None:
    body = b'\xef\xbb\xbf{"items": []}'
    answered = post(at, "/v1/lookup", body, "platform", "application/json; charset=utf-8")
    assert answered.json() == {"results": []}


HASHES: dict[str, dict[str, object]] = {
    "upper case": {"hash": "0F" * 32},
    "too short": {"hash": "0f" * 31},
    "too long": {"hash": "0f" * 33},
    "no hex": {"hash": "0g" * 32},
    "full-width digits": {"hash": "\uff10\uff11" * 32},
    "empty": {"hash": ""},
    "unknown algorithm": {"algorithm": CANARY},
    "unhashable algorithm": {"algorithm": [CANARY]},
    "view in capitals": {"view": CANARY.upper()},
    "long view": {"view": "a" * 41},
    "quality of 101": {"quality": 101},
    "quality that is true": {"quality": True},
    "another field": {"picture": CANARY},
}


@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("path", ["/v1/lookup", "/v1/reports"])
def test_a_bad_hash_is_its_items_error_and_the_others_are_answered(
    at: House, path: str, name: str
) -> None:
    bad = {"content_id": "bad", "hashes": [HASH | HASHES[name]]}
    answered = post(at, path, json.dumps({"items": [bad, ITEM]}).encode(), "platform")
    told(at, answered)
    first, second = answered.json()["results"]
    assert (first["content_id"], first["error"]["code"]) == ("bad", "invalid_hash")
    assert first["tier"] is None
    assert first["tickets"] == []
    assert second["error"] is None


def test_10001_items_are_too_many_and_10000_are_not(at: House) -> None:
    items = [{"content_id": str(number)} for number in range(10_001)]
    sent = json.dumps({"items": items}).encode()
    refused(at, post(at, "/v1/lookup", sent, "platform"), 400, "invalid_input")
    sent = json.dumps({"items": items[:-1]}).encode()
    assert len(post(at, "/v1/lookup", sent, "platform").json()["results"]) == 10_000


def test_129_hashes_are_too_many_and_128_are_not(at: House) -> None:
    hashes = [HASH | {"view": f"v{number}"} for number in range(129)]
    items = [{"content_id": "a", "hashes": hashes}, {"content_id": "b", "hashes": hashes[:128]}]
    first, second = post(
        at, "/v1/lookup", json.dumps({"items": items}).encode(), "platform"
    ).json()["results"]
    assert first["error"]["code"].startswith("invalid")
    assert second["error"] is None


PATHS = [
    f"/v1/tickets/{CANARY}",
    "/v1/tickets/%00",
    f"/v1/tickets/%ff%fe{CANARY}",
    f"/v1/tickets/{CANARY}%2f..%2f..",
    "/v1/tickets/" + "a" * 20_000,
    f"/v1/tickets/{'0f' * 16}%0a",
    "/v1/tickets/%F0%9F%98%80",
    f"/v1/{CANARY}",
    f"/{CANARY}%00%ff",
    "/v1/tickets/%",
    "/v1/tickets/%zz",
    "/v1/tickets?limit=" + "9" * 10_000,
    "/v1/tickets?limit=-1",
    "/v1/tickets?limit=1e3",
    "/v1/tickets?limit=%D9%A3",
    "/v1/tickets?limit=",
    f"/v1/tickets?state={CANARY}",
    f"/v1/tickets?after={CANARY}",
    f"/v1/tickets?after=%ff%00{CANARY}",
]


@pytest.mark.parametrize("path", PATHS)
def test_rubbish_in_the_address_is_refused(at: House, path: str) -> None:
    with at.client("platform") as client:
        answered = client.get(at.service.url + path)
    told(at, answered)
    assert answered.status_code in {400, 404}


@pytest.mark.parametrize("name", ["%00", "%ff", "%F0%9F%98%80", "a" * 5000, "%0a", "..."])
def test_rubbish_as_a_name_is_refused(at: House, name: str) -> None:
    with at.client("operator") as client:
        for path in (f"/v1/people/platform/{name}/keys", f"/v1/people/{name}/root/revoke"):
            answered = client.post(at.service.url + path, json={})
            told(at, answered)
            assert answered.status_code in {400, 404}
        told(at, client.get(f"{at.service.url}/v1/people/{name}"))


TIMES = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00Z",
    "2026-05-04",
    "2026-05-04T08:00:00",
    "2026-05-04T08:00:00+23:59:59.999999",
    f"2026-05-04T08:00:00Z{CANARY}",
    "\uff12026-05-04T08:00:00Z",
]


@pytest.mark.parametrize("time", TIMES)
def test_an_odd_time_is_refused_or_kept(at: House, time: str) -> None:
    path = "/v1/tickets/{ticket}/removal"
    told(at, post(at, path, json.dumps({"removed_at": time}).encode(), "platform"))
    assert at.is_well()


def asking(house: House, nonce: str) -> httpx.Response:
    victim = house.victims[0]
    with quick_keys():
        key, signature = keys.signed_question(victim.number, victim.code, nonce)
    body = {"case": victim.number, "nonce": nonce, "public_key": key, "signature": signature}
    with house.client() as client:
        return client.post("/v1/status", json=body)


def fresh(house: House) -> str:
    with house.client() as client:
        return str(client.post("/v1/challenge", json={}).json()["nonce"])


NONCES: dict[str, Callable[[str], str]] = {
    "of another start": lambda nonce: f"{nonce.partition('-')[0]}-{'0f' * 16}",
    "made to last longer": lambda nonce: "9" + nonce,
    "with more behind it": lambda nonce: nonce + "0",
    "in capitals": str.upper,
    "empty": lambda _: "",
    "half": lambda nonce: nonce.partition("-")[0],
}


@pytest.mark.parametrize("name", NONCES)
def test_a_nonce_that_is_not_ours_opens_nothing(at: House, name: str) -> None:
    nonce = fresh(at)
    if NONCES[name](nonce) != nonce:
        refused(at, asking(at, NONCES[name](nonce)), 400, "invalid_input")
    assert asking(at, nonce).status_code == 200


def test_a_foreign_signature_and_an_unknown_case_are_answered_alike(at: House) -> None:
    nonce = fresh(at)
    answers = []
    for number in (at.victims[0].number, Victim().number):
        stranger = Victim(number=number)
        with quick_keys():
            key, signature = keys.signed_question(number, stranger.code, nonce)
        body = {"case": number, "nonce": nonce, "public_key": key, "signature": signature}
        with at.client() as client:
            answers.append(client.post("/v1/status", json=body))
    assert [it.status_code for it in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_a_document_that_was_changed_is_refused(at: House) -> None:
    with quick_keys():
        made = Victim().submission(picture(seeded(77)))
    body = json.loads(made.to_bytes()) | {"created": "2026-01-01"}
    refused(at, post(at, "/v1/submissions", json.dumps(body).encode(), None), 409, "refused")
    body["note"] = CANARY
    sent = json.dumps(body).encode()
    refused(at, post(at, "/v1/submissions", sent, None), 400, "invalid_document")


def test_a_nonce_that_has_expired_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = Victim()
    with here(tmp_path) as service, service.client(key=False) as client, quick_keys():
        sent = victim.submission(picture(seeded(78))).to_bytes()
        assert client.post("/v1/submissions", content=sent).status_code == 200
        for lifetime, status in ((300, 200), (-1, 409)):
            monkeypatch.setattr(victims, "LIFETIME", lifetime)
            nonce = client.post("/v1/challenge", json={}).json()["nonce"]
            key, signature = keys.signed_question(victim.number, victim.code, nonce)
            body = {
                "case": victim.number,
                "nonce": nonce,
                "public_key": key,
                "signature": signature,
            }
            assert client.post("/v1/status", json=body).status_code == status


@pytest.mark.parametrize("accepted", [JSON, MSGPACK])
def test_half_a_character_in_a_content_id_comes_back_as_it_was(
    tmp_path: Path, accepted: str
) -> None:
    sent = json.dumps({"content_id": "half \ud800", "hashes": NOWHERE}).encode()
    with here(tmp_path) as service, service.client() as client:
        client.headers["Accept"] = accepted
        for path in ("/v1/lookup", "/v1/reports"):
            told = client.post(path, content=b'{"items": [' + sent + b"]}")
            assert told.headers["content-type"] == JSON
            assert told.json()["results"][0]["content_id"] == "half \ud800"
            told = client.post(path, content=sent, headers={"Content-Type": JSONL})
            assert json.loads(told.text)["content_id"] == "half \ud800"
