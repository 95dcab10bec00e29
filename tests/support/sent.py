"""What is sent to the service, and what it answers."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import httpx

from hashreg.client import items
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import HashItem
from support.cases import Victim
from support.serving import Served

JSONL = "application/x-ndjson"


class Item(dict[str, Any]):
    """A content item as it is sent; its ``repr`` shows no hash."""

    def __repr__(self) -> str:
        return f"Item({self['content_id']!r})"


def item(name: str, fingerprint: Fingerprint) -> Item:
    """Return a content item as it is sent."""
    return Item(json.loads(items.item(name, fingerprint)))


def lines(values: Iterable[object]) -> bytes:
    """Return values as JSON Lines."""
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def told(response: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Return the object that was answered, with the status that is expected."""
    answer: dict[str, Any] = response.json()
    assert response.status_code == status, answer.get("error")
    return answer


def results(response: httpx.Response) -> list[dict[str, Any]]:
    """Return the results of a look-up, a report or a check."""
    found: list[dict[str, Any]] = told(response)["results"]
    return found


def submit(service: Served, *pictures: Fingerprint, victim: Victim | None = None) -> Victim:
    """Register pictures over HTTP."""
    victim = victim or Victim()
    with service.client() as client:
        sent = victim.submission(*pictures).to_bytes()
        assert told(client.post("/v1/submissions", content=sent))["outcome"] == "taken_in"
    return victim


def withdraw(service: Served, victim: Victim) -> None:
    """Withdraw a case over HTTP."""
    with service.client() as client:
        told(client.post("/v1/submissions", content=victim.withdrawal().to_bytes()))


def ask(client: httpx.Client, path: str, *sent: dict[str, Any], **more: object) -> list[Any]:
    """Ask about content items."""
    return results(client.post(path, json={"items": sent, **more}))


def seen(handle: str, hashes: Sequence[HashItem]) -> dict[str, Any]:
    """Return what a device saw where a handle sent it."""
    return {"handle": handle, "hashes": [it.as_json() for it in hashes]}
