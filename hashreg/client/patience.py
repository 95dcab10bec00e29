"""How long a client waits before it asks a server again."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

ATTEMPTS = 5
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 60.0
"""Of a pause, and so the most of a server's Retry-After that is kept to."""


@dataclass(frozen=True, slots=True)
class Patience:
    """A clock in seconds, a way to sleep, and chance (0 to 1), which tests put their own in for."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.SystemRandom().random

    def wait(self, failures: int, retry_after: str | None) -> None:
        """Sleep after so many failures, at least as long as the server asks for in whole seconds.

        The pause doubles with each failure, and chance shortens it to no less than half, so that
        clients which a server turned away together don't come back together.
        """
        pause = FIRST_SECONDS * 2 ** (failures - 1) * (1 + self.chance()) / 2
        asked = retry_after.strip() if retry_after else ""
        if asked.isascii() and asked.isdigit():
            pause += float(asked[:9])
        self.sleep(min(pause, LONGEST_SECONDS))
