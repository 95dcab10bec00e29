"""The OpenAPI document is one, tells of everything, and what it shows as an example is taken."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from hashreg.server.openapi import document
from hashreg.server.table import ENDPOINTS

from .house import House

DOCUMENT = document(ENDPOINTS)
Operation = dict[str, Any]
WITHOUT_EXAMPLE = {"/v1/challenge"}
"""Its body is empty."""
NOT_THERE = {404, 409}
"""What an example may be answered: it names a ticket, a case or a person that isn't there."""


def operations() -> Iterator[tuple[str, str, Operation]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def taking() -> list[tuple[str, Operation]]:
    return [(path, it) for _, path, it in operations() if "requestBody" in it]


def bodies(value: object) -> Iterator[tuple[dict[str, Any], object]]:
    """Yield every schema that has an example, and the example."""
    if isinstance(value, dict):
        if "schema" in value and "example" in value:
            yield value["schema"], value["example"]
        for inner in value.values():
            yield from bodies(inner)


def fits(schema: dict[str, Any], value: object) -> bool:
    whole = schema | {"components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole).is_valid(value)


def test_it_is_served_to_everybody_and_valid(at: House) -> None:
    with at.client() as client:
        served = client.get("/openapi.json")
    assert served.headers["content-type"] == "application/json"
    assert served.json() == json.loads(json.dumps(DOCUMENT))
    assert served.json()["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(served.json()).validate()


def test_every_end_point_is_in_it_and_nothing_else() -> None:
    told = [(method, path) for method, path, _ in operations()]
    assert sorted(told) == sorted((it.method, it.path.replace(":str", "")) for it in ENDPOINTS)


def test_every_operation_is_named_once_and_explained() -> None:
    names = [it["operationId"] for *_, it in operations()]
    assert len(set(names)) == len(names)
    for method, path, operation in operations():
        assert len(operation["summary"]) > 10
        assert [status for status in operation["responses"] if status.startswith("2")]
        parts = {it["name"] for it in operation["parameters"] if it["in"] == "path"}
        assert parts == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert ("requestBody" in operation) == (method == "POST"), path


def test_who_needs_a_key_is_told_with_the_scopes() -> None:
    for method, path, operation in operations():
        (endpoint,) = (
            it for it in ENDPOINTS if (it.method, it.path.replace(":str", "")) == (method, path)
        )
        assert ("security" in operation) == bool(endpoint.scopes)
        for scope in endpoint.scopes:
            assert scope in operation["description"]
        assert ("401" in operation["responses"]) == bool(endpoint.scopes)


def test_every_body_has_an_example_and_every_example_is_as_its_schema_says() -> None:
    for path, operation in taking():
        body = operation["requestBody"]["content"]["application/json"]
        assert "example" in body or path in WITHOUT_EXAMPLE, path
    found = list(bodies(DOCUMENT["paths"]))
    assert len(found) > 10
    assert all(fits(schema, example) for schema, example in found)


def test_a_schema_refuses_what_is_something_else() -> None:
    item = {"$ref": "#/components/schemas/Item"}
    assert fits(item, {"content_id": "a", "hashes": []})
    assert not fits(item, {"content_id": "", "hashes": []})
    assert not fits(item, {"content_id": "a", "hashes": [{"algorithm": "pdq"}]})


@pytest.mark.parametrize(("path", "operation"), taking(), ids=lambda it: it if "/" in it else "")
def test_examples_are_taken(at: House, path: str, operation: Operation) -> None:
    body = operation["requestBody"]["content"]["application/json"].get("example", {})
    filled = path.format(
        ticket="0f" * 16,
        order="0f" * 16,
        picture="0f" * 16,
        role="platform",
        name="nobody",
    )
    scopes = operation.get("description", "")
    who = next((who for who in WHO if f" {who.split()[1]}" in scopes), None)
    with at.client(who) as client:
        if path == "/v1/status":
            body = body | {"nonce": client.post("/v1/challenge").json()["nonce"]}
        answer = client.post(filled, json=body)
    assert answer.is_success or answer.status_code in NOT_THERE, answer.json()["error"]


WHO = [
    "platform lookup",
    "platform report",
    "platform tickets",
    "platform feed",
    "moderator check",
    "moderator queue",
    "operator people",
    "helper delegated",
]
