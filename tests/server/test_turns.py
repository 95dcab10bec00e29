"""A long write holds up other writes, and nothing else: not look-ups, not revocations."""

import asyncio
import threading
from pathlib import Path

from hashreg.model.matches import Tier
from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.server.desk import Desk, now
from hashreg.takedown.people import add_person, revoke_person
from hashreg.takedown.store import Store
from support.cases import picture, seeded

SECONDS = 20.0


async def is_refused(desk: Desk, key: str) -> bool:
    """Wait until a key opens nothing; False where it goes on doing so."""
    for _ in range(200):
        if desk.keyring.who(key, now()) is None:
            return True
        await asyncio.sleep(0.05)
    return False


async def revoked_meanwhile(path: Path, key: str) -> tuple[bool, bool]:
    """Revoke a key from outside while the writer's thread is busy; tell what is seen then."""
    desk, go_on = Desk(lambda: SqliteStore.open(path)), threading.Event()
    await desk.open()
    try:
        busy = asyncio.ensure_future(desk.write(lambda _: go_on.wait(SECONDS)))
        assert desk.keyring.who(key, now()) is not None
        await asyncio.to_thread(_revoke, path)
        seen = await is_refused(desk, key)
        found = await desk.together.find([picture(seeded(1))], Tier.MATCH)
        read = await desk.read(lambda store: store.index_folder is not None) and found == [[]]
        done = busy.done()
        go_on.set()
        await busy
        return seen and not done, read
    finally:
        go_on.set()
        await desk.close()


def _revoke(path: Path) -> None:
    store: Store = SqliteStore.open(path)
    revoke_person(store, Role.PLATFORM, "examplegram", now())
    store.close()


def test_a_key_is_revoked_while_a_long_write_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    store = SqliteStore.create(path)
    key = add_person(store, Role.PLATFORM, "examplegram", now())
    store.close()
    seen, read = asyncio.run(revoked_meanwhile(path, key))
    assert seen
    assert read
