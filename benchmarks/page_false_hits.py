"""The part of docs/accuracy.md on false hits: counted, fitted, in the same frame, portraits."""

from collections.abc import Iterator, Mapping, Sequence

from edit_words import WORDS_OF
from falsehits import (
    CUT_FROM_SIDE,
    CUT_SHARE,
    FRAMED_TAIL,
    MILLION,
    VIEWS,
    FalseHits,
    Framed,
    bounds,
)
from portraits import SIDE, Portraits
from results import Json, Measured, Tail
from tail import LEAST_PAIRS, RESAMPLES, STEP

from hashreg.matching.policy import MATCH_RADIUS, REVIEW_RADIUS
from hashreg.model.matches import Tier

RADII = (MATCH_RADIUS, REVIEW_RADIUS)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

IN_SHORT = """
## Who is taken for somebody else

Of {pairs} pairs of an edited copy and a picture that it has nothing to do with, {hits}.
{expected}

{framed}A person looks at every hit before anything happens.
"""

COUNTED = """
## False hits

### Counted

Every copy was asked for every other photo's original, and in a registry filled with pictures cut at
random from photos that are not asked: {low} to {high} % of each side of a photo of {side}
pixels, anywhere, hashed as registrations are. *At 1 M* is the exact upper bound (Clopper and
Pearson, 95 %) of false hits for each upload in a registry of a million pictures, of `match` alone
and of both tiers.

| photos | registry | uploads | pictures | pairs | {heads} |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""
COUNTED_HEADS = "`match` | + `review` | one PDQ | one pHash | at 1 M: `match` | both"

COUNTED_LIMITS = """
What this shows: what the commands would have said, with all views and rules, without any assumption
on distances. What it doesn't show: the bound takes pairs for independent, and they are not, since
copies of one photo are alike and so are cuts of one photo. The {pairs} pairs come from
{photo_pairs} pairs of photos. If only those counted, the bound for a million would be {worst:.0f};
the truth lies between, and counting alone can't say where. Hence the second way.
"""

TAIL = """
### From the tail

For each of the {pairs} pairs in the filled registry in which both sides have a hash, the smallest
PDQ distance between any two views was noted, by brute force. Towards small distances, pairs become
rarer by a steady factor with every two bits; a line fitted to that (maximum likelihood of the
distances below an edge) says how many pairs are to be expected within {match} bits (`match`) and
{review} (`review`).

![Share of unrelated pairs within each distance, with fitted lines](accuracy/tail.svg)

False hits for each upload at 1 M registered pictures:

| tail below | pairs | {heads} | within {match} | 95 % below | within {review} | 95 % below |
|---:|---:|---:|---:|---:|---:|---:|---:|
"""

TAIL_HEADS = "half from, photos | rarer by"

TAIL_LIMITS = """
*Half from* is how few of the asked photos have half of these pairs between them, *rarer by* the
factor for every two bits. *95 % below* is the bound over {resamples} resamples in
which the photos of both sides, not the pairs, were drawn anew, so that a photo that is near to many
others counts as the one photo that it is. The rows differ since the line is not straight: the
nearest pairs are of a few plain pictures, with one large shape or an even ground, and thin out more
slowly than the rest. The largest number is the one to go by. The closest pair of all was {closest}
bits apart.

What this shows: how far unrelated pictures of these kinds stay from the radii, and how fast they
thin out. What it doesn't show: kinds of pictures that are not among {photos} photos,
nor hits by rules other than the distances of views, which only the counts have.
"""

FRAMED = """
### The same frame

Two different pictures inside the same frame, or under the same large letters, are nearer to each
other, and parts of them are in fact the same. Here other photos were registered in a frame, and
copies in the same kind of frame were asked. *Expected* is the number of hits in both tiers for each
upload if **all** of a million registered pictures had that frame: at the rate that was counted, or
where nothing hit, by a line through the nearest {share} % of the distances of views. The line is a
rough figure, since it rests on {least} pairs, and left out below {enough}.

| both sides | pairs | `match` | + `review` | closest | expected at 1 M |
|---|---:|---:|---:|---:|---:|
"""

FRAMED_END = """
So register the picture itself, without the programme or the ground around it, where you have it.
"""

HARD = """
### Hard pairs

{registered} registered pictures full of what different pictures share: screens, chats, texts and
emoji drawn at random, photos with memes, captions or large letters on them, screenshots, and
pictures nearly without texture. {asked} others of the same kinds were asked; none shows a
registered picture. Of {pairs} pairs, {match} hit in tier `match` and {review} in `review`{kinds}.
If **all** of a million registered pictures were of such kinds, that would be fewer than {bound}
false matches for each upload (exact 95 % bound) and about {expected} possible ones.
"""

PORTRAITS = """
## Portraits of different people

The {faces} faces that scikit-image carries (a part of Labeled Faces in the Wild), all cut in the
same way around the face and enlarged from 25 to {side} pixels; each was asked for all others,
{pairs} pairs.

| | |
|---|---:|
| closest two whole portraits | {whole} bits |
| closest two, over all views of both | {any_view} bits |
| different faces in `match` | {match} |
| different faces in `review` | {review} |
| by one PDQ hash | {pdq} |
| by one pHash | {phash} |

What this shows: whether aligned faces alone, without clothes or rooms to tell them apart, are taken
for each other. What it doesn't show: 25 pixels hold the coarse part of what PDQ looks at and the
rest comes from enlarging; the file names nobody, so a pair may be one person twice; and {faces}
faces are few. A studio's series of portraits, alike in light, pose and clothes, was not measured.
"""


def false_hits_in_short(lead: Measured) -> str:
    """Return the paragraph for the top of the page."""
    match = sum(it.match for it in lead.false_hits)
    review = sum(it.review for it in lead.false_hits)
    hits = f"{match or 'none'} hit in tier `match` and {review - match or 'none'} in tier `review`"
    pairs = f"{sum(it.pairs for it in lead.false_hits):,}"
    expected = "".join(_expected_in_short(lead))
    framed = "".join(_framed_in_short(lead.framed))
    return IN_SHORT.format(pairs=pairs, hits=hits, expected=expected, framed=framed)


def _expected_in_short(lead: Measured) -> Iterator[str]:
    """Yield what is to be expected at a million pictures: as counted, and by the tail."""
    counted = [it for it in lead.false_hits if it.registry != VIEWS]
    match = _number(min(_bound(it.match, it) for it in counted))
    review = _number(min(_bound(it.review, it) for it in counted))
    yield f"For a registry of a million pictures that gives fewer than {match} false matches for "
    yield f"each upload and fewer than {review} with possible matches, if all pairs are taken for "
    yield "independent. "
    for it in lead.false_hits:
        if it.registry == VIEWS:
            yield f"By views alone it is {_number(_bound(it.match, it))} and "
            yield f"{_number(_bound(it.review, it))}. "
    if lead.tail and lead.tail.fits:
        most = [max(fit.within[it] for fit in lead.tail.fits) * MILLION for it in RADII]
        yield f"By the [tail of the distances](#from-the-tail) up to {_number(most[0])} and "
        yield f"{_number(most[1])} are to be expected. "


def _framed_in_short(framed: Sequence[Framed]) -> Iterator[str]:
    """Yield which frames make different pictures look like copies."""
    yield "Different pictures in [the same frame](#the-same-frame) are nearer to each other. "
    for it in framed:
        if it.review:
            possible = it.review - it.match
            yield f"Of {it.pairs:,} pairs in which both pictures are {WORDS_OF[it.edit]}, "
            yield f"{it.match or 'none'} hit in tier `match` and {possible or 'none'} in `review`. "


def false_hits(sets: Mapping[str, Measured]) -> str:
    """Return the section on false hits."""
    return "".join(_false_hits(sets))


def _false_hits(sets: Mapping[str, Measured]) -> Iterator[str]:
    lead = next(iter(sets.values()))
    yield COUNTED.format(
        low=round(100 * CUT_SHARE[0]),
        high=round(100 * CUT_SHARE[1]),
        side=CUT_FROM_SIDE,
        heads=COUNTED_HEADS,
    )
    for name, measured in sets.items():
        yield from (_counted_row(name, it) for it in measured.false_hits)
    photo_pairs = lead.photos * lead.other_photos
    if photo_pairs:
        yield COUNTED_LIMITS.format(
            pairs=f"{lead.false_hits[-1].pairs:,}",
            photo_pairs=f"{photo_pairs:,}",
            worst=bounds(0, photo_pairs)[1] * MILLION,
        )
    if lead.tail and lead.tail.fits:
        yield from _tail(lead, lead.tail)
    if lead.framed:
        yield from _framed(lead)


def _counted_row(name: str, it: FalseHits) -> str:
    numbers = (it.uploads, it.pictures, it.pairs, it.match, it.review, it.plain_pdq, it.plain_phash)
    counts = " | ".join(f"{number:,}" for number in numbers)
    limits = " | ".join(_number(_bound(hits, it)) for hits in (it.match, it.review))
    return f"| {name} | {it.registry} | {counts} | {limits} |\n"


def _bound(hits: int, it: FalseHits) -> float:
    """Return the upper bound of hits for each upload at a million pictures."""
    return bounds(hits, it.pairs)[1] * MILLION


def _tail(lead: Measured, tail: Tail) -> Iterator[str]:
    yield TAIL.format(
        pairs=f"{tail.pairs:,}", match=MATCH_RADIUS, review=REVIEW_RADIUS, heads=TAIL_HEADS
    )
    for fit in tail.fits:
        expected = [
            _number(shares[radius] * MILLION)
            for radius in RADII
            for shares in (fit.within, fit.high)
        ]
        yield f"| {fit.edge + 1} | {fit.pairs:,} | {fit.half_from} | {fit.factor:.2f} | "
        yield f"{' | '.join(expected)} |\n"
    yield TAIL_LIMITS.format(
        resamples=f"{RESAMPLES:,}",
        closest=closest(tail),
        photos=lead.photos + lead.other_photos,
    )


def closest(tail: Tail) -> int:
    """Return the distance of the closest pair, to two bits."""
    return next(number * STEP for number, count in enumerate(tail.counts) if count)


def _framed(lead: Measured) -> Iterator[str]:
    least = min(it.pairs for it in lead.framed) * FRAMED_TAIL
    yield FRAMED.format(share=round(100 * FRAMED_TAIL), least=f"{least:.0f}", enough=LEAST_PAIRS)
    for it in sorted(lead.framed, key=lambda framed: -(framed.expected or 0)):
        yield (
            f"| {WORDS_OF[it.edit]} | {it.pairs:,} | {it.match} | {it.review} | {it.closest} | "
            f"{'' if it.expected is None else _number(it.expected)} |\n"
        )
    yield FRAMED_END


def hard_pairs(counts: Json) -> str:
    """Return the section on pairs that are hard to tell apart."""
    hits: Mapping[str, int] = counts["false_hits"]
    review = {kind: number for kind, number in hits.items() if kind.startswith(Tier.REVIEW)}
    match, possible = sum(hits.values()) - sum(review.values()), sum(review.values())
    kinds = [f"{number} by {kind.split(', ')[1]}" for kind, number in review.items()]
    return HARD.format(
        registered=f"{counts['registered']:,}",
        asked=f"{counts['asked']:,}",
        pairs=f"{counts['pairs']:,}",
        match=match or "none",
        review=possible or "none",
        kinds=f" ({', '.join(kinds)})" if kinds else "",
        bound=_number(bounds(match, counts["pairs"])[1] * MILLION),
        expected=_number(possible / counts["pairs"] * MILLION),
    )


def portraits(measured: Sequence[Portraits]) -> str:
    """Return the section on portraits, empty where none were measured."""
    if not measured:
        return ""
    it = measured[0]
    return PORTRAITS.format(
        faces=it.faces,
        side=SIDE,
        pairs=f"{it.pairs:,}",
        whole=it.closest_whole,
        any_view=it.closest_any_view,
        match=it.match,
        review=it.review,
        pdq=it.plain_pdq,
        phash=it.plain_phash,
    )


def _number(value: float) -> str:
    """Return a number to two digits, as a power of ten where it is small."""
    if value == 0 or value >= 0.001:
        return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(SUPERSCRIPTS)}"
