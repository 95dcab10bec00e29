"""HEIC pictures, where the ``heif`` extra is installed."""

from functools import cache


@cache
def can_open_heif() -> bool:
    """Register the HEIF opener with Pillow once; False where pillow-heif is not installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True
