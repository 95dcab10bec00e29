"""What the page saves is sealed for its registry, as any program that knows age opens it."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page
from pyrage.x25519 import Identity

from hashreg.model.errors import InvalidInput
from hashreg.model.submissions import is_sealed
from hashreg.page.recipient import recipient_bytes
from support.program import hashreg
from support.serving import Served

from .visiting import THREE, Visitor, visitor

CHUNK = 65536
SIZES = (0, 1, 15, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7)
LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
SEAL = """async ([key, size]) => {
  SETTINGS.sealTo = key;
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255);
  return btoa(Array.from(await sealed(bytes), (it) => String.fromCharCode(it)).join(""));
}"""
RFC_8439 = """() => {
  const bytes = (hex) => Uint8Array.from(fromHex(hex));
  const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
  const cipher = nobleCiphers.chacha20poly1305(
    key, bytes("070000004041424344454647"), bytes("50515253c0c1c2c3c4c5c6c7"));
  const text = "Ladies and Gentlemen of the class of '99: If I could offer you " +
    "only one tip for the future, sunscreen would be it.";
  return toHex(cipher.encrypt(ascii(text)).slice(-16));
}"""
RFC_8439_TAG = "1ae10b594f09e26a7e902ecbd0600691"
"""Section 2.8.2."""


def content(size: int) -> bytes:
    return bytes((i * 7 + (i >> 8)) & 255 for i in range(size))


@pytest.fixture(scope="module")
def identity() -> Identity:
    """Whoever files are sealed for."""
    return Identity.generate()


@pytest.fixture
def saved_for(browser: Browser, identity: Identity, tmp_path: Path) -> Iterator[Visitor]:
    """Somebody at a saved copy that was made with a registry's key."""
    key = str(identity.to_public())
    assert hashreg("page", "-o", "page.html", "--seal-to", key, cwd=tmp_path).code == 0
    with visitor(browser) as who:
        who.page.goto((tmp_path / "page.html").as_uri())
        yield who


@given(st.integers(0, 61), st.sampled_from(LETTERS))
def test_a_key_with_a_wrong_letter_is_no_key(place: int, letter: str) -> None:
    key = str(Identity.generate().to_public())
    assert len(recipient_bytes(key)) == 32
    wrong = key[:place] + letter + key[place + 1 :]
    if wrong != key:
        with pytest.raises(InvalidInput):
            recipient_bytes(wrong)


@pytest.mark.parametrize("key", ["", "age1", "age1qqq", "AGE1" + "q" * 58, "bc1qw508d6qejxtdg4"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput):
        recipient_bytes(key)


@pytest.mark.parametrize("size", SIZES)
def test_age_opens_what_the_page_seals(page: Page, identity: Identity, size: int) -> None:
    key = recipient_bytes(str(identity.to_public())).hex()
    made = base64.b64decode(page.evaluate(SEAL, [key, size]))
    assert is_sealed(made)
    assert pyrage.decrypt(made, [identity]) == content(size)
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(made[:-1], [identity])
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(made, [Identity.generate()])


def test_nothing_of_two_sealed_files_is_alike(page: Page, identity: Identity) -> None:
    key = recipient_bytes(str(identity.to_public())).hex()
    one, other = (base64.b64decode(page.evaluate(SEAL, [key, 500])) for _ in range(2))
    first, second = (it.split(b"\n", 4) for it in (one, other))
    assert first[0] == second[0]
    assert not {*first[1:]} & {*second[1:]}


def test_the_cipher_is_the_standards(page: Page) -> None:
    assert page.evaluate(RFC_8439) == RFC_8439_TAG


def test_a_file_on_a_stick_tells_nobody_but_its_registry(
    saved_for: Visitor, identity: Identity, tmp_path: Path
) -> None:
    number, _ = saved_for.make_case(THREE[:1])
    saved_for.expect_text(
        "Take the file to your help line or registry. It is sealed, so that only the registry can "
        "read it; whoever finds it sees nothing."
    )
    path = saved_for.saved("Save as a file", tmp_path)
    saved_for.expect_text("It is sealed, so that only the registry can read it.")
    made = path.read_bytes()
    assert number.encode() not in made
    inside = json.loads(pyrage.decrypt(made, [identity]))
    assert (inside["case"], len(inside["items"])) == (number, 1)
    again = saved_for.saved("Save it again", tmp_path)
    assert json.loads(pyrage.decrypt(again.read_bytes(), [identity])) == inside


def test_a_served_page_seals_for_its_own_registry_and_submits_what_it_sealed(
    browser: Browser, tmp_path: Path
) -> None:
    with Served(tmp_path) as registry, visitor(browser) as who:
        who.page.goto(registry.url)
        number, _ = who.make_case(THREE[:1])
        path = who.saved("Don't send now: save as a file", tmp_path)
        assert is_sealed(path.read_bytes())
        who.press("Close and go to the start")
        who.press("Submit a saved file")
        who.page.locator("#saved-file").set_input_files(path)
        who.expect_heading("Submit {file}", file=f"{number}.hashreg")
        who.press("Send to the registry")
        who.expect_heading("Registered")
        who.expect_text("What happens next")
        taken = registry.run("intake", path, "--json").lines[0]
        assert (taken["case"], taken["outcome"]) == (number, "already")


def test_where_files_can_not_be_sealed_the_page_can_not_be_used(
    browser: Browser, saved_for: Visitor, tmp_path: Path
) -> None:
    with visitor(browser) as who:
        who.page.add_init_script(
            "SubtleCrypto.prototype.generateKey = () => Promise.reject(new Error())"
        )
        who.page.goto(saved_for.page.url)
        who.page.get_by_text("This browser is too old for this page.").wait_for()
        assert who.page.get_by_role("button", name="Start").is_disabled()


def test_an_operator_s_mistake_in_the_key_is_said(tmp_path: Path) -> None:
    done = hashreg("page", "--seal-to", "age1" + "q" * 58, cwd=tmp_path)
    assert (done.code, "hashreg key show" in done.errors) == (2, True)
    (tmp_path / "page.json").write_text(json.dumps({"seal_to": "age1"}))
    done = hashreg("page", "--page", "page.json", cwd=tmp_path)
    assert (done.code, "hashreg key show" in done.errors) == (2, True)
    assert not (tmp_path / "hashreg.html").exists()
