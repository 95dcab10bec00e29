"""The OpenAPI document, made of the table of end points and of the shapes of the bodies."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from hashreg import __version__
from hashreg.model.people import SCOPES
from hashreg.server.call import JSON, JSONL, MSGPACK
from hashreg.server.endpoints import Endpoint
from hashreg.server.examples import EXAMPLES
from hashreg.server.shapes import Failure

_PART = re.compile(r"\{(\w+):str\}")
_REFERENCE = "#/components/schemas/{name}"
_PART_SCHEMAS: dict[str, dict[str, object]] = {
    "ticket": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "order": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "picture": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "case": {"type": "string", "pattern": "^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$"},
    "role": {"type": "string", "enum": [role.value for role in SCOPES]},
    "name": {"type": "string", "minLength": 1, "maxLength": 64},
}
_ABOUT = """\
A takedown registry for intimate pictures: hashes in, tickets out. Pictures never travel.

Bodies are JSON or MessagePack, at most 8 MB and 10,000 items; look-ups, reports and checks also
take JSON Lines of any length. Every error has one shape and never repeats what was sent. Send
`Accept-Language: ko` for Korean. A key of the sandbox meets a registry of its own, in which the PDQ
hashes are the SHA-256 of the words `hashreg sandbox 1`, `hashreg sandbox 2`, `hashreg sandbox 3`.
"""
_FAILURES = {
    400: "Something that was sent is malformed",
    401: "No key, or none that is good",
    403: "The key is good for something else",
    404: "It is not here, or not yours",
    408: "The body did not arrive in time",
    409: "Against the rules, or an Idempotency-Key with another body",
    413: "The body is too large",
    415: "The body has another format",
    429: "Too much at once",
    503: "The registry can't be read or written now",
}


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document."""
    types: set[type] = {Failure, *(it.gives for it in endpoints if it.gives)}
    types |= {it.takes for it in endpoints if it.takes}
    ordered = sorted(types, key=lambda it: it.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = _PART.sub(r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "hashreg", "version": __version__, "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.run.__module__.rpartition('.')[2]}_{endpoint.run.__name__}",
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint), *_query_parameters(endpoint)],
        "responses": _responses(endpoint),
    }
    if endpoint.scopes:
        operation["security"] = [{"key": []}]
        operation["description"] = f"Scopes: {', '.join(sorted(endpoint.scopes))} (one of them)."
    if endpoint.once:
        operation["parameters"].append(_ONCE)
    if endpoint.takes:
        operation["requestBody"] = {"required": True, "content": _taken(endpoint)}
    return operation


_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body again: the same answer, and nothing happens twice.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}


def _taken(endpoint: Endpoint) -> dict[str, Any]:
    body = _body(endpoint.takes, endpoint)
    if endpoint.document:
        return {JSON: body}
    lines = {JSONL: {"schema": {"type": "string"}}} if endpoint.streams else {}
    return {JSON: body, MSGPACK: {"schema": body["schema"]}, **lines}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    answer = _body(endpoint.gives, endpoint, answer=True)
    content = {JSON: answer, MSGPACK: {"schema": answer["schema"]}}
    if endpoint.streams:
        content[JSONL] = {"schema": {"type": "string"}}
    good = {str(endpoint.status): {"description": endpoint.summary, "content": content}}
    if endpoint.path == "/status":
        return good | {"503": {"description": "Behind", "content": content}}
    return good | {str(status): _failure(status) for status in _possible(endpoint)}


def _possible(endpoint: Endpoint) -> Iterable[int]:
    """Return the failures that an end point may answer with."""
    if not endpoint.scopes and endpoint.method == "GET":
        return ()
    without = set() if endpoint.scopes else {401, 403}
    without |= {408, 413, 415} if endpoint.method == "GET" else set()
    return [status for status in _FAILURES if status not in without]


def _failure(status: int) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=Failure.__name__)}
    content = {JSON: {"schema": schema}, MSGPACK: {"schema": schema}}
    return {"description": _FAILURES[status], "content": content}


def _body(shape: type | None, endpoint: Endpoint, *, answer: bool = False) -> dict[str, Any]:
    name = shape.__name__ if shape else ""
    body: dict[str, Any] = {"schema": {"$ref": _REFERENCE.format(name=name)}}
    example = EXAMPLES.get((endpoint.path, answer))
    return body if example is None else {**body, "example": example}


def _path_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PART_SCHEMAS[name]}
        for name in _PART.findall(endpoint.path)
    ]


def _query_parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "required": False, "schema": schema}
        for name, schema in endpoint.query.items()
    ]
