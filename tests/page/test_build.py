"""The page is one small file of our own, and only what it should be is in it."""

import base64
import hashlib
import html
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hashreg.model.errors import FILE_PROBLEM_TEXTS
from hashreg.page.build import APP, FOLDER, HASHING, VENDORED, page, script, sentences, site
from hashreg.page.settings import default_settings

MOST_BYTES = 300_000
MOST_LINES, MOST_LINES_A_FUNCTION = 400, 45
SOURCES = sorted(it for it in FOLDER.glob("*/*.js") if it.parent.name != "vendor")
VENDOR = sorted(FOLDER.glob("vendor/*.js"))
SAVED = pytest.mark.parametrize("saved", [True, False])
STORING = re.compile(
    r"localStorage|sessionStorage|indexedDB|document\.cookie|getDirectory|console\.|"
    r"innerHTML|insertAdjacent|document\.write|\beval\b|new Function"
)
SENDING = re.compile(
    r"\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource|WebTransport|importScripts|"
    r"\bimport\b|RTCPeerConnection|new Image\b|\.src\b"
)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def built(*, saved: bool) -> str:
    return page(default_settings(), saved=saved).decode()


def element(text: str, opening: str) -> str:
    found = re.search(rf"<{opening}>(.*?)</{opening.partition(' ')[0]}>", text, re.DOTALL)
    assert found
    return found[1]


def settings_of(text: str) -> dict[str, Any]:
    inside = element(text, 'script type="application/json" id="settings"')
    found: dict[str, Any] = json.loads(inside)
    return found


def policy_of(text: str) -> dict[str, str]:
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert found
    return dict(rule.split(" ", 1) for rule in html.unescape(found[1]).split("; "))


def code_of(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


@SAVED
def test_the_page_is_one_small_file(saved: bool) -> None:
    assert len(page(default_settings(), saved=saved)) <= MOST_BYTES


@SAVED
def test_it_names_nothing_elsewhere_that_a_browser_would_load(saved: bool) -> None:
    outside = element(built(saved=saved), "head")
    loaded = re.findall(r'(?:src|href)="([^"]*)"', re.sub("<style>.*</style>", "", outside))
    assert [it for it in loaded if not it.startswith("data:")] == (
        [] if saved else ["manifest.webmanifest"]
    )
    assert "url(" not in element(built(saved=saved), "style")
    assert "@import" not in element(built(saved=saved), "style")


@SAVED
def test_only_the_texts_of_the_page_itself_may_run(saved: bool) -> None:
    text = built(saved=saved)
    policy = policy_of(text)
    assert policy["default-src"] == "'none'"
    for rule, inside in (("script-src", "script"), ("style-src", "style")):
        digest = hashlib.sha256(element(text, inside).encode()).digest()
        assert policy[rule] == f"'sha256-{base64.b64encode(digest).decode()}'"
    assert policy["connect-src"] == ("'none'" if saved else "'self'")
    assert not {"unsafe-inline", "unsafe-eval", "*", "https:"} & set(
        " ".join(policy.values()).split()
    )


def test_the_policy_is_served_as_a_header_too() -> None:
    files = {it.path: it for it in site(default_settings())}
    header = dict(
        it.split(" ", 1) for it in files["/"].headers["content-security-policy"].split("; ")
    )
    assert header == policy_of(files["/"].content.decode()) | {"frame-ancestors": "'none'"}
    assert "'none'" in policy_of(files["/hashreg.html"].content.decode())["connect-src"]


@pytest.mark.parametrize("path", [*SOURCES, *VENDOR], ids=lambda it: it.name)
def test_no_script_stores_anything_or_makes_code_of_text(path: Path) -> None:
    assert not STORING.findall(code_of(path))


@pytest.mark.parametrize("path", [*SOURCES, *VENDOR], ids=lambda it: it.name)
def test_one_script_alone_speaks_to_the_network(path: Path) -> None:
    sending = SENDING.findall(code_of(path))
    assert sending == (["fetch("] if path.name == "registry.js" else [])


def test_every_script_is_in_the_page_and_the_service_worker_beside_it() -> None:
    named = {f"app/{it}.js" for it in APP} | {f"hashing/{it}.js" for it in HASHING}
    assert named == {str(it.relative_to(FOLDER)) for it in SOURCES}
    assert {it.stem for it in VENDOR} == set(VENDORED)
    assert script("app", APP).count('"use strict"') == 1


@pytest.mark.parametrize("path", VENDOR, ids=lambda it: it.name)
def test_what_is_not_ours_says_whose_it_is_and_how_to_make_it_again(path: Path) -> None:
    opening = path.read_text(encoding="utf-8").partition("*/")[0]
    assert all(it in opening for it in ("MIT License", "Copyright", "npm install"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda it: it.name)
def test_a_script_says_on_top_what_it_is_for_and_stays_small(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= MOST_LINES
    assert [number for number, line in enumerate(lines, 1) if len(line) > 100] == []
    starts = [at for at, line in enumerate(lines) if re.match(r"(async )?function ", line)]
    lengths = {lines[at]: lines.index("}", at) - at + 1 for at in starts}
    assert {name: it for name, it in lengths.items() if it > MOST_LINES_A_FUNCTION} == {}


def catalogue() -> ModuleType:
    path = Path(__file__).parents[1] / "locale" / "catalogue.py"
    spec = importlib.util.spec_from_file_location("korean_catalogue", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_finds_the_sentences_that_the_catalogue_finds() -> None:
    loaded = catalogue()
    scripts = [("app/**.js", "javascript")]
    found = loaded.extract_from_dir(FOLDER, scripts, keywords=loaded.OURS)
    assert set(sentences()) == {message for _, _, message, _, _ in found}


@SAVED
def test_the_page_has_the_korean_of_all_it_can_say(saved: bool) -> None:
    korean = settings_of(built(saved=saved))["korean"]
    assert set(korean) >= {*sentences(), *FILE_PROBLEM_TEXTS.values()}
    assert [english for english, text in korean.items() if english == text] == []


def test_a_script_that_would_end_its_element_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashreg.page.build._source", lambda _: 'let a = "</script>";')
    with pytest.raises(ValueError, match="end before its end"):
        script("app", ["words"])
