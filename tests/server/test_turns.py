"""A long write holds up other writes, and nothing else: not look-ups, not revocations."""

import asyncio
import threading
from contextlib import closing
from pathlib import Path

from hashreg.model.matches import Tier
from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.server.desk import Desk, now
from hashreg.takedown.intake import take_in
from hashreg.takedown.people import add_person, revoke_person
from hashreg.takedown.store import Store
from support.cases import Victim, picture, seeded
from support.secrecy import leaks
from support.sqlite import bodies, found_in_files

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


async def cleaned(desk: Desk, path: Path, victim: Victim, gone: list[bytes]) -> None:
    """Withdraw, and look that nothing is left once it was cleaned up."""
    await desk.open()
    try:
        document = victim.withdrawal()
        result = await desk.write(lambda store: take_in(store, document, now(), clean=False))
        assert not result.cleaned
        desk.unclean = True
        await desk.clean()
        assert not desk.unclean
        everything = [it for it in path.parent.rglob("*") if it.is_file()]
        assert leaks(gone, b"".join(it.read_bytes() for it in everything)) == 0
    finally:
        await desk.close()


def test_what_a_withdrawal_deletes_is_overwritten_a_little_later(tmp_path: Path) -> None:
    path, victim, it = tmp_path / "registry.db", Victim(), picture(seeded(2))
    digest = it.hashes[0].digest
    with closing(SqliteStore.create(path)) as store:
        take_in(store, victim.submission(it), now())
    sealed = bodies(path)
    assert found_in_files(path, sealed) == 1  # so the search finds what is there
    asyncio.run(cleaned(Desk(lambda: SqliteStore.open(path)), path, victim, [digest, *sealed]))


class Slow(SqliteStore):
    """A store that takes its time to overwrite, and may fail."""

    begun, go_on, succeeds = threading.Event(), threading.Event(), True

    def forget_deleted(self) -> bool:
        self.begun.set()
        self.go_on.wait(SECONDS)
        return self.succeeds and super().forget_deleted()


async def deleted_meanwhile(path: Path) -> tuple[bool, bool]:
    """Delete something while what was deleted before is overwritten; then fail to overwrite."""
    desk = Desk(lambda: Slow.open(path))
    await desk.open()
    try:
        desk.unclean = True
        cleaning = asyncio.ensure_future(desk.clean())
        await asyncio.to_thread(Slow.begun.wait, SECONDS)
        desk.unclean = True
        Slow.go_on.set()
        await cleaning
        meanwhile, Slow.succeeds = desk.unclean, False
        await desk.clean()
        return meanwhile, desk.unclean
    finally:
        Slow.succeeds = True
        await desk.close()


def test_what_is_deleted_meanwhile_or_could_not_be_overwritten_is_not_forgotten(
    tmp_path: Path,
) -> None:
    path = tmp_path / "registry.db"
    SqliteStore.create(path).close()
    assert asyncio.run(deleted_meanwhile(path)) == (True, True)
