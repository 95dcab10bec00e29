"""A hit, and what becomes of a proposal once the upload was looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hashreg.matching import policy
from hashreg.matching.shapes import Proposal
from hashreg.matching.table import distance
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.matches import Explanation, ShapeOnly

ALIGNED = "aligned"
"""The query view of a hit by shape: the upload, warped to where the registered picture lies."""


@dataclass(frozen=True, slots=True)
class Hit(Explanation):
    """A registered fingerprint that an asked one matches, and why."""

    id: int


def confirmed(
    proposal: Proposal, registered: Mapping[str, bytes], aligned: Sequence[HashItem] | None
) -> Hit | None:
    """Return the hit that a proposal makes, by the aligned windows' PDQ.

    ``registered`` holds the registered PDQ hashes by view; windows are cut from the picture without
    its borders. ``aligned`` is None where nobody could look at the upload.
    """
    frame = "trimmed" if "trimmed" in registered else "whole"
    near: dict[str, int] = {}
    for item in aligned or ():
        view = frame if item.view == "whole" else item.view
        if view in registered and item.algorithm is Algorithm.PDQ and item.is_comparable:
            bits = distance(registered[view], item.digest)
            near[view] = min(bits, near.get(view, bits))
    nearest, view = min(((bits, view) for view, bits in near.items()), default=(None, frame))
    tier = policy.aligned_tier(proposal.shape.points, nearest)
    if tier is None:
        return None
    agreeing = sum(bits <= policy.ALIGNED_REVIEW_RADIUS for bits in near.values())
    algorithm = ShapeOnly.TOKENS if nearest is None else Algorithm.PDQ
    query = "tokens" if nearest is None else ALIGNED
    return Hit(
        tier,
        algorithm,
        nearest,
        view,
        query,
        max(1, agreeing),
        None,
        False,
        proposal.owner,
        shape=proposal.shape,
    )
