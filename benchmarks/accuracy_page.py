"""The text of docs/accuracy.md: what is found, what is not, and how that was measured."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from textwrap import fill

from edit_words import WORDS_OF
from edits import EDITS, TIERS
from falsehits import bounds
from page_false_hits import false_hits, false_hits_in_short, hard_pairs, portraits
from recall import PDQ_RADIUS, PHASH_RADIUS, Cell, tier_shares
from results import Json, Measured

Sets = Mapping[str, Measured]

WIDTH = 100
PROSE = re.compile(r"(?![#|`!-]).+", re.DOTALL)
"""A block that is a paragraph: no heading, table, code, picture or list."""

EXAMPLES = {
    "light": "smaller, recompressed, brighter, greyscale, sent by messengers",
    "medium": "captioned, watermarked, framed, tilted by 2 degrees, cropped by 5 %",
    "heavy": "cropped by 10-50 %, mirrored, turned, tilted, memes, screenshots, parts covered",
}
EDGES = (50, 90, 98)
HEADINGS = ("Mostly missed", "Often missed", "Missed now and then")
"""Shares found, in whole percent, below which an edit is named in the lists of what is missed."""

OPENING = """# Accuracy: what is found, and what is not

This page is written by `make accuracy` from the numbers in [accuracy/](accuracy). Each photo was
registered, changed in {edits} ways, and every changed copy was asked for again, by the same calls
that the commands use.

{sets}
"""

DESCRIBED = {
    "cameras": "**Camera photos**: {photos} photos of people, rooms, landscapes, nights and text, "
    "at most 1,280 pixels wide or high. Nothing in hashreg was tuned on them; it was tuned on "
    "{others} others of the same collection. They show private people and are not in the project. "
    "Where a number stands alone on this page, it is of these.",
    "free": "**Free photos**: {photos} pictures that anybody can have: the ten sample photos, ten "
    "that come with scikit-image and scikit-learn, and generated scenes. `make accuracy` measures "
    "them anew.",
}

MISSED = """
## What is not caught

**`clear` means that no copy was recognised. It doesn't mean that none is there.** The numbers say
how many of 100 copies of {photos} photos were found, possible matches (`review`) among them.

{lists}

Two such changes at once are harder still. Missed as well, and not measured here:

- videos, which can't be hashed yet;
- another picture of the same moment: a second photo, another frame of the same video. It is
  another picture, and must be registered for itself;
- pictures that were drawn anew or changed by a generator so that shapes are in other places;
- strongly blurred copies, copies in negative colours that are cropped or turned as well, and
  pictures that are very small in a large screenshot;
- pictures that are too dark, too small or too blank to compare. They are reported as `unchecked`,
  never as `clear`.

Where a platform sends hashes that it made elsewhere and not with hashreg, fewer copies are found
than this page says.

What helps: register the picture itself and not a screenshot of it. Where a cropped or changed copy
goes round, register that one too, without anything around it. Cut a picture out of a screenshot
before asking for it.
"""

RECALL = """
## What is found, edit by edit

In percent of the copies. *One PDQ* is a single hash at {pdq} bits, as other systems ask; *one
pHash* is ImageHash's at {phash} bits. `match` is found for certain, *+ review* with possible
matches. With {photos} photos a share of 50 % is good to about {spread:.0f} points to either side
(exact 95 % bounds), one of 99 % to about {narrow:.0f}; the mean of a tier is better than that.

hashreg registers {registered} PDQ hashes a picture on average and asks with {asked}.
"""

SUSPICION = """
## Forged pictures

A picture can be altered until its hash is near to another's. Of {forgeries} hits of such forgeries,
{marked} ({marked_share}) were marked as suspicious; so were {genuine_marked} of {genuine_hits} hits
of edited copies as a whole ({genuine_share}). A person looks at every hit, marked or not.
"""

PICTURES = """
## One example of each edit

Chelsea the cat, by Stefan van der Walt, CC0 ([origin](../sample_images/README.md)), with the
parameters that seed {seed} draws.
"""

AGAIN = """
## Measuring again

```
make accuracy                                                   # free photos, plots and this page
python benchmarks/accuracy.py --photos FOLDER --json OUT.json    # any folder of photos
python benchmarks/report.py docs                                 # this page alone
```

With `--photos` every second file is asked and the others fill the registry (`--half`). The numbers
called `{lead}` are those of {made_with}.

A small dose of all this runs with every `make test` (`tests/accuracy`) on the sample pictures and a
few scenes alone, so that its stored table depends on no other package's photos; it fails when a
tier falls by more than two points. `python tests/accuracy/make_dose.py` stores its table anew.
"""


def page(sets: Sets, others: Mapping[str, Json]) -> str:
    """Return the whole page; ``others`` are what other benchmarks measured, by name."""
    lead = next(iter(sets.values()))
    described = [
        DESCRIBED[name].format(photos=it.photos, others=it.other_photos)
        for name, it in sets.items()
    ]
    parts = [
        OPENING.format(edits=len(EDITS), sets="\n\n".join(described)),
        *_tiers(sets),
        _missed(lead),
        false_hits_in_short(lead),
        *_recall(sets),
        false_hits(sets),
        hard_pairs(others["hard"]) if "hard" in others else "",
        portraits([it.portraits for it in sets.values() if it.portraits]),
        _suspicion(others["forgeries"]) if "forgeries" in others else "",
        *_pictures(lead.seed),
        AGAIN.format(
            lead=next(iter(sets)),
            made_with=lead.made_with,
        ),
    ]
    return wrapped("".join(parts))


def wrapped(text: str) -> str:
    """Return the text with its paragraphs filled to ``WIDTH``; tables, lists and code stay."""
    blocks = text.split("\n\n")
    return (
        "\n\n".join(
            fill(block, WIDTH, break_long_words=False, break_on_hyphens=False)
            if PROSE.fullmatch(block)
            else block
            for block in (block.strip("\n") for block in blocks)
        )
        + "\n"
    )


def _tiers(sets: Sets) -> Iterator[str]:
    yield "\n| copies | such as | photos | one PDQ | one pHash | `match` | + `review` |\n"
    yield "|---|---|---|---:|---:|---:|---:|\n"
    shares = {name: tier_shares(it.edits.values()) for name, it in sets.items()}
    for tier in TIERS:
        for number, name in enumerate(sets):
            row = shares[name][tier]
            words = f"{tier} | {EXAMPLES[tier]}" if number == 0 else " | "
            numbers = (row["plain_pdq"], row["plain_phash"], row["match"], row["review"])
            yield f"| {words} | {name} | {' | '.join(f'{it:.1f} %' for it in numbers)} |\n"


def _missed(lead: Measured) -> str:
    found = {name: round(cell.percent("review")) for name, cell in lead.edits.items()}
    lists = []
    for (low, high), heading in zip(pairwise((0, *EDGES)), HEADINGS, strict=True):
        inside = {name: it for name, it in found.items() if low <= it < high}
        if inside:
            lists.append(f"{heading}, fewer than {high} of 100 found:\n\n{_listed(inside)}")
    return MISSED.format(photos=lead.photos, lists="\n\n".join(lists))


def _listed(found: Mapping[str, int]) -> str:
    by_share = sorted(found.items(), key=lambda it: it[1])
    return "\n".join(f"- {WORDS_OF[name]}: {share}" for name, share in by_share)


def _recall(sets: Sets) -> Iterator[str]:
    lead = next(iter(sets.values()))
    half, most = round(lead.photos / 2), round(lead.photos * 0.99)
    yield RECALL.format(
        pdq=PDQ_RADIUS,
        phash=PHASH_RADIUS,
        photos=lead.photos,
        spread=100 * (half / lead.photos - bounds(half, lead.photos)[0]),
        narrow=100 * (most / lead.photos - bounds(most, lead.photos)[0]),
        registered=lead.registered_hashes,
        asked=lead.asked_hashes,
    )
    others = [it for it in sets.values() if it is not lead]
    for tier in TIERS:
        yield f"\n### {tier.capitalize()}\n\n![Copies found of each {tier} edit]"
        yield f"(accuracy/recall-{tier}.svg)\n\n"
        yield from _edit_table(tier, lead, others)


def _edit_table(tier: str, lead: Measured, others: Sequence[Measured]) -> Iterator[str]:
    heads = ["edit", "a copy that is", "one PDQ", "one pHash", "`match`", "+ `review`"]
    heads += ["free: `match`", "free: + `review`"] * len(others)
    yield f"| {' | '.join(heads)} |\n|---|---|{'---:|' * (len(heads) - 2)}\n"
    for name, cell in lead.edits.items():
        if cell.tier == tier:
            numbers = _percents(cell, "plain_pdq", "plain_phash", "match", "review")
            for other in others:
                numbers += _percents(other.edits[name], "match", "review")
            yield f"| {name} | {WORDS_OF[name]} | {' | '.join(numbers)} |\n"


def _percents(cell: Cell, *methods: str) -> list[str]:
    return [f"{cell.percent(method):.0f}" for method in methods]


def _suspicion(counts: Json) -> str:
    forged, genuine = counts["forgeries"], counts["genuine_hits"]
    return SUSPICION.format(
        forgeries=f"{forged:,}",
        marked=f"{counts['marked_suspicious']:,}",
        marked_share=f"{100 * counts['marked_suspicious'] / forged:.0f} %",
        genuine_marked=f"{counts['genuine_marked']:,}",
        genuine_hits=f"{genuine:,}",
        genuine_share=f"{100 * counts['genuine_marked'] / genuine:.1f} %",
    )


def _pictures(seed: int) -> Iterator[str]:
    yield PICTURES.format(seed=seed)
    for tier in TIERS:
        yield f"\n![One example of each {tier} edit](accuracy/edits-{tier}.jpg)\n"
