"""A sealed file betrays nothing, and its registry opens it; damage is one clear error."""

import sys
from pathlib import Path

import pyrage
import pytest

from hashreg.client.sealing import sealed
from hashreg.model.errors import InvalidDocument, InvalidInput, MissingExtra
from hashreg.model.submissions import is_sealed, parse_document
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.sealed import opened, public_key
from support.cases import Victim, picture, seeded
from support.needles import Needles
from support.sqlite import files_of

VICTIM, PICTURE = Victim(), picture(seeded(1))


@pytest.fixture
def content() -> bytes:
    return VICTIM.submission(PICTURE).to_bytes()


def test_the_registry_opens_what_was_sealed_for_it(store: SqliteStore, content: bytes) -> None:
    made = sealed(content, public_key(store))
    assert is_sealed(made)
    assert opened(store, made) == content
    assert not is_sealed(content)


def test_a_sealed_file_betrays_no_hash_no_number_and_no_key(
    store: SqliteStore, content: bytes
) -> None:
    made = sealed(content, public_key(store))
    assert len(Needles(it.digest for it in PICTURE.hashes).found_in(made)) == 0
    assert VICTIM.number.encode() not in made
    assert parse_document(content).public_key.encode() not in made


def test_the_key_stays_the_same_and_survives_a_new_master_key(
    store: SqliteStore, path: Path, content: bytes
) -> None:
    first = public_key(store)
    made = sealed(content, first)
    store.rotate_master_key()
    store.close()
    again = SqliteStore.open(path)
    assert public_key(again) == first
    assert opened(again, made) == content
    again.close()


def test_the_private_key_is_in_no_file(store: SqliteStore, path: Path) -> None:
    public_key(store)
    everything = b"".join(it.read_bytes() for it in files_of(path) if it.is_file())
    assert b"AGE-SECRET-KEY" not in everything.upper()


def test_another_registry_can_not_open_it(
    store: SqliteStore, tmp_path: Path, content: bytes
) -> None:
    made = sealed(content, public_key(store))
    other = SqliteStore.create(tmp_path / "other.db")
    with pytest.raises(InvalidDocument, match="another registry"):
        opened(other, made)
    other.close()


def test_whatever_is_done_to_it_is_refused(store: SqliteStore, content: bytes) -> None:
    made = sealed(content, public_key(store))
    rng = seeded(2)
    for _ in range(300):
        bad = bytearray(made)
        place = rng.randrange(len(bad))
        match rng.randrange(3):
            case 0:
                bad[place] ^= 1 << rng.randrange(8)
            case 1:
                del bad[place:]
            case _:
                bad[place:place] = rng.randbytes(1 + rng.randrange(50))
        with pytest.raises(InvalidDocument) as caught:
            opened(store, bytes(bad))
        assert VICTIM.number not in str(caught.value)


def test_a_key_may_be_a_file(store: SqliteStore, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.txt").write_text(public_key(store) + "\n")
    assert opened(store, sealed(content, str(tmp_path / "key.txt"))) == content


@pytest.mark.parametrize("key", ["", "age1", "age1qqqq", "no such file", "/dev/null", "ssh-rsa AA"])
def test_what_is_no_key_is_said(content: bytes, key: str) -> None:
    with pytest.raises(InvalidInput, match="begins with age1"):
        sealed(content, key)


def test_without_the_extra_it_is_said_how_to_install_it(
    store: SqliteStore, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = public_key(store)
    for name in ("pyrage", "pyrage.x25519"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match="sealed"):
        sealed(content, key)
    with pytest.raises(MissingExtra, match="sealed"):
        public_key(store)


def test_any_age_program_can_seal_for_it(store: SqliteStore, content: bytes) -> None:
    """Others' programs know the registry's key as one of age's."""
    key = pyrage.x25519.Recipient.from_str(public_key(store))
    other = pyrage.x25519.Identity.generate().to_public()
    assert opened(store, pyrage.encrypt(content, [other, key])) == content
