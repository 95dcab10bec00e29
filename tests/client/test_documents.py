"""Submission files are signed, whole or not there, readable by their owner, and replace nothing."""

import dataclasses
import datetime as dt
import errno
import os
import secrets
import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hashreg.client.documents import (
    check_writable,
    signed_delegation,
    signed_document,
    write_new,
)
from hashreg.model.cases import new_case_number, new_recovery_code
from hashreg.model.errors import Refused
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.hashes import Algorithm, HashItem
from hashreg.model.names import HelperName
from hashreg.model.submissions import Document, Kind, parse_document

TODAY = dt.date(2026, 5, 17)


def picture() -> Fingerprint:
    return Fingerprint((HashItem(Algorithm.PDQ, "whole", secrets.token_hex(32), 97),), 97)


def verify(document: Document) -> None:
    """Verify as a stranger would, with nothing but the file and Ed25519."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document.public_key))
    key.verify(bytes.fromhex(document.signature), document.signed_bytes())


@pytest.mark.parametrize("kind", [Kind.SUBMISSION, Kind.ADDITION, Kind.WITHDRAWAL])
def test_a_document_is_signed_with_the_key_of_its_case(kind: Kind) -> None:
    items = [] if kind is Kind.WITHDRAWAL else [picture(), picture()]
    case, code = new_case_number(), new_recovery_code()
    made = signed_document(kind, case, code, TODAY, items)
    read = parse_document(made.to_bytes())
    assert (read == made) is True
    assert (read.kind, read.case, read.created) == (kind, case, TODAY)
    verify(read)
    with pytest.raises(InvalidSignature):
        verify(dataclasses.replace(read, created=TODAY + dt.timedelta(days=1)))


@pytest.mark.parametrize("kind", [Kind.DELEGATION, Kind.REVOCATION])
def test_what_is_said_of_a_helper_is_signed_and_each_time_another_file(kind: Kind) -> None:
    case, code, helper = new_case_number(), new_recovery_code(), HelperName("도움 1366")
    made, again = (signed_delegation(kind, case, code, TODAY, helper) for _ in range(2))
    read = parse_document(made.to_bytes())
    assert (read == made) is True
    assert (read.kind, read.case, read.created, read.helper) == (kind, case, TODAY, helper)
    verify(read)
    assert made.digest() != again.digest()
    assert (dataclasses.replace(again, nonce=made.nonce, signature=made.signature) == made) is True
    with pytest.raises(InvalidSignature):
        verify(dataclasses.replace(read, helper=HelperName("somebody else")))


def test_the_recovery_code_is_not_in_the_file() -> None:
    code = new_recovery_code()
    content = signed_document(
        Kind.SUBMISSION, new_case_number(), code, TODAY, [picture()]
    ).to_bytes()
    plain = code.replace("-", "").encode()
    assert not any(text in content for text in (code.encode(), plain, plain.lower(), plain[:8]))


def test_a_file_is_written_whole_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "case.hashreg"
    content = secrets.token_bytes(200_000)
    old = os.umask(0)
    try:
        write_new(path, content)
    finally:
        os.umask(old)
    assert (path.read_bytes() == content) is True
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "case.hashreg"
    path.write_bytes(b"precious")
    for refuse in (check_writable, lambda it: write_new(it, b"new")):
        with pytest.raises(Refused) as caught:
            refuse(path)
        assert str(path) in str(caught.value)
        assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("exists", [True, False], ids=["to a file", "to nothing"])
def test_a_link_is_not_followed(tmp_path: Path, exists: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link.hashreg"
    if exists:
        target.write_bytes(b"precious")
    link.symlink_to(target)
    with pytest.raises(Refused):
        check_writable(link)
    with pytest.raises(Refused):
        write_new(link, b"new")
    assert target.exists() is exists
    assert not exists or target.read_bytes() == b"precious"
    assert link.is_symlink()


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        check_writable(tmp_path)
    with pytest.raises(Refused):
        write_new(tmp_path, b"new")


@pytest.mark.parametrize(
    "name", ["no/such/folder/x", "file/x", "n" * 300, "n" * 300 + "/x"], ids=lambda it: it[:16]
)
def test_a_place_where_no_file_can_be_made_is_refused_beforehand(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    for refuse in (check_writable, lambda it: write_new(it, b"new")):
        with pytest.raises(Refused):
            refuse(tmp_path / name)


def test_a_folder_that_may_not_be_written_is_refused_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Refused) as caught:
        check_writable(tmp_path / "x")
    assert str(tmp_path) in str(caught.value)


def test_a_place_where_a_file_can_be_made_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_writable(tmp_path / "x")
    check_writable(Path("x"))
    assert list(tmp_path.iterdir()) == []


class _FullDisk:
    """A disk that takes a part of a file and then no more."""

    def __init__(self, error: BaseException) -> None:
        self.error = error
        self.seen: list[bool] = []

    def fsync(self, descriptor: int) -> None:
        self.seen.append(os.fstat(descriptor).st_size > 0)
        raise self.error


@pytest.fixture(params=[OSError(errno.ENOSPC, "no space"), OSError(errno.EIO, "broken")], ids=str)
def full_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> _FullDisk:
    disk = _FullDisk(request.param)
    monkeypatch.setattr(os, "fsync", disk.fsync)
    return disk


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, full_disk: _FullDisk) -> None:
    path = tmp_path / "case.hashreg"
    with pytest.raises(Refused) as caught:
        write_new(path, b"content")
    assert full_disk.seen == [True]
    assert "disk full" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = _FullDisk(KeyboardInterrupt())
    monkeypatch.setattr(os, "fsync", disk.fsync)
    with pytest.raises(KeyboardInterrupt):
        write_new(tmp_path / "case.hashreg", b"content")
    assert list(tmp_path.iterdir()) == []


def test_a_file_reaches_the_disk_before_it_is_said_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda it: synced.append(os.fstat(it).st_size))
    write_new(tmp_path / "case.hashreg", b"content")
    assert synced == [7]
