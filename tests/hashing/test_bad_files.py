"""Everything that can't be opened is one clear error that names the right problem."""

import os
import socket
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hashreg.hashing import fingerprint
from hashreg.hashing.decode import MAX_MEGAPIXELS
from hashreg.hashing.recipe import MAX_FILE_MEGABYTES
from hashreg.model.errors import FileProblem, UnreadableFile

from .files_in_memory import png, png_chunk, saved
from .golden import SAMPLES
from .textures import texture

PIXELS = texture(1, 120, 160, 3)
PHOTO = Image.fromarray(PIXELS)

FILES: dict[str, tuple[str, dict[str, object]]] = {
    "jpeg": ("JPEG", {"quality": 90}),
    "jpeg progressive": ("JPEG", {"quality": 90, "progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {"lossless": True}),
    "gif": ("GIF", {}),
    "tiff": ("TIFF", {}),
    "tiff lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "bmp": ("BMP", {}),
    "avif": ("AVIF", {}),
    "heic": ("HEIF", {}),
}


def file(name: str) -> bytes:
    format_name, options = FILES[name]
    return saved(PHOTO, format_name, **options)


def problem_of(source: str | os.PathLike[str] | bytes) -> FileProblem:
    """Return why this can't be hashed; fails if it can."""
    with pytest.raises(UnreadableFile) as caught:
        fingerprint(source, views="whole")
    return caught.value.problem


@pytest.mark.parametrize("name", FILES)
def test_the_files_that_are_spoiled_below_are_good_before(name: str) -> None:
    assert fingerprint(file(name), views="whole").is_comparable


def test_no_bytes_at_all_are_empty(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    assert problem_of(b"") is FileProblem.EMPTY
    assert problem_of(tmp_path / "empty.jpg") is FileProblem.EMPTY


@pytest.mark.parametrize(
    "content",
    [
        b"\0",
        b"A text with the name of a picture.\n" * 30,
        bytes(texture(2, 50, 50, 1).ravel()),
        bytes(5_000),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>',
        b"<!doctype html><title>404</title>",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        b"PK\x03\x04\x14\0\0\0",
        b"RIFF\x24\0\0\0WAVEfmt ",
    ],
    ids=["nul", "text", "garbage", "zeros", "svg", "html", "pdf", "zip", "wav"],
)
def test_what_is_no_picture_is_called_so(content: bytes) -> None:
    assert problem_of(content) is FileProblem.NOT_A_PICTURE


@pytest.mark.parametrize(
    "format_name", ["EPS", "PDF", "ICO", "ICNS", "PPM", "PCX", "SGI", "DDS", "TGA", "JPEG2000"]
)
def test_formats_that_are_not_on_the_list_are_not_opened(format_name: str) -> None:
    content = saved(PHOTO.resize((128, 128)), format_name)
    assert problem_of(content) is FileProblem.NOT_A_PICTURE


@pytest.mark.parametrize(
    "content",
    [
        b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(200),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(200),
        b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + bytes(200),
        b"\0\0\0\x14ftyp3gp4\0\0\2\0isom" + bytes(200),
        b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1" + bytes(200),
        b"RIFF\x24\0\0\0AVI LIST" + bytes(200),
    ],
    ids=["mp4", "mp42", "mov", "3gp", "webm", "avi"],
)
def test_a_video_is_called_a_video(content: bytes) -> None:
    assert problem_of(content) is FileProblem.IS_VIDEO


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"msf1"])
def test_heic_without_its_extra_names_the_extra(
    brand: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = file("heic").replace(b"ftypheic", b"ftyp" + brand, 1)
    assert fingerprint(content, views="whole").is_comparable
    monkeypatch.setattr("hashreg.hashing.decode.can_open_heif", lambda: False)
    assert problem_of(content) is FileProblem.NEEDS_HEIF


@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_off_is_damaged(name: str, share: float) -> None:
    content = file(name)
    assert problem_of(content[: int(len(content) * share)]) is FileProblem.DAMAGED


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "gif", "tiff", "avif", "heic"])
def test_a_file_that_is_cut_off_in_its_header_is_still_called_a_picture(name: str) -> None:
    assert problem_of(file(name)[:24]) is FileProblem.DAMAGED


def test_the_broken_sample_is_damaged_and_the_text_sample_no_picture() -> None:
    assert problem_of(SAMPLES / "odd" / "broken.jpg") is FileProblem.DAMAGED
    assert problem_of(SAMPLES / "odd" / "not-a-picture.jpg") is FileProblem.NOT_A_PICTURE


def resized_header(name: str, width: int, height: int) -> bytes:
    """Return a small file whose header claims this size."""
    content = file(name)
    old, new = (160, 120), (width, height)
    layouts = {"jpeg": ">HH", "png": ">II", "gif": "<HH", "bmp": "<ii"}
    if name == "jpeg":
        old, new = (old[1], old[0]), (height, width)
    before, after = (struct.pack(layouts[name], *size) for size in (old, new))
    assert before in content
    changed = content.replace(before, after, 1)
    if name != "png":
        return changed
    return changed[:8] + png_chunk(b"IHDR", changed[16:29]) + changed[33:]


@pytest.mark.parametrize("side", [7_100, 20_000, 60_000])
@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "bmp"])
def test_a_header_that_claims_too_many_pixels_is_refused_for_them(name: str, side: int) -> None:
    """Just above our limit, above Pillow's, and absurd."""
    assert side * side > MAX_MEGAPIXELS * 1_000_000
    assert problem_of(resized_header(name, side, side)) is FileProblem.TOO_MANY_PIXELS


def test_the_limit_of_pixels_is_the_last_size_that_is_opened() -> None:
    row = np.zeros((1, 10_000), np.uint8)
    at_limit = png(np.broadcast_to(row, (MAX_MEGAPIXELS * 100, 10_000)), 1, 0)
    above = png(np.broadcast_to(row, (MAX_MEGAPIXELS * 100 + 1, 10_000)), 1, 0)
    assert not fingerprint(at_limit, views="whole").is_comparable
    assert problem_of(above) is FileProblem.TOO_MANY_PIXELS


def test_a_file_that_unpacks_to_far_more_than_its_pixels_is_damaged() -> None:
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 * 1024 * 1024)))
    assert problem_of(png(PIXELS, 8, 2, bomb)) is FileProblem.DAMAGED


def test_a_picture_that_takes_too_much_memory_is_too_costly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image, "open", no_memory)
    assert problem_of(file("png")) is FileProblem.TOO_COSTLY


@pytest.mark.parametrize("mode", ["F", "LAB"])
def test_pixels_that_have_no_colours_are_unusual(mode: str) -> None:
    image = Image.fromarray(texture(3, 90, 90, 1)[..., 0].astype(np.float32))
    if mode == "LAB":
        image = Image.frombytes("LAB", (90, 90), texture(3, 90, 90, 3).tobytes())
    assert problem_of(saved(image, "TIFF")) is FileProblem.UNUSUAL_PIXELS


def test_a_path_that_leads_nowhere_is_missing(tmp_path: Path) -> None:
    (tmp_path / "link.jpg").symlink_to(tmp_path / "gone.jpg")
    assert problem_of(tmp_path / "gone.jpg") is FileProblem.MISSING
    assert problem_of(tmp_path / "link.jpg") is FileProblem.MISSING
    assert problem_of("") is FileProblem.NOT_A_FILE


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert problem_of(tmp_path) is FileProblem.NOT_A_FILE


@pytest.mark.timeout(20)
def test_a_pipe_is_left_alone_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    assert problem_of(pipe) is FileProblem.NOT_A_FILE


@pytest.mark.timeout(20)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_left_alone(device: str) -> None:
    assert problem_of(device) is FileProblem.NOT_A_FILE


def test_a_socket_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.jpg")
        assert problem_of("s.jpg") is FileProblem.NOT_A_FILE


def test_a_circle_of_links_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to("b.jpg")
    (tmp_path / "b.jpg").symlink_to("a.jpg")
    assert problem_of(tmp_path / "a.jpg") is FileProblem.NOT_A_FILE


def test_a_name_with_a_nul_is_not_a_file() -> None:
    assert problem_of("a\0.jpg") is FileProblem.NOT_A_FILE


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(file("png"))
    path.chmod(0)
    assert problem_of(path) is FileProblem.NO_PERMISSION


def test_a_refused_file_says_so_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    assert problem_of("secret.png") is FileProblem.NO_PERMISSION


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    path.touch()
    os.truncate(path, MAX_FILE_MEGABYTES * 1024 * 1024 + 1)
    assert problem_of(path) is FileProblem.FILE_TOO_LARGE


def test_a_name_that_is_not_utf_8_is_opened(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9\n\x1b[31m.png")  # noqa: PTH118  (bytes)
    Path(os.fsdecode(path)).write_bytes(file("png"))
    assert fingerprint(os.fsdecode(path), views="whole").is_comparable
