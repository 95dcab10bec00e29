"""Alignments that were proposed and wait for the device that has the picture."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from hashreg.model.errors import NotFound
from hashreg.model.messages import N_
from hashreg.model.people import Principal
from hashreg.model.reports import ContentId
from hashreg.model.retention import HANDLES_KEPT
from hashreg.takedown.alignment import Proposal, Question

MOST = 4000
"""Handles that one key can hold at once, the newest: a question takes 16 kB, and 40 kB with
as many tokens as there may be, so this is 160 MB at most."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A content item whose device has still to look, and how it is to be answered then."""

    content_id: ContentId
    question: Question
    platform: str | None
    explained: bool


@dataclass(frozen=True, slots=True)
class _Offer:
    pending: Pending
    proposal: Proposal
    until: float


_Offers = OrderedDict[str, _Offer]


@dataclass(slots=True)
class Handles:
    """Opaque names of proposals, good for a while and for the key that was given them.

    Another key of the same name may be narrower, or open the sandbox instead of the registry.
    """

    _offers: dict[Principal, _Offers] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def offer(
        self, who: Principal, pending: Pending, proposals: Iterable[Proposal]
    ) -> list[dict[str, object]]:
        """Return the ``align`` list of an answer: a handle and a transform for each proposal."""
        until = time.monotonic() + HANDLES_KEPT.total_seconds()
        result: list[dict[str, object]] = []
        with self._lock:
            own = self._current(who)
            for proposal in proposals:
                handle = secrets.token_urlsafe(16)
                own[handle] = _Offer(pending, proposal, until)
                result.append(
                    {"handle": handle, "transform": [float(it) for it in proposal.transform]}
                )
            while len(own) > MOST:
                own.popitem(last=False)
        return result

    def take(self, who: Principal, handle: object) -> tuple[Pending, Proposal]:
        """Return what a handle stands for, once; raises NotFound."""
        with self._lock:
            offer = self._current(who).pop(handle, None) if isinstance(handle, str) else None
        if offer is None:
            raise NotFound(
                N_("This handle is not known, was used, or has expired. Ask again."),
                field="handle",
            )
        return offer.pending, offer.proposal

    def forget(self) -> None:
        """Drop what has expired, of all keys."""
        with self._lock:
            for own in self._offers.values():
                _drop_expired(own)

    def _current(self, who: Principal) -> _Offers:
        """Return the handles of one key that are still good."""
        own = self._offers.setdefault(who, OrderedDict())
        _drop_expired(own)
        return own


def _drop_expired(own: _Offers) -> None:
    moment = time.monotonic()
    while own and next(iter(own.values())).until <= moment:
        own.popitem(last=False)
