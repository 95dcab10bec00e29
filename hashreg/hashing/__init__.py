"""DEVICE: picture bytes -> fingerprint. The only room that opens pictures."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashreg.hashing.recipe import fingerprint

__all__ = ["fingerprint"]


def __getattr__(name: str) -> object:
    """Load what opens pictures when it is asked for: a command's parent process never needs it."""
    if name == "fingerprint":
        from hashreg.hashing.recipe import fingerprint  # noqa: PLC0415

        return fingerprint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
