"""Files that are no ordinary pictures, and names that are no ordinary names."""

import io
import os
import shutil
import struct
import zlib
from pathlib import Path

from PIL import Image

from support.program import SAMPLES

EVIL_NAMES = [
    b"line\nbreak.jpg",
    b"escape\x1b[2J\x1b]52;c;aGk=\x07.jpg",
    "bidi\u202egpj.\u2066exe.jpg".encode(),
    b"not utf-8 \xff\xfe\xe9.jpg",
    b"[link=x.org]x[-link] {place} %s.jpg",
    b"-o.jpg",
]
EVIL_BYTES = [b"\x1b", b"\x07", "\u202e".encode(), "\u2066".encode(), b"\xff", b"break.jpg\n\n"]


def png(width: int, height: int) -> bytes:
    """Return a PNG whose header claims this size and which holds one row of it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    row = zlib.compress(bytes(3 * min(width, 1000) + 1))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", row) + chunk(b"IEND", b"")


def animation() -> bytes:
    """Return a GIF whose first frame is the astronaut and whose second is the cat."""
    buffer = io.BytesIO()
    with (
        Image.open(SAMPLES / "originals" / "astronaut.jpg") as astronaut,
        Image.open(SAMPLES / "originals" / "cat.png") as cat,
    ):
        frames = [it.convert("RGB").resize((256, 256)) for it in (astronaut, cat)]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def put_odd_files(folder: Path) -> None:
    """Fill a folder with everything that can be wrong with a picture's file."""
    photo = (SAMPLES / "originals" / "officer.jpg").read_bytes()
    (folder / "animated.gif").write_bytes(animation())
    (folder / "cut.jpg").write_bytes(photo[: len(photo) // 3])
    (folder / "empty.jpg").touch()
    (folder / "enormous.png").write_bytes(png(60_000, 60_000))
    (folder / "text.jpg").write_text("no picture\n")
    (folder / "video.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(100))
    shutil.copy(SAMPLES / "odd" / "blank.png", folder)
    os.mkfifo(folder / "pipe.jpg")
    (folder / "vanished.jpg").symlink_to(folder / "nowhere")
    (folder / "folder.jpg").mkdir()
    (folder / "folder.jpg" / "good.jpg").write_bytes(photo)


ODD = {
    "animated.gif": None,
    "blank.png": "too_plain",
    "cut.jpg": "damaged",
    "empty.jpg": "empty",
    "enormous.png": "too_many_pixels",
    "pipe.jpg": "not_a_file",
    "text.jpg": "not_a_picture",
    "vanished.jpg": "missing",
    "video.mp4": "is_video",
    "folder.jpg/good.jpg": None,
}
"""The files and the code of each one's error, in the order in which a folder is read."""


def put_evil_names(folder: Path) -> None:
    """Fill a folder with photos whose names attack a terminal, and one unreadable file of each."""
    photo = (SAMPLES / "originals" / "officer.jpg").read_bytes()
    for name in EVIL_NAMES:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(photo)
        Path(os.fsdecode(os.fsencode(folder) + b"/bad " + name)).write_bytes(b"x")
