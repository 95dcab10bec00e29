"""Pictures as the bytes of a file, in every format and with every way of storing pixels."""

import io
import struct
import zlib

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image

pillow_heif.register_heif_opener()


def saved(image: Image.Image, format_name: str, **options: object) -> bytes:
    """Return the image as a file of this format."""
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def png(samples: NDArray[np.integer], depth: int, colour_type: int, *chunks: bytes) -> bytes:
    """Return a PNG of samples of shape (h, w) or (h, w, c), with ``chunks`` before its pixels.

    Pillow can't write most of what PNG allows. Colour types: 0 grey, 2 RGB, 3 palette, 4 grey and
    alpha, 6 RGB and alpha.
    """
    height, width = samples.shape[:2]
    rows = b"".join(b"\0" + _packed(row, depth) for row in samples.reshape(height, -1))
    return png_of_rows(rows, (width, height), depth, colour_type, *chunks)


def png_of_rows(
    rows: bytes, size: tuple[int, int], depth: int, colour_type: int, *chunks: bytes
) -> bytes:
    """Return a PNG of rows as they are packed, each after the number of its filter."""
    header = struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0)
    body = [png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(body) + png_chunk(b"IEND", b"")


def filtered_png(
    samples: NDArray[np.integer], depth: int, colour_type: int, *chunks: bytes
) -> bytes:
    """Return a PNG of 8 or 16 bits a sample whose rows have all five filters in turn."""
    height, width = samples.shape[:2]
    step = samples[0, 0].size * depth // 8
    before = np.zeros(width * step, np.int32)
    rows = []
    for number, row in enumerate(samples.reshape(height, -1)):
        line = np.frombuffer(_packed(row, depth), np.uint8).astype(np.int32)
        left, corner = (np.concatenate([np.zeros(step, int), it[:-step]]) for it in (line, before))
        guesses = (0, left, before, (left + before) // 2, _paeth(left, before, corner))
        rows.append(bytes([number % 5]) + (line - guesses[number % 5]).astype(np.uint8).tobytes())
        before = line
    return png_of_rows(b"".join(rows), (width, height), depth, colour_type, *chunks)


def _paeth(
    left: NDArray[np.int32], above: NDArray[np.int32], corner: NDArray[np.int32]
) -> NDArray[np.int32]:
    guess = left + above - corner
    nearest = np.argmin([abs(guess - it) for it in (left, above, corner)], axis=0)
    return np.where(nearest == 0, left, np.where(nearest == 1, above, corner))


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """Return one chunk of a PNG with its length and checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _packed(row: NDArray[np.integer], depth: int) -> bytes:
    if depth == 16:
        return row.astype(">u2").tobytes()
    bits = (row.astype(np.uint8)[:, None] >> np.arange(depth - 1, -1, -1)) & 1
    return np.packbits(bits.astype(np.uint8).ravel()).tobytes()


ADAM7 = (
    (0, 8, 0, 8),
    (0, 8, 4, 8),
    (4, 8, 0, 4),
    (0, 4, 2, 4),
    (2, 4, 0, 2),
    (0, 2, 1, 2),
    (1, 2, 0, 1),
)
"""First row, step, first column and step of each pass of an interlaced PNG."""


def interlaced_png(rgb: NDArray[np.uint8]) -> bytes:
    """Return an interlaced PNG of 8-bit RGB pixels."""
    height, width = rgb.shape[:2]
    passes = (rgb[top::down, left::right] for top, down, left, right in ADAM7)
    rows = b"".join(b"\0" + row.tobytes() for part in passes for row in part if row.size)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    body = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + png_chunk(b"IEND", b"")
