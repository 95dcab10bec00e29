"""An extension for Meta's ``threatexchange`` (``tx``) and Hasher-Matcher-Actioner: our feed.

``tx config extensions add hashreg.exchange.tx``, then a collaboration of the kind ``hashreg``; the
key comes from ``TX_HASHREG_KEY`` or ``~/.tx_hashreg_key``. Records have names of their own, so that
what is withdrawn is dropped, which that program's adapter for StopNCII does not do (facts, interop,
faults of the standard clients). This module runs on a platform's machine, beside that program, and
needs nothing else of hashreg's than ``model``.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from threatexchange.exchanges import auth
from threatexchange.exchanges.collab_config import CollaborationConfigWithDefaults
from threatexchange.exchanges.fetch_state import (
    FetchCheckpointBase,
    FetchDelta,
    FetchedSignalMetadata,
    SignalOpinion,
    SignalOpinionCategory,
)
from threatexchange.exchanges.signal_exchange_api import SignalExchangeAPI
from threatexchange.extensions.manifest import ThreatExchangeExtensionManifest
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal

from hashreg.model.feeds import page_digest

SECONDS, ATTEMPTS, FIRST_PAUSE = 60, 5, 0.5
MOST_BYTES = 16_000_000
"""A page of 1,000 records has about 600 kB."""
STALE_AFTER = 30 * 86_400
"""Who was away for longer begins anew, as with that program's other feeds (facts, interop A)."""
BUSY = 429, 503


class FeedError(Exception):
    """What was wrong with the feed, in words that hold nothing of it."""


@dataclass
class HashregConfig(CollaborationConfigWithDefaults):  # type: ignore[misc]
    """Where the registry is served."""

    url: str = field(default="", metadata={"help": "address of the registry, https://…"})


@dataclass
class HashregKey(auth.CredentialHelper):  # type: ignore[misc]
    """A key that was granted the feed."""

    ENV_VARIABLE: ClassVar[str] = "TX_HASHREG_KEY"
    FILE_NAME: ClassVar[str] = "~/.tx_hashreg_key"

    key: str = field(repr=False, metadata={"help": "a key with the scope feed"})

    @classmethod
    def _from_str(cls, text: str) -> "HashregKey":
        return cls(text.strip())

    def _are_valid(self) -> bool:
        return bool(self.key) and self.key.isascii() and self.key.isprintable()


@dataclass
class HashregCheckpoint(FetchCheckpointBase):  # type: ignore[misc]
    """How far everything was kept, and when; ``restart``: what is kept is of another past."""

    cursor: str
    fetched_at: int
    restart: bool = False

    def is_stale(self) -> bool:
        """Tell whether everything is to be dropped and fetched anew."""
        return self.restart or time.time() - self.fetched_at > STALE_AFTER

    def get_progress_timestamp(self) -> int:
        """Return when it was fetched."""
        return self.fetched_at


@dataclass
class HashregRecord(FetchedSignalMetadata):  # type: ignore[misc]
    """One record; ``signals`` are its hashes by that program's names of their types."""

    record: str
    signals: dict[str, str] = field(repr=False)

    def get_as_opinions(self) -> Sequence[SignalOpinion]:
        """Return what a registration is: a reason to look, and no verdict."""
        return [SignalOpinion(False, SignalOpinionCategory.INVESTIGATION_SEED, {"hashreg"})]


class HashregExchange(auth.SignalExchangeWithAuth, SignalExchangeAPI):  # type: ignore[misc]
    """The feed of one registry, by names of records."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._key = checked(url), key

    @classmethod
    def get_name(cls) -> str:
        """Return how configurations name it."""
        return "hashreg"

    @staticmethod
    def get_config_cls() -> type[HashregConfig]:
        """Return what a collaboration says."""
        return HashregConfig

    @staticmethod
    def get_checkpoint_cls() -> type[HashregCheckpoint]:
        """Return what is kept between two fetches."""
        return HashregCheckpoint

    @staticmethod
    def get_record_cls() -> type[HashregRecord]:
        """Return what is kept of a record."""
        return HashregRecord

    @staticmethod
    def get_credential_cls() -> type[HashregKey]:
        """Return what opens the feed."""
        return HashregKey

    @classmethod
    def for_collab(
        cls, collab: HashregConfig, credentials: HashregKey | None = None
    ) -> "HashregExchange":
        """Return the feed of a collaboration; raises that program's own errors without a key."""
        return cls(collab.url, (credentials or HashregKey.get(cls)).key)

    def fetch_iter(
        self, _supported: Sequence[Any], checkpoint: HashregCheckpoint | None
    ) -> Iterator[FetchDelta]:
        """Yield page after page from where everything was kept; raises FeedError.

        What was kept is told with each question, so that the registry knows what was dropped.
        """
        since, page, more = checkpoint.cursor if checkpoint else "", "", True
        latest = checkpoint.fetched_at if checkpoint else 0
        while more:
            told = self._page({"since": since, "page": page})
            latest = max(latest, int(time.time()))  # a clock that was set back must not stop it
            if told["restart"] and (since or page):
                yield FetchDelta({}, HashregCheckpoint(since, latest, restart=True))
                return
            records = {it["record"]: _record(it) for it in told["records"]}
            page, more = told["cursor"], told["more"]
            yield FetchDelta(records, HashregCheckpoint(page, latest))

    @classmethod
    def naive_convert_to_signal_type(
        cls,
        signal_types: Sequence[Any],
        collab: HashregConfig,  # noqa: ARG003
        fetched: Mapping[str, HashregRecord],
    ) -> dict[Any, dict[str, HashregRecord]]:
        """Return the hashes of each type, and whose they are."""
        found: dict[Any, dict[str, HashregRecord]] = {}
        by_name = {it.get_name(): it for it in signal_types}
        for record in fetched.values():
            for name, value in record.signals.items():
                if name in by_name:
                    found.setdefault(by_name[name], {})[value] = record
        return found

    def _page(self, query: Mapping[str, str]) -> dict[str, Any]:
        """Return one page, asked for again where the registry is busy; raises FeedError."""
        asked = urlencode({name: value for name, value in query.items() if value})
        headers = {"Authorization": f"Bearer {self._key}", "Accept-Language": "en"}
        request = urllib.request.Request(f"{self._url}/v1/feed?{asked}", headers=headers)  # noqa: S310
        for attempt in range(ATTEMPTS):
            try:
                with _OPENER.open(request, timeout=SECONDS) as answer:
                    return _read(answer.read(MOST_BYTES + 1))
            except urllib.error.HTTPError as error:
                error.close()
                if error.code not in BUSY or attempt + 1 == ATTEMPTS:
                    raise FeedError(f"the registry answered {error.code}") from None
            except (OSError, HTTPException) as error:
                if attempt + 1 == ATTEMPTS:
                    kind = type(error).__name__
                    raise FeedError(f"the registry can't be reached ({kind})") from None
            time.sleep(FIRST_PAUSE * 2**attempt)
        raise AssertionError("the last attempt returns or raises")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key must not follow to another address."""

    def redirect_request(self, *_: object) -> None:
        """Follow nowhere."""


_OPENER = urllib.request.build_opener(_NoRedirects)


def checked(url: str) -> str:
    """Return an address without its last slash; raises FeedError unless it is encrypted."""
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise FeedError("the address of the registry must begin with https://")
    if parts.scheme == "http" and not local:
        raise FeedError("hashes and keys are not sent without encryption; use https://")
    return url.rstrip("/")


def _read(content: bytes) -> dict[str, Any]:
    """Return a page that is whole; raises FeedError."""
    try:
        page = json.loads(content)
        good = page_digest(page["records"]) == page["digest"]
        cursor, more, restart = page["cursor"], page["more"], page["restart"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise FeedError("a page of the feed is cut off or is none") from None
    if not good or not isinstance(cursor, str) or {type(more), type(restart)} != {bool}:
        raise FeedError("a page of the feed was changed on its way")
    return {"records": page["records"], "cursor": cursor, "more": more, "restart": restart}


def _record(told: Mapping[str, Any]) -> HashregRecord | None:
    """Return what is to be kept of a record, None where it is to be dropped."""
    if told["deleted"]:
        return None
    values = {it["algorithm"]: it["hash"] for it in told["hashes"]}
    signals = {}
    if "pdq" in values:
        signals[PdqSignal.get_name()] = values["pdq"]
    if told["media"] == "video" and "md5" in values:
        signals[VideoMD5Signal.get_name()] = values["md5"]
    return HashregRecord(told["record"], signals)


TX_MANIFEST = ThreatExchangeExtensionManifest(apis=(HashregExchange,))
