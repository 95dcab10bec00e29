"""Keys through the real program: added, changed over to a second one, revoked."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hashreg.model.people import SCOPES, Principal, Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.keys import Keyring
from support.journey import Journey
from support.sqlite import files_of

NARROW = ("--scope", "lookup", "--scope", "report", "--sandbox", "--days", "30")


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def rotating(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """A platform changes its key, another is revoked; others come and go."""
    folder = tmp_path_factory.mktemp("keys")
    journey = Journey(folder, {"HASHREG_REGISTRY": "registry.db"})
    go = journey.go
    go("init", "init")
    go("first", "platform", "add", "bada", "--json")
    go("narrow", "platform", "add", "narrow", *NARROW, "--json")
    go("second", "platform", "key", "bada", "--json", "--days", "2")
    go("third", "platform", "key", "bada")
    go("both", "platform", "list", "--json")
    go("both human", "platform", "list")
    go("change over", "platform", "revoke", "bada", "--key", prefix(journey, "first"), "--json")
    go("changed", "platform", "list", "--json")
    go("wrong key", "platform", "revoke", "bada", "--key", prefix(journey, "narrow"))
    for role in ("operator", "auditor", "helper"):
        go(f"{role} add", role, "add", "ann", "--json")
    go("revoke auditor", "auditor", "revoke", "ann")
    go("auditor list", "auditor", "list")
    go("auditor key", "auditor", "key", "ann")
    go("revoke platform", "platform", "revoke", "narrow", "--json")
    go("last", "platform", "list", "--json")
    return journey


def prefix(journey: Journey, step: str) -> str:
    return str(journey.object(step)["key"][8:16])


def listed(journey: Journey, step: str, name: str) -> dict[str, Any]:
    (found,) = [line for line in journey[step].lines if line["platform"] == name]
    return found


@pytest.fixture(scope="module")
def keyring(rotating: Journey) -> Iterator[Keyring]:
    with closing(SqliteStore.open(rotating.folder / "registry.db")) as store, store.read():
        yield Keyring.of(store)


def test_two_keys_are_live_while_a_platform_changes_over(rotating: Journey) -> None:
    assert [rotating[step].code for step in ("first", "second", "third")] == [0, 0, 2]
    assert "bada has 2 live keys already" in rotating["third"].errors
    keys = listed(rotating, "both", "bada")["keys"]
    assert [key["prefix"] for key in keys] == [prefix(rotating, it) for it in ("first", "second")]
    assert [key["revoked_at"] for key in keys] == [None, None]
    assert [key["expires_at"] is None for key in keys] == [True, False]


def test_revoking_one_key_leaves_the_other(rotating: Journey, keyring: Keyring) -> None:
    first = prefix(rotating, "first")
    assert rotating.object("change over") == {"platform": "bada", "prefix": first, "revoked": True}
    bada = listed(rotating, "changed", "bada")
    assert bada["revoked_at"] is None
    assert [key["revoked_at"] is None for key in bada["keys"]] == [False, True]
    first_key, second_key = (rotating.object(step)["key"] for step in ("first", "second"))
    assert keyring.who(first_key, now()) is None
    told = keyring.who(second_key, now())
    platform = Role.PLATFORM
    beginning = prefix(rotating, "second")
    assert told == Principal(platform, "bada", SCOPES[platform], beginning, sandbox=False)


def test_a_key_of_another_is_not_revoked_by_mistake(rotating: Journey) -> None:
    assert rotating["wrong key"].code == 2
    assert "bada has no key with this beginning" in rotating["wrong key"].errors
    (key,) = listed(rotating, "changed", "narrow")["keys"]
    assert (key["scopes"], key["sandbox"], key["revoked_at"]) == (["lookup", "report"], True, None)


def test_a_person_sees_which_key_is_which(rotating: Journey) -> None:
    lines = rotating["both human"].text.splitlines()
    assert lines[0] == "bada  active"
    assert lines[1] == f"  {prefix(rotating, 'first')}  active  lookup,report,tickets"
    assert lines[2].startswith(f"  {prefix(rotating, 'second')}  active  lookup,report,tickets")
    assert lines[4].startswith(f"  {prefix(rotating, 'narrow')}  active  lookup,report  for trying")


def test_every_role_has_keys_of_its_own(rotating: Journey, keyring: Keyring) -> None:
    for role in (Role.OPERATOR, Role.HELPER):
        told = keyring.who(rotating.object(f"{role} add")["key"], now())
        assert told is not None
        assert (told.role, told.name, told.scopes) == (role, "ann", SCOPES[role])


def test_who_is_revoked_loses_every_key(rotating: Journey, keyring: Keyring) -> None:
    assert rotating["revoke auditor"].text == "ann was revoked.\n"
    standing = [line.split()[1] for line in rotating["auditor list"].text.splitlines()]
    assert standing == ["revoked", "revoked"]
    assert rotating["auditor key"].code == 2
    assert "ann was revoked" in rotating["auditor key"].errors
    assert rotating.object("revoke platform") == {"platform": "narrow", "revoked": True}
    narrow = listed(rotating, "last", "narrow")
    assert None not in (narrow["revoked_at"], narrow["keys"][0]["revoked_at"])
    for step in ("auditor add", "narrow"):
        assert keyring.who(rotating.object(step)["key"], now()) is None


def test_a_key_is_printed_once_and_kept_nowhere(rotating: Journey) -> None:
    added = [step for step, done in rotating.items() if b'"key"' in done.stdout]
    assert len(added) == 6
    content = b"".join(it.read_bytes() for it in files_of(rotating.folder / "registry.db"))
    for step in added:
        key = rotating.object(step)["key"][17:].encode()
        printed = [it for it, done in rotating.items() if key in done.stdout + done.stderr]
        assert printed == [step]
        kept = key in content
        assert not kept


def test_keys_made_by_an_older_program_can_be_named_and_revoked(tmp_path: Path) -> None:
    journey = Journey(tmp_path, {"HASHREG_REGISTRY": "registry.db"})
    journey.go("init", "init")
    journey.go("add", "platform", "add", "bada")
    with closing(sqlite3.connect(tmp_path / "registry.db", isolation_level=None)) as registry:
        registry.execute("UPDATE keys SET prefix = ''")  # as the migration of an old one leaves it
    journey.go("list", "platform", "list")
    assert journey["list"].text == "bada  active\n  -  active  lookup,report,tickets\n"
    assert journey.go("revoke", "platform", "revoke", "bada", "--key", "-").code == 0
    journey.go("list", "platform", "list")
    assert journey["list"].text == "bada  active\n  -  revoked  lookup,report,tickets\n"
