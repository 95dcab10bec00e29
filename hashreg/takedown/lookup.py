"""The same question as a report, without keeping anything."""

from collections.abc import Sequence

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import FoundMatch
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.store import Store


def look_up(
    store: Store, index: RegistryIndex, fingerprints: Sequence[Fingerprint]
) -> list[list[FoundMatch]]:
    """Return the matches of each fingerprint, one for each case, best first, without tickets."""
    with store.read():
        index.refresh(store)
    return [[FoundMatch(hit.explanation) for hit in hits] for hits in index.find_many(fingerprints)]
