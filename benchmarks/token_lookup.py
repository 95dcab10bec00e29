"""What it costs to look an unrelated upload up in the tokens of a large registry.

``python benchmarks/token_lookup.py [--pictures 1000000] [--rounds 3] [--json FILE]``

The registry is generated: words of real patches with bits flipped at random, and some of the asked
words with one bit flipped, so that an upload has as many words in common with a registered picture
as real ones have: 0.080 equal ones for each pair and 0.93 that differ in one bit
(`docs/decisions/010-tokens.md`). Places are random. Uploads are unrelated photos and generated
scenes, flips included, since nothing is found.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scenes import free_photos

from hashreg.hashing.pdq import LUMA
from hashreg.hashing.tokens import asked_tokens, registered_tokens
from hashreg.matching import tokens as packed
from hashreg.matching.shapes import proposals
from hashreg.matching.token_index import Postings, TokenIndex
from hashreg.model.tokens import WORD_BITS, Tokens

TOKENS_EACH = 46
EXACT_HITS = 0.080
"""Equal words of an asked and an unrelated registered picture, on average."""
ONE_BIT_HITS = 0.93
"""Words of them that differ in one bit."""
ROUNDS = 12
"""Of the calibration."""


def luma(photo: Image.Image) -> NDArray[np.float32]:
    """Return the luminance of a reduced copy."""
    copy = photo.reduce(max(1, max(photo.size) // 512))
    return (np.asarray(copy, np.float32) @ LUMA).astype(np.float32)


def parts(photos: Sequence[Image.Image], count: int, seed: int) -> list[Image.Image]:
    """Return parts of photos, as pictures of their own."""
    random = Random(seed)
    result = []
    for _ in range(count):
        photo = random.choice(photos)
        width, height = (round(side * random.uniform(0.4, 0.7)) for side in photo.size)
        left, top = random.randint(0, photo.width - width), random.randint(0, photo.height - height)
        result.append(photo.crop((left, top, left + width, top + height)))
    return result


class Noise(NamedTuple):
    """How the words of the pool are changed."""

    flips: float
    """Probability of a flip for each bit."""
    near: float
    """Share of the words that are an asked one with one bit flipped instead."""


def noisy(
    pool: NDArray[np.uint32],
    own: NDArray[np.uint32],
    count: int,
    noise: Noise,
    random: np.random.Generator,
) -> NDArray[np.uint32]:
    """Return words of the pool, or of those that are asked, with bits flipped."""
    words = random.choice(pool, count)
    for place in range(WORD_BITS):
        chosen = random.random(count, np.float32) < noise.flips
        words ^= chosen.astype(np.uint32) << np.uint32(place)
    near = random.random(count, np.float32) < noise.near
    flips = np.uint32(1) << random.integers(0, WORD_BITS, int(near.sum()), np.uint32)
    words[near] = random.choice(own, len(flips)) ^ flips
    return words


def calibrated(
    pool: NDArray[np.uint32], asked: Sequence[Tokens], random: np.random.Generator
) -> Noise:
    """Return the noise that gives as many equal and nearly equal words as real pictures have."""
    own, noise = own_words(asked), Noise(0.01, 0.1)
    for _ in range(ROUNDS):
        exact, near = hits(np.sort(noisy(pool, own, 400_000, noise, random)), asked)
        missing = (ONE_BIT_HITS - near) * len(asked) / TOKENS_EACH
        noise = Noise(noise.flips * (exact / EXACT_HITS) ** 0.5, max(0, noise.near + missing))
    return noise


def own_words(asked: Sequence[Tokens]) -> NDArray[np.uint32]:
    """Return all words that are asked."""
    return np.concatenate([packed.asked(tokens).words for tokens in asked])


def hits(words: NDArray[np.uint32], asked: Sequence[Tokens]) -> tuple[float, float]:
    """Return how many words are equal, and differ in one bit, for each upload and picture."""
    bits = np.uint32(1) << np.arange(WORD_BITS, dtype=np.uint32)
    exact, near = [], []
    for tokens in asked:
        own = packed.asked(tokens).words
        exact.append(_count(words, own))
        near.append(_count(words, (own[:, None] ^ bits).ravel()))
    pictures = len(words) / TOKENS_EACH
    return float(np.mean(exact)) / pictures, float(np.mean(near)) / pictures


def _count(words: NDArray[np.uint32], wanted: NDArray[np.uint32]) -> int:
    found = np.searchsorted(words, wanted, "right") - np.searchsorted(words, wanted)
    return int(found.sum())


def registry(words: NDArray[np.uint32], random: np.random.Generator) -> TokenIndex:
    """Return an index of pictures that have these words."""
    count, pictures = len(words), len(words) // TOKENS_EACH
    order = np.argsort(words, kind="stable")
    owners = np.repeat(np.arange(pictures, dtype=np.uint32), TOKENS_EACH)[order]
    places = random.integers(0, 1 << 16, count, np.uint16)
    shapes = np.ones((pictures, 2), np.float32)
    return TokenIndex.of(
        Postings(words[order], owners, places), np.arange(pictures, dtype=np.uint32), shapes
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    photos = list(free_photos(options.seed))
    pool = np.concatenate(
        [packed.registered(registered_tokens(luma(it)))[0] for it in parts(photos[::2], 150, 1)]
    )
    uploads = [asked_tokens(luma(it)) for it in parts(photos[1::2], 25, 2)]
    noise, own = calibrated(pool, uploads, random), own_words(uploads)
    index = registry(noisy(pool, own, options.pictures * TOKENS_EACH, noise, random), random)
    exact, near = hits(np.sort(noisy(pool, own, 400_000, noise, random)), uploads)
    result: dict[str, object] = {
        "pictures": options.pictures,
        "megabytes": round(index.nbytes / 1e6),
        "noise": noise._asdict(),
        "exact_hits_a_pair": round(exact, 3),
        "one_bit_hits_a_pair": round(near, 3),
    }
    for name, wanted in (("exact", [False]), ("with flips", [False, True])):
        times = []
        for _ in range(options.rounds):
            for tokens in uploads:
                begun = time.process_time()
                for flipped in wanted:
                    proposals(index, tokens, flipped=flipped)
                times.append(1000 * (time.process_time() - begun))
        result[f"{name}, median ms"] = round(statistics.median(times), 1)
        result[f"{name}, worst ms"] = round(max(times), 1)
    print(json.dumps(result, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
