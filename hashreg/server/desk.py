"""One registry as the service uses it: one thread that writes, some that read, an index for all.

Look-ups ask the index and nothing else, so they never wait for a writer. Whatever is written goes
through one thread, which brings the index up to date before it answers; what others write to the
same file (`hashreg intake`, say) is followed twice a second.
"""

import asyncio
import contextlib
import contextvars
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, local
from typing import ParamSpec, TypeVar

from hashreg.exchange import webhooks
from hashreg.model.errors import HashregError, RegistryUnavailable
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.heads import Head
from hashreg.model.matches import Tier
from hashreg.model.orders import Order
from hashreg.model.parcels import Heard, Parcel
from hashreg.model.records import PlatformName
from hashreg.server.options import USUAL, Options
from hashreg.server.resting import Resting
from hashreg.server.together import Together
from hashreg.takedown.audit import signed_head
from hashreg.takedown.budget import NOTHING, Asking, Budgets, Withheld
from hashreg.takedown.delivery import note, parcels
from hashreg.takedown.feed import canaries, note_canaries
from hashreg.takedown.figures import PlatformFigures, figures, public
from hashreg.takedown.following import escalate, note_clock
from hashreg.takedown.keys import Keyring
from hashreg.takedown.live import CaseHit, RegistryIndex
from hashreg.takedown.purge import purge
from hashreg.takedown.store import Store

T = TypeVar("T")
P = ParamSpec("P")
log = logging.getLogger("hashreg.server")

FOLLOWED_EVERY = 0.5
"""Seconds between two looks at what others have written."""
BEHIND_FROM = 15.0
"""Seconds without a successful look from which on the service says that it is behind."""
KEPT_EVERY, CLEANED_EVERY = 300.0, 60.0
"""Seconds between keeping the index, and between overwriting what was deleted."""
FIGURED_EVERY = 900.0
"""Seconds between counting what everybody may see of platforms and their orders."""
SIGNED_EVERY = 60.0
"""Seconds between signing the head of the list of events that `/status` gives out: seldom enough
that nobody sees from outside when exactly something happens."""
COUNTED_EVERY = 5.0
"""Seconds between keeping which questions came near a registered picture."""
DELIVERED_EVERY, ESCALATED_EVERY = 1.0, 60.0
"""Seconds between two looks for messages that are to go out, and for orders that a person has to
see to."""
PURGED_FIRST, PURGED_EVERY = 600.0, 86_400.0
"""Seconds until what is over is forgotten, and between two times: the file is written anew after
it, which takes a large one minutes, and what is over counts for nothing before."""
READERS = 2


def now() -> dt.datetime:
    """Return the time, the one place where the service asks for it."""
    return dt.datetime.now(dt.UTC)


class Desk:
    """A registry that is open for service between ``open`` and ``close``."""

    def __init__(self, open_store: Callable[[], Store], options: Options = USUAL) -> None:
        """``open_store`` opens the registry; each thread gets a store of its own."""
        self._open_store = open_store
        self.options = options
        self._resting = Resting()
        self._own = local()
        self._opened: list[Store] = []
        self._opening = Lock()
        self._writer = ThreadPoolExecutor(1, "writer")
        self._readers = ThreadPoolExecutor(READERS, "reader")
        self._keeper = ThreadPoolExecutor(1, "keeper")
        self._follower = ThreadPoolExecutor(1, "follower")
        self._turning = Lock()
        self._searcher = ThreadPoolExecutor(1, "searcher")
        self._tasks: list[asyncio.Task[None]] = []
        self._seen_at = time.monotonic()
        self.index = RegistryIndex()
        self.together = Together(self._find)
        self.keyring = Keyring(())
        self.budgets = Budgets(lambda *_: b"")
        self.head: Head | None = None
        self.figures: Sequence[PlatformFigures] = ()
        self.canaries: dict[str, PlatformName] = {}
        self.unclean = False

    async def open(self) -> None:
        """Read the registry; raises RegistryUnavailable."""
        self.index = await self._run(self._writer, self._read_all)
        self._seen_at = time.monotonic()
        await self._sign()
        await self._figure()
        await self.follow_canaries()
        often = ((FOLLOWED_EVERY, self._follow), (COUNTED_EVERY, self._count))
        also = ((KEPT_EVERY, self._keep), (CLEANED_EVERY, self.clean))
        tells = (
            (SIGNED_EVERY, self._sign),
            (SIGNED_EVERY, self.follow_canaries),
            (FIGURED_EVERY, self._figure),
        )
        follows = (
            (DELIVERED_EVERY, self._deliver, 0.0),
            (ESCALATED_EVERY, self._escalate, DELIVERED_EVERY),
        )
        daily = (PURGED_EVERY, self._purge, PURGED_FIRST)
        work = (*often, *also, *tells, *follows, daily)
        self._tasks = [asyncio.create_task(_repeat(*it)) for it in work]

    async def close(self) -> None:
        """Finish what was begun, keep the index, and close the registry."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await self._count()
        except HashregError as error:
            log.warning("closing", extra={"code": error.code})
        for pool in (self._searcher, self._readers, self._follower, self._writer):
            await asyncio.to_thread(pool.shutdown)
        try:
            await self.clean()
            await self._keep()
        except HashregError as error:
            log.warning("closing", extra={"code": error.code})
        await asyncio.to_thread(self._keeper.shutdown)
        for store in self._opened:
            store.close()

    @property
    def behind(self) -> float:
        """Seconds since it was last known that the index is up to date."""
        return time.monotonic() - self._seen_at

    async def read(self, work: Callable[[Store], T]) -> T:
        """Return what ``work`` reads of the registry; it opens its own ``store.read``."""
        return await self._run(self._readers, work)

    async def write(self, work: Callable[[Store], T]) -> T:
        """Return what ``work`` makes of the registry, once the index knows of it, too."""
        return await self._run(self._writer, self._written, work)

    async def judge(self, asker: str, questions: Sequence[Asking]) -> list[Withheld]:
        """Count questions; return the pictures of which each is told nothing.

        What somebody is locked out of is kept before they are answered.
        """
        if self.budgets.is_idle(asker) and not any(it.pictures for it in questions):
            return [NOTHING] * len(questions)
        try:
            if self.budgets.knows(asker, questions):
                withheld = await self.search(self.budgets.judge, None, asker, questions)
            else:
                withheld = await self.read(lambda store: self._judged(store, asker, questions))
        except RegistryUnavailable:  # look-ups go on
            withheld = self.budgets.judge(None, asker, questions)
        if self.budgets.is_urgent:
            with contextlib.suppress(RegistryUnavailable):  # it is kept as soon as it can be
                await self._count()
        return withheld

    def _judged(self, store: Store, asker: str, questions: Sequence[Asking]) -> list[Withheld]:
        with store.read():
            return self.budgets.judge(store, asker, questions)

    async def follow_canaries(self) -> None:
        """Follow which hashes one platform alone was given."""
        self.canaries = await self.read(_canaries)

    async def note_canaries(self, hashes: Iterable[str], asker: str) -> None:
        """Write down where one of those turns up."""
        seen = [self.canaries[it] for it in hashes if it in self.canaries]
        if seen:
            log.warning("a canary of the feed was seen")
            with contextlib.suppress(
                RegistryUnavailable
            ):  # what was asked is answered all the same
                await self.write(lambda store: note_canaries(store, seen, asker, now()))

    async def _count(self) -> None:
        """Keep what was counted since."""
        if self.budgets.is_new:
            await self.write(lambda store: self.budgets.write_down(store, now()))

    def _find(self, asked: Sequence[Fingerprint], tier: Tier) -> list[list[CaseHit]]:
        return self.index.find_many(asked, tier=tier)

    async def search(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a long search beside everything else."""
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._searcher, lambda: context.run(work, *args, **kwargs)
        )

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[..., T], *args: object) -> T:
        context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, lambda: context.run(work, self._store(), *args))

    def _store(self) -> Store:
        """Return this thread's store."""
        if not hasattr(self._own, "store"):
            self._own.store = self._open_store()
            with self._opening:
                self._opened.append(self._own.store)
        store: Store = self._own.store
        return store

    def _read_all(self, store: Store) -> RegistryIndex:
        index = RegistryIndex(store.index_folder)
        index.warm()
        with store.read():
            index.refresh(store)
            self.keyring = Keyring.of(store)
            self.budgets = Budgets.of(store)
        return index

    def _written(self, store: Store, work: Callable[[Store], T]) -> T:
        done = work(store)
        if self.budgets.is_urgent:
            with contextlib.suppress(RegistryUnavailable):  # what was asked for is kept
                self.budgets.write_down(store, now())
        self._catch_up(store)
        return done

    def _catch_up(self, store: Store) -> None:
        with store.read():
            self.index.refresh(store)
        self._look(store)

    def _look(self, store: Store) -> bool:
        """Follow whose keys are good; tell whether the index knows of all that has happened."""
        with self._turning, store.read():
            self.keyring = self.keyring.refreshed(store)
            self.budgets.follow(store)
            knows_all = store.events.last_sequence() <= self.index.sequence
        if knows_all:
            self._seen_at = time.monotonic()
        return knows_all

    async def _follow(self) -> None:
        """Follow what others write; a revoked key is not kept waiting by a long write."""
        if not await self._run(self._follower, self._look):
            await self._run(self._writer, self._catch_up)

    async def _sign(self) -> None:
        self.head = await self.read(lambda store: signed_head(store, now()))

    async def _figure(self) -> None:
        self.figures = await self.read(lambda store: public(figures(store, now())))

    async def _keep(self) -> None:
        await self._run(self._keeper, self._merged_and_kept)

    async def _purge(self) -> None:
        purged = await self.write(lambda store: purge(store, now(), clean=False))
        self.unclean |= purged.anything

    async def _deliver(self) -> None:
        """Send what is to go out, and write down what came back."""
        moment = time.monotonic()
        found = await self.read(
            lambda store: parcels(store, now(), lambda it: self._resting.is_resting(it, moment))
        )
        if found:
            await webhooks.deliver(
                found, time.time, self._noted, private=self.options.private_webhooks
            )

    async def _noted(self, heard: Sequence[tuple[Parcel, Heard]]) -> None:
        """Write down what one platform answered.

        One that is not reached rests, and so does one whose answer can't be written down: it would
        get the same messages again and again.
        """
        last, answer = heard[-1]
        try:
            await self.write(lambda store: note(store, heard, now()))
        except RegistryUnavailable:
            self._resting.rest(last.platform, time.monotonic())
            raise
        for parcel, its in heard:
            if its.trouble is not None:
                about = {"order": parcel.order_id, "reason": its.trouble.value}
                log.warning("trouble with delivering an order", extra=about)
        if answer.trouble in webhooks.UNREACHED:
            self._resting.rest(last.platform, time.monotonic())
        else:
            self._resting.wake(last.platform)

    async def _escalate(self) -> None:
        marked, set_back = await self.write(lambda store: _escalated(store, now()))
        if set_back:
            log.warning("the clock was set back")
        for order in marked:
            about = {"order": order.order_id, "reason": str(order.escalated)}
            log.warning("an order is for a person", extra=about)

    async def clean(self) -> None:
        """Overwrite what was deleted, in the registry and in what is kept of its index."""
        if not self.unclean:
            return
        self.unclean = False  # what is deleted from now on is overwritten the next time
        cleaned = False
        try:
            cleaned = await self._run(self._keeper, self._forget)
        finally:
            self.unclean |= not cleaned

    def _merged_and_kept(self, store: Store) -> None:
        self.index.matcher.merge()
        self.index.keep(store)

    def _forget(self, store: Store) -> bool:
        return self.index.keep(store, least=0) and store.forget_deleted()


def _canaries(store: Store) -> dict[str, PlatformName]:
    with store.read():
        return canaries(store)


def _escalated(store: Store, moment: dt.datetime) -> tuple[list[Order], bool]:
    with store.write():
        return escalate(store, moment), note_clock(store, moment)


async def _repeat(
    seconds: float, work: Callable[[], Awaitable[None]], first: float | None = None
) -> None:
    """Do ``work`` again and again; a failure is logged, and the next time may succeed."""
    await asyncio.sleep(seconds if first is None else first)
    while True:
        try:
            await work()
        except HashregError as error:
            log.warning("background work failed", extra={"code": error.code})
        except Exception:  # a fault must not end what follows the registry
            log.exception("fault in background work")
        await asyncio.sleep(seconds)
