"""The matching policy: every threshold once, with its source.

| tier | rule |
|---|---|
| match | PDQ within MATCH_RADIUS in any view, or an equal file digest |
| review | PDQ within REVIEW_RADIUS in any view of DISTINCT_QUALITY; or pHash within PHASH_RADIUS |
|        | and PDQ within CONFIRM_RADIUS between whole or trimmed pictures |

Pictures found by shape: ``match`` from LEAST_TOKENS agreeing tokens on, with an aligned window
within ALIGNED_MATCH_RADIUS; ``review`` within ALIGNED_REVIEW_RADIUS, or from LEAST_TOKENS_ALONE on
where no registered window is covered or no alignment was sent.
"""

import datetime as dt

from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import Tier

MATCH_RADIUS = 31
"""Meta's confident-match threshold for PDQ; none of 1.3 M unrelated pairs (accuracy facts)."""
REVIEW_RADIUS = 45
"""Finds 8-9 points more of the edited copies than 31; none of 60 M unrelated window and
orientation pairs is at 65 or less."""
DISTINCT_QUALITY = 60
"""PDQ quality that both views have beyond MATCH_RADIUS: pictures that say little lie nearer to each
other. Of 87 camera photos 0.07 % of the registered views have less, no edited copy was lost by it,
and 4 of the 5 false hits in 308 M pairs had a view of 53 (docs/decisions/007-views.md)."""
PHASH_RADIUS = 8
"""pHash alone would give 0.2-0.4 false hits an upload at 1 M pictures, so PDQ confirms it."""
CONFIRM_RADIUS = 72
"""PDQ between whole pictures that pHash has found: unrelated ones are at 84 or more."""
AGREE_RADIUS = 10
"""pHash distance up to which it agrees with a PDQ hit: 99-100 % of light and medium edits are
within 10, the median forgery of a PDQ hash is at 12."""
EXPECTED_VIEWS = 3
"""So many windows must be on both sides before their silence means anything."""
LEAST_AGREEING = 2
"""Windows of a copy that are within REVIEW_RADIUS: at least 4 of 6 in 189 copies, at most 1 in 81
forgeries (`docs/decisions/009-suspicious.md`)."""

LEAST_TOKENS = 3
"""Agreeing tokens that propose an alignment: 0 of 3.4 M unrelated photos by exact words."""
LEAST_TOKENS_ALONE = 4
"""Agreeing tokens that make a possible match where no window can confirm it."""
ALIGNED_MATCH_RADIUS, ALIGNED_REVIEW_RADIUS = 45, 60
"""PDQ of an aligned window: 14,631 random alignments of unrelated pictures were at 84 or more."""

BENIGN_TIER = Tier.MATCH
"""From this tier on a registration collides with a known harmless picture and is held."""
QUARANTINE_HITS = 100
"""Content items within ``QUARANTINE_SPAN`` that one registered picture may be found in before a
person has confirmed any of them: what one moderator looks at in a day, and far above the few
copies that a private picture has before somebody decides (docs/decisions/008-holds.md)."""
QUARANTINE_SPAN = dt.timedelta(hours=24)

CHANNEL_PICTURES = 20_000
"""Pictures that may come in by one channel on one day before further ones wait for a person: more
than a help line of a hundred people registers by hand, and they are not refused."""
CHANNEL_ABUSES, CHANNEL_ABUSIVE_SHARE = 3, 0.1
"""So many cases of a channel, and such a share of those that people decided about, are abusive
claims: what comes in by it anew waits for a person."""

PROBE_RADIUS, PROBE_CONFIRM_RADIUS = 62, 78
"""A question is near a picture, and counted, within 62 bits (facts, T5): farther than any answer by
PDQ reaches, so that misses count; none of 60 M unrelated pairs is at 65 or less. Where pHash asks,
which PDQ confirms within 72, within 78: unrelated whole pictures are at 84 or more."""
PROBES_WARNED, PROBES_LOCKED = 16, 64
"""Distinct near questions of one asker about one picture: of 256 bits each answer tells one."""

PHASH_VIEWS = frozenset({"whole", "trimmed"})
"""Views whose pHash may be compared, each with its own like."""
DIGESTS = (Algorithm.SHA256, Algorithm.MD5)


def is_plain(item: HashItem) -> bool:
    """Tell whether a view says so little that only a sure match of it counts."""
    return item.quality is not None and item.quality < DISTINCT_QUALITY


def pdq_tier(distance: int) -> Tier | None:
    """Return the tier of a PDQ distance in one view, or None."""
    if distance <= MATCH_RADIUS:
        return Tier.MATCH
    return Tier.REVIEW if distance <= REVIEW_RADIUS else None


def aligned_tier(tokens: int, distance: int | None) -> Tier | None:
    """Return the tier of agreeing tokens and the nearest aligned window (None: none), or None."""
    if distance is None:
        return Tier.REVIEW if tokens >= LEAST_TOKENS_ALONE else None
    if tokens < LEAST_TOKENS or distance > ALIGNED_REVIEW_RADIUS:
        return None
    return Tier.MATCH if distance <= ALIGNED_MATCH_RADIUS else Tier.REVIEW


def phash_tier(phash_distance: int, pdq_distance: int) -> Tier | None:
    """Return the tier of two whole (or trimmed) pictures by both hashes, or None."""
    agree = phash_distance <= PHASH_RADIUS and pdq_distance <= CONFIRM_RADIUS
    return Tier.REVIEW if agree else None
