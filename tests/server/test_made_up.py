"""Whatever is made up from the OpenAPI document: answers are as documented, and hold no hash."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.errors import InvalidSchema
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from hashreg.model.people import SCOPES, Role, Scope
from hashreg.server.table import ENDPOINTS
from support import secrecy

from .fuzzing import JSONL, MSGPACK, schema_of
from .house import NOWHERE, PEOPLE, House, house, new_address

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
ROLES = [None, *PEOPLE, "sandbox"]
BOTH = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
MANY, VERY_MANY = 8, 400
"""Questions to an end point by who may ask, well-formed ones and as many that are not."""
OPERATIONS = [f"{it.method} {it.path.replace(':str', '')}" for it in ENDPOINTS]
ACCEPTED = cycle(["application/json", MSGPACK, "*/*"])


def operation_of(schema: BaseSchema, operation: str) -> APIOperation[Any, Any, Any, Any]:
    """Return an operation of a document, ``METHOD /path``."""
    method, _, path = operation.partition(" ")
    return schema[path][method]


class Asked:
    """A registry, its document, and what was answered."""

    def __init__(self, house: House) -> None:
        self.house = house
        made = schema_of(house)
        self.operations = {it: operation_of(made, it) for it in OPERATIONS}
        self.statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.session = requests.Session()
        self.session.trust_env = False

    def ask(self, case: Case[Any], who: str | None) -> bytes:
        """Ask, check the answer by the document, and return its bytes."""
        headers = {"X-Forwarded-For": new_address(), "Accept": next(ACCEPTED)}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.house.service.keys[who]}"
        response = case.call(
            base_url=self.house.service.url, session=self.session, headers=headers, timeout=30
        )
        self.statuses[f"{case.method.upper()} {case.path}"][response.status_code] += 1
        case.validate_response(response, checks=CHECKS)
        return response.content


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    with house(tmp_path_factory.mktemp("made-up")) as made:
        made_up = Asked(made)
        yield made_up
        made_up.session.close()


def answers(
    asked: Asked, operation: str, who: str | None, most: int, modes: list[GenerationMode]
) -> bytes:
    """Ask one end point many things; return all bytes that were answered."""
    said: list[bytes] = []
    for mode in modes:
        cases = asked.operations[operation].as_strategy(generation_mode=mode)

        @settings(
            max_examples=most,
            database=None,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases)
        def one(case: Case[Any]) -> None:
            said.append(asked.ask(case, who))

        try:
            one()
        except (Unsatisfiable, InvalidSchema):  # there is nothing that could be wrong
            assert mode is GenerationMode.NEGATIVE
    return b"\n".join(said)


def may(operation: str, who: str | None) -> bool:
    scopes = ENDPOINTS[OPERATIONS.index(operation)].scopes
    if who is None or not scopes:
        return who is None and not scopes
    role = Role.PLATFORM if who == "sandbox" else PEOPLE[who][0]
    return bool(SCOPES[role] & scopes)


def look(
    asked: Asked, operation: str, who: str | None, most: int, modes: list[GenerationMode]
) -> None:
    said = answers(asked, operation, who, most, modes)
    assert said
    assert secrecy.leaks(asked.house.canaries, said) == 0


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_documented_and_hold_no_hash(
    asked: Asked, operation: str, who: str | None
) -> None:
    if may(operation, who):
        look(asked, operation, who, MANY, BOTH)
    else:
        look(asked, operation, who, 1, [GenerationMode.POSITIVE])


def test_what_was_made_up_reached_all_there_is(asked: Asked) -> None:
    for endpoint, operation in zip(ENDPOINTS, OPERATIONS, strict=True):
        seen = asked.statuses[operation]
        if seen:  # else this test runs alone
            never = endpoint.scopes == {Scope.FEED} or endpoint.path == "/hma/m/lookup"
            assert seen[endpoint.status] or never, operation
            assert bool(seen[401]) == bool(seen[403]) == bool(endpoint.scopes), operation


def test_a_hash_that_was_answered_would_be_found(asked: Asked) -> None:
    digest = asked.house.canaries[0]
    items = {"items": [{"content_id": digest.hex().upper(), "hashes": NOWHERE}]}
    with asked.house.client("platform") as client:
        assert secrecy.leaks([digest], client.post("/v1/lookup", json=items).content) == 1


def test_an_answer_that_is_not_as_documented_would_be_found(asked: Asked) -> None:
    told = schema_of(asked.house).raw_schema
    told["components"]["schemas"]["EventOf"]["properties"]["at"] = {"type": "integer"}
    events = operation_of(schemathesis.openapi.from_dict(told), "GET /v1/events")
    with pytest.raises(FailureGroup):
        asked.ask(events.Case(), "auditor")


def test_lines_are_asked_too(asked: Asked) -> None:
    sent = asked.operations["POST /v1/lookup"].definition.raw["requestBody"]["content"]
    assert sent.keys() == {"application/json", MSGPACK, JSONL}


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_to_much_more_are_as_documented(
    asked: Asked, operation: str, who: str | None
) -> None:
    look(asked, operation, who, VERY_MANY if may(operation, who) else MANY, BOTH)
