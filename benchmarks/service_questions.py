"""What is asked of the service: whole pictures, and uploads with all asked views."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from service_load import Question, question
from service_registry import QUALITY, Codes, flipped, random_codes

from hashreg.model.hashes import HEX_DIGITS

SAMPLE = Path(__file__).parent.parent / "sample_images" / "originals"
RADIUS = {"match": 31, "review": 45}
View = tuple[str, str, int | None]
WHOLE: Sequence[View] = [("pdq", "whole", QUALITY)]


@dataclass(frozen=True, slots=True)
class Asker:
    """Makes questions to a registry of these codes: half of their items are near one of them."""

    codes: Codes
    key: str
    random: np.random.Generator

    def questions(
        self, count: int, items: int, tier: str, views: Sequence[View] = WHOLE
    ) -> list[Question]:
        """Return so many questions of so many items, which have these views."""
        made = self._items(count * items, tier, views)
        return [question([next(made) for _ in range(items)], tier, self.key) for _ in range(count)]

    def _items(
        self, count: int, tier: str, views: Sequence[View]
    ) -> Iterator[tuple[dict[str, Any], str | None]]:
        strange = random_codes(count * len(views), self.random).reshape(count, len(views), 32)
        for number, others in enumerate(strange):
            right: str | None = None
            if number % 2 == 0:
                bits = int(self.random.integers(0, RADIUS[tier] + 1))
                near = self.codes[self.random.integers(len(self.codes))]
                others[0] = flipped(near, bits, self.random)
                right = "match" if bits <= RADIUS["match"] else "review"
            hashes = [_hash(view, code) for view, code in zip(views, others, strict=True)]
            yield {"content_id": f"post-{number}", "hashes": hashes}, right


def _hash(view: View, code: Codes) -> dict[str, object]:
    algorithm, name, quality = view
    digits = code.tobytes().hex()[: HEX_DIGITS[algorithm]]
    return {"algorithm": algorithm, "view": name, "hash": digits, "quality": quality}


def asked_views() -> list[View]:
    """Return the views of the sample picture that is asked with the most hashes."""
    command = ["-m", "hashreg.cli", "hash", "--views", "query", "--json", "--no-tokens"]
    lines = subprocess.run(
        [sys.executable, *command, str(SAMPLE)], stdout=subprocess.PIPE, check=True
    ).stdout.splitlines()
    most = max((json.loads(line)["hashes"] for line in lines), key=len)
    return [(it["algorithm"], it["view"], it["quality"]) for it in most]
