"""Platforms that are left alone for a while, because what was sent to them came to nothing."""

FIRST_REST, LONGEST_REST = 1.0, 300.0
"""Seconds; doubled each time in a row. An order itself waits longer (`model.orders`), but the
others of the same platform would be tried one after the other meanwhile."""


class Resting:
    """Who rests until when; ``now`` is in seconds of a clock that is never set back."""

    def __init__(self) -> None:
        self._rests: dict[str, tuple[float, float]] = {}
        """By platform: how long it rests, and until when."""

    def rest(self, platform: str, now: float) -> None:
        """Leave a platform alone, for longer than the last time in a row."""
        before = self._rests.get(platform)
        seconds = min(2 * before[0], LONGEST_REST) if before else FIRST_REST
        self._rests[platform] = seconds, now + seconds

    def wake(self, platform: str) -> None:
        """Forget that a platform has rested."""
        self._rests.pop(platform, None)

    def is_resting(self, platform: str, now: float) -> bool:
        """Tell whether a platform is left alone now."""
        return platform in self._rests and now < self._rests[platform][1]
