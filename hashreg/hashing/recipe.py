"""Recipe ``hashreg-1``: which hashes of which views make a fingerprint."""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from PIL import Image

from hashreg.hashing.align import LumaAligner
from hashreg.hashing.decode import Picture, decode, upright
from hashreg.hashing.pdq import Pdq, pdq_views
from hashreg.hashing.phash import phash
from hashreg.hashing.tokens import (
    SCREEN_SIDE,
    asked_tokens,
    registered_tokens,
)
from hashreg.hashing.views import PartViews, luminance
from hashreg.model.errors import FileProblem, UnreadableFile
from hashreg.model.fingerprints import Fingerprint, Views
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.orientation import UPRIGHT, VIEWS, Orientation

MAX_FILE_MEGABYTES = 200


def fingerprint(
    source: str | os.PathLike[str] | bytes, *, views: Views = "register", tokens: bool = True
) -> Fingerprint:
    """Hash one picture, given as a path or as the file's bytes.

    ``views``: "whole" the picture as it is; "register" what a case holds; "query" what an upload
    is asked with. A view whose PDQ quality is below 50 is left out; without any, the fingerprint
    has digests of the file only and ``is_comparable`` is False. ``tokens``: also the tokens that
    find crops and screenshots, unless only the whole picture is hashed. Raises UnreadableFile.
    """
    content = source if isinstance(source, bytes) else read_file(Path(source))
    picture = decode(content)
    orientations = {
        view: picture.orientation.then(turn) for view, turn in _orientations(views).items()
    }
    hashed = pdq_views(picture.pixels, orientations)
    quality = hashed["whole"].quality
    copy = upright(picture.reduced(), picture.orientation)
    hashes = [_pdq_item(view, it) for view, it in hashed.items()]
    hashes.append(_phash_item("whole", copy, quality))
    parts = PartViews(copy) if views != "whole" else None
    if parts:
        hashes += _part_items(parts, views)
    kept = [item for item in hashes if item.is_comparable]
    result = Fingerprint((*kept, *_digests(content)), quality)
    return _with_tokens(result, picture, parts, views) if parts and tokens and kept else result


def _with_tokens(it: Fingerprint, picture: Picture, parts: PartViews, views: Views) -> Fingerprint:
    if views == "register":
        return replace(it, tokens=registered_tokens(parts.base()))
    luma = parts.luma()
    if not parts.is_screen:
        return replace(it, tokens=asked_tokens(luma), aligner=LumaAligner.of(luma))
    larger = luminance(upright(picture.reduced(SCREEN_SIDE), picture.orientation))
    asked = asked_tokens(larger, screen=True)
    return replace(it, tokens=asked, aligner=LumaAligner.of(larger, SCREEN_SIDE))


def _part_items(parts: PartViews, views: Views) -> list[HashItem]:
    """Return the hashes of the picture's parts, and pHash without its borders."""
    hashes = [_pdq_item(*it) for it in (parts.asked() if views == "query" else parts.registered())]
    inner = parts.trimmed_copy()
    quality = next((item.quality for item in hashes if item.view == "trimmed"), None)
    if inner and quality is not None:
        hashes.append(_phash_item("trimmed", inner, quality))
    return hashes


def _pdq_item(view: str, it: Pdq) -> HashItem:
    return HashItem(Algorithm.PDQ, view, it.hash, it.quality)


def _phash_item(view: str, copy: Image.Image, quality: int) -> HashItem:
    """Return the pHash of an upright picture, from its area-reduced copy."""
    return HashItem(Algorithm.PHASH, view, phash(copy), quality)


def read_file(path: Path) -> bytes:
    """Return a file's bytes; raises UnreadableFile. Never waits for a pipe or a device."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123  (a descriptor, not a path)
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableFile(FileProblem.NOT_A_FILE)
            if status.st_size > MAX_FILE_MEGABYTES * 1024 * 1024:
                raise UnreadableFile(FileProblem.FILE_TOO_LARGE, limit=MAX_FILE_MEGABYTES)
            return file.read()
    except PermissionError:
        raise UnreadableFile(FileProblem.NO_PERMISSION) from None
    except FileNotFoundError:
        raise UnreadableFile(FileProblem.MISSING) from None
    except MemoryError:
        raise UnreadableFile(FileProblem.TOO_COSTLY) from None
    except (OSError, ValueError):  # a directory, a socket, a name with a NUL, a broken disk
        raise UnreadableFile(FileProblem.NOT_A_FILE) from None


def _orientations(views: Views) -> Mapping[str, Orientation]:
    match views:
        case "whole" | "register":
            return {"whole": UPRIGHT}
        case "query":
            return VIEWS
        case _:
            assert_never(views)


def _digests(content: bytes) -> tuple[HashItem, HashItem]:
    """Return the file's digests. MD5 names equal files; nothing rests on it being secure."""
    sha256 = hashlib.sha256(content).hexdigest()
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return (
        HashItem(Algorithm.SHA256, "file", sha256, None),
        HashItem(Algorithm.MD5, "file", md5, None),
    )
