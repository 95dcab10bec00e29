"""The OpenAPI document with real names in it, so that what is made up from it finds something."""

import base64
import json
from typing import Any

import msgspec
import schemathesis
from schemathesis import DeserializationContext, Response, SerializationContext

from hashreg.client import keys
from hashreg.server.openapi import document
from hashreg.server.table import ENDPOINTS
from support.cases import Victim, picture, seeded

from .house import House, quick_keys

JSONL, MSGPACK = "application/x-ndjson", "application/msgpack"
_COMPONENTS = "#/components/schemas/"
Schema = dict[str, Any]


@schemathesis.serializer(MSGPACK)
def _packed(_: SerializationContext, value: object) -> bytes:
    try:
        return msgspec.msgpack.encode(value)
    except (OverflowError, UnicodeEncodeError):  # which MessagePack has no way to say
        return json.dumps(value).encode()


@schemathesis.serializer(JSONL)
def _lines(_: SerializationContext, value: object) -> bytes:
    rows = value if isinstance(value, list) else [value]
    return b"\n".join(json.dumps(row).encode() for row in rows)


@schemathesis.deserializer(MSGPACK)
def _unpacked(_: DeserializationContext, response: Response) -> object:
    return msgspec.msgpack.decode(response.content)


@schemathesis.deserializer(JSONL)
def _rows(_: DeserializationContext, response: Response) -> object:
    return [msgspec.json.decode(line) for line in response.content.splitlines()]


def schema_of(house: House) -> schemathesis.BaseSchema:
    """Return the service's document, in which no object has more fields than it tells."""
    made: Schema = json.loads(json.dumps(document(ENDPOINTS)))
    components = made["components"]["schemas"]
    for shape in components.values():
        if "properties" in shape:
            shape["additionalProperties"] = False
    _tell_lines(made)
    _name_what_is_there(made, house)
    _or_one_of(components, "Hash", [hash_ for number in range(3) for hash_ in house.upload(number)])
    _or_one_of(components, "DocumentFile", documents())
    _or_one_of(components, "Question", [question(house)])
    components["TokensOf"]["properties"]["data"] = {"enum": [_tokens(n) for n in (0, 1, 40)]}
    return schemathesis.openapi.from_dict(made)


def question(house: House) -> Schema:
    """Return how a victim asks where their case stands."""
    victim = house.victims[0]
    with house.client() as client:
        nonce = client.post("/v1/challenge").json()["nonce"]
    with quick_keys():
        key, signature = keys.signed_question(victim.number, victim.code, nonce)
    return {"case": victim.number, "nonce": nonce, "public_key": key, "signature": signature}


def documents() -> list[Any]:
    """Return files that nobody has handed in."""
    victims = [Victim() for _ in range(4)]
    with quick_keys():
        made = [
            victims[0].submission(picture(seeded(901))),
            victims[0].addition(picture(seeded(902))),
            victims[1].withdrawal(),
            victims[2].submission(picture(seeded(903))),
            victims[2].delegation("centre"),
            victims[3].addition(picture(seeded(904))),
        ]
    return [json.loads(it.to_bytes()) for it in made]


def _tokens(count: int) -> str:
    return base64.b64encode(seeded(count).randbytes(2 + 12 * count)).decode()


def _tell_lines(made: Schema) -> None:
    """Say what a line holds, for which OpenAPI 3.1 has no words."""
    for methods in made["paths"].values():
        for operation in methods.values():
            sent = operation.get("requestBody", {}).get("content", {})
            good = operation["responses"].get("200", {}).get("content", {})
            if JSONL in sent:
                sent[JSONL]["schema"] = {"type": "array", "items": _of("Item"), "maxItems": 5}
                result = "Checked" if operation["operationId"].endswith("check") else "Result"
                row = {"anyOf": [_of(result), _of("Failure")]}
                good[JSONL]["schema"] = {"type": "array", "items": row}


def _name_what_is_there(made: Schema, house: House) -> None:
    """Ask for tickets, cases, pictures and names that exist, and add pictures that could be."""
    cases = [it.number for it in house.victims]
    for name in ("OneCase", "Pictures"):
        made["components"]["schemas"][name]["properties"]["case"] = {"enum": cases}
    made["components"]["schemas"]["Fingerprints"] = {
        "enum": [picture(seeded(number)).as_json() for number in (905, 906, 907)]
    }
    real = {
        "ticket": house.tickets,
        "order": [_removed_order(house)],
        "case": cases,
        "picture": house.held,
        "name": ["is out", "was here", "nobody"],
    }
    for methods in made["paths"].values():
        for operation in methods.values():
            for it in operation["parameters"]:
                if it["name"] in real:
                    it["schema"] = {"enum": real[it["name"]]}


def _removed_order(house: House) -> str:
    """Return an order for content that is said to be removed, of a case that nobody ends."""
    made = picture(seeded(904))
    with quick_keys():
        document = Victim().submission(made).to_bytes()
    items = [{"content_id": "removed", "hashes": [it.as_json() for it in made.hashes]}]
    with (
        house.client() as victim,
        house.client("moderator") as moderator,
        house.client("platform") as platform,
    ):
        victim.post("/v1/submissions", content=document).raise_for_status()
        (result,) = platform.post("/v1/reports", json={"items": items}).json()["results"]
        ticket = result["tickets"][0]
        blocked = {"verdict": "blocked", "reason": "non_consensual"}
        moderator.post(f"/v1/tickets/{ticket}/verdict", json=blocked).raise_for_status()
        platform.post(f"/v1/tickets/{ticket}/removal", json={}).raise_for_status()
        orders = platform.get("/v1/orders?state=all&limit=1000").json()["orders"]
    return str(next(it["order"] for it in orders if ticket in it["tickets"]))


def _or_one_of(components: Schema, name: str, values: list[Any]) -> None:
    components[f"Any{name}"] = components[name]
    components[name] = {"anyOf": [{"enum": values}, _of(f"Any{name}")]}


def _of(name: str) -> Schema:
    return {"$ref": _COMPONENTS + name}
