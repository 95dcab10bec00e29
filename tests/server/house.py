"""A registry with something of everything in it, served, for tests that only look at answers."""

import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from hashreg.client import keys
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.people import Role, allowed
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.benign import add_benign
from hashreg.takedown.holds import held
from hashreg.takedown.intake import take_in
from hashreg.takedown.people import add_person, revoke_person
from hashreg.takedown.store import Store
from support.cases import Victim, copy_of, picture, seeded
from support.serving import Served

PEOPLE = {
    "platform": (Role.PLATFORM, "examplegram"),
    "other platform": (Role.PLATFORM, "otherbook"),
    "moderator": (Role.MODERATOR, "kim"),
    "operator": (Role.OPERATOR, "root"),
    "auditor": (Role.AUDITOR, "watch"),
    "helper": (Role.HELPER, "centre"),
}
REGISTERED = 6
HELPED = 5
"""So many of the cases have named the helper; the last one has not, and its picture is held."""
_addresses = count(1)
_NO_TLS = ssl.create_default_context()
"""Made once, since every client wants one and none needs it."""


@dataclass
class House:
    """The service, what is registered in it, and names of what can be asked for."""

    service: Served
    pictures: list[Fingerprint] = field(default_factory=list, repr=False)
    victims: list[Victim] = field(default_factory=list, repr=False)
    held: list[str] = field(default_factory=list)
    tickets: list[str] = field(default_factory=list)

    @property
    def canaries(self) -> list[bytes]:
        """The registered hashes."""
        return [hash_.digest for picture in self.pictures for hash_ in picture.hashes]

    def client(self, who: str | None = None, **headers: str) -> httpx.Client:
        """Return somebody at an address of their own, so that no limit is shared."""
        sent = {"X-Forwarded-For": new_address(), **headers}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.service.keys[who]}"
        url = self.service.url
        return httpx.Client(base_url=url, headers=sent, trust_env=False, timeout=60, verify=_NO_TLS)

    def upload(self, number: int) -> list[dict[str, Any]]:
        """Return the hashes of an edited copy of a registered picture, as they are sent."""
        made = copy_of(self.pictures[number], seeded(1000 + number), 8)
        return [hash_.as_json() for hash_ in made.hashes]

    def is_well(self) -> bool:
        """Tell whether the service answers as if nothing had been."""
        with self.client() as client:
            return bool(client.get("/status").json()["status"] == "ok")


@contextmanager
def quick_keys() -> Iterator[None]:
    """Make victims' keys without the work that protects a code from being guessed."""
    rounds, keys.ROUNDS = keys.ROUNDS, 1
    try:
        yield
    finally:
        keys.ROUNDS = rounds


def new_address() -> str:
    """Return an address that nobody had before, as a proxy tells it."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@contextmanager
def house(folder: Path) -> Iterator[House]:
    """Serve a registry with cases, reports, a held picture, and keys of every sort."""
    made = House(Served(folder))
    _furnish(made)
    made.service.start()
    try:
        _report(made)
        yield made
    finally:
        made.service.__exit__(None, None, None)


def _furnish(house: House) -> None:
    SqliteStore.create(house.service.registry).close()
    with closing(SqliteStore.open(house.service.registry)) as store:
        _give_keys(house.service.keys, store)
        _register(house, store)


def _give_keys(given: dict[str, str], store: Store) -> None:
    now = dt.datetime.now(dt.UTC)
    before = now - dt.timedelta(days=3)
    for who, (role, name) in PEOPLE.items():
        given[who] = add_person(store, role, name, now)
    given["sandbox"] = add_person(store, Role.PLATFORM, "newcomer", now, sandbox=True)
    for role in Role:
        given[f"expired {role}"] = add_person(store, role, "was here", before, days=2)
        given[f"revoked {role}"] = add_person(store, role, "is out", now)
        revoke_person(store, role, "is out", now)
        for scope in allowed(role):
            given[f"{role} {scope}"] = add_person(store, role, f"only {scope}", now, scopes=[scope])


def _register(house: House, store: Store) -> None:
    now = dt.datetime.now(dt.UTC)
    house.pictures = [picture(seeded(number)) for number in range(REGISTERED)]
    add_benign(store, house.pictures[-1], "a flag", now)
    with quick_keys():
        for number, made in enumerate(house.pictures):
            victim = Victim()
            house.victims.append(victim)
            take_in(store, victim.submission(made), now)
            if number < HELPED:
                take_in(store, victim.delegation("centre", now.date()), now)
    house.held = [it.as_json()["picture"] for it in held(store)]  # type: ignore[misc]


def _report(house: House) -> None:
    items = [
        {"content_id": f"photo-{number}", "hashes": house.upload(number)}
        for number in range(REGISTERED - 1)
    ]
    with house.client("platform") as client:
        results = client.post("/v1/reports", json={"items": items}).json()["results"]
    house.tickets = [ticket for it in results for ticket in it["tickets"]]
    assert len(house.tickets) == len(items)
    assert len(house.held) == 1


NOWHERE = [{"algorithm": "md5", "view": "file", "hash": "0" * 32, "quality": None}]
"""The hashes of content that is registered nowhere."""
