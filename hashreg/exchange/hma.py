"""The look-up of Meta's Hasher-Matcher-Actioner (facts, interop G): one signal, banks that match.

Of a match nothing more is told than its tier: each tier is a bank, the distance is the largest of
the tier, and the content's id says nothing.
"""

from collections.abc import Iterable

from hashreg.model.errors import InvalidReport
from hashreg.model.hashes import Algorithm
from hashreg.model.matches import Tier
from hashreg.model.reports import Report, report_from_fields
from hashreg.model.strictjson import Fields

SIGNALS = {"pdq": (Algorithm.PDQ, "whole"), "video_md5": (Algorithm.MD5, "file")}
"""Their names of signals, and what they are here; a PDQ hash without its quality counts as good."""
BANKS = {Tier.MATCH: "HASHREG_MATCH", Tier.REVIEW: "HASHREG_REVIEW"}
_DISTANCES = {Tier.MATCH: "31", Tier.REVIEW: "45"}
_GOOD = 100
_NO_ID = 0


def signal_in_url(signal_type: str, signal: str) -> Fields:
    """Return a signal that came in an address as if it had come in a body."""
    return Fields({"signal_type": signal_type, "signal": signal}, "")


def signal_of(fields: Fields) -> Report:
    """Return the content that a signal stands for; raises InvalidInput, which doesn't echo it."""
    algorithm, view = SIGNALS[fields.one_of("signal_type", SIGNALS)]
    quality = _GOOD if algorithm is Algorithm.PDQ else None
    item = {"algorithm": algorithm.value, "view": view, "hash": fields.text("signal")}
    sent = {"content_id": "signal", "hashes": [item | {"quality": quality}]}
    return report_from_fields(Fields(sent, "signal", InvalidReport))


def banks(tiers: Iterable[Tier]) -> dict[str, object]:
    """Return the banks that a signal matches."""
    best = min(tiers, key=list(Tier).index, default=None)
    if best is None:
        return {}
    return {BANKS[best]: [{"bank_content_id": _NO_ID, "distance": _DISTANCES[best]}]}
