"""Putting the victims' page together: one HTML file of the sources beside this one.

No bundler: the scripts are concatenated in the order below, as they are, so that who opens the
page's source reads what stands in the repository (`docs/decisions/013-page.md`).
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hashreg import __version__
from hashreg.model.errors import FILE_PROBLEM_TEXTS
from hashreg.model.messages import translated
from hashreg.page.recipient import recipient_bytes
from hashreg.page.settings import PageSettings

FOLDER = Path(__file__).parent
STOP_LIST = FOLDER.parent / "hashing" / "stop-list-1.bin"
HASHING = (
    "exif",
    "headers",
    "png",
    "decode",
    "reduce",
    "pdq",
    "phash",
    "boxes",
    "views",
    "md5",
    "keypoints",
    "patches",
    "tokens",
    "fingerprint",
    "worker",
)
"""The worker's scripts, in order."""
APP = (
    "words",
    "dom",
    "notice",
    "state",
    "codes",
    "keys",
    "documents",
    "sealing",
    "registry",
    "hasher",
    "problems",
    "frame",
    "home",
    "pictures",
    "numbers",
    "sending",
    "timeline",
    "case",
    "start",
)
"""The page's scripts, in order."""
VENDORED = ("noble-chacha",)
"""What stands before them and is not ours; where it came from is said in its first lines."""

_LITERAL = r'"(?:[^"\\]|\\.)*"'
_SAID = re.compile(rf"\b(?:tr|N_)\(\s*({_LITERAL}(?:\s*\+\s*{_LITERAL})*)\s*[,)]")
_PART = re.compile(_LITERAL)
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_LINKS = '<link rel="manifest" href="manifest.webmanifest">'
POLICY = "content-security-policy"
_WORKER_POLICY = "default-src 'none'; connect-src 'self'"
HTML, JAVASCRIPT = "text/html", "text/javascript"


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the page as it is served."""

    path: str
    content: bytes = field(repr=False)
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)


def site(settings: PageSettings) -> list[PageFile]:
    """Return everything that is served beside the calls: the page, and what installs it."""
    served = page(settings, saved=False)
    policy = {
        POLICY: f"{_policy(saved=False)}; frame-ancestors 'none'",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }
    copy = {"content-disposition": 'attachment; filename="hashreg.html"'}
    worker = _source("service-worker.js").replace("{{version}}", _digest(served)[:16])
    return [
        PageFile("/", served, HTML, policy),
        PageFile("/hashreg.html", page(settings, saved=True), HTML, policy | copy),
        PageFile("/service-worker.js", worker.encode(), JAVASCRIPT, {POLICY: _WORKER_POLICY}),
        PageFile("/manifest.webmanifest", _manifest(), "application/manifest+json"),
        PageFile("/icon.svg", _source("icon.svg").encode(), "image/svg+xml"),
    ]


def page(settings: PageSettings, *, saved: bool) -> bytes:
    """Return the page. ``saved``: the copy that may connect to nothing at all."""
    parts = {
        "policy": _policy(saved=saved),
        "icon": base64.b64encode(_source("icon.svg").encode()).decode(),
        "links": "" if saved else _LINKS,
        "style": _source("page.css"),
        "settings": _json(_shown(settings, saved=saved)),
        "hashing": script("hashing", HASHING),
        "app": _app(),
    }
    return _PLACE.sub(lambda it: parts[it[1]], _source("page.html")).encode()


def _app() -> str:
    return script("app", APP, vendored=VENDORED)


def script(folder: str, names: Sequence[str], *, vendored: Sequence[str] = ()) -> str:
    """Return the concatenated scripts of a folder, with what is not ours before them."""
    paths = [f"vendor/{it}" for it in vendored] + [f"{folder}/{it}" for it in names]
    sources = [_source(f"{it}.js") for it in paths]
    text = '"use strict";\n' + "\n".join(sources)
    if "</script" in text or "<!--" in text:
        raise ValueError("a script of the page would end before its end")
    return text


def sentences() -> list[str]:
    """Return every sentence that the page says, in order."""
    said = (_SAID.findall(_source(f"app/{name}.js")) for name in APP)
    return [
        "".join(json.loads(it) for it in _PART.findall(text)) for texts in said for text in texts
    ]


def _policy(*, saved: bool) -> str:
    """Return the Content-Security-Policy: our own two texts run, and nobody else is asked."""
    rules = {
        "default-src": "'none'",
        "script-src": _allowed(_app()),
        "style-src": _allowed(_source("page.css")),
        "worker-src": "blob:" if saved else "blob: 'self'",
        "img-src": "data:",
        "connect-src": "'none'" if saved else "'self'",
        "manifest-src": "'none'" if saved else "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _allowed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _shown(settings: PageSettings, *, saved: bool) -> dict[str, object]:
    """Return what the scripts know of this registry, and their words."""
    problems = {problem.value: text for problem, text in FILE_PROBLEM_TEXTS.items()}
    said = {*sentences(), *problems.values()}
    return {
        "version": __version__,
        "saved": saved,
        "address": settings.address,
        "leaveTo": settings.leave_to,
        "sealTo": recipient_bytes(settings.seal_to).hex() if settings.seal_to else None,
        "help": [
            {"name": it.name, "where": it.where, "phone": it.phone, "address": it.address}
            for it in settings.help_lines
        ],
        "problems": problems,
        "korean": {text: translated(text, "ko") for text in sorted(said)},
        "stopList": base64.b64encode(STOP_LIST.read_bytes()).decode(),
    }


def _json(value: object) -> str:
    """Return JSON that may stand in HTML: nothing in it can end its element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _manifest() -> bytes:
    icon = {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    return json.dumps(
        {
            "name": "hashreg",
            "short_name": "hashreg",
            "start_url": "./",
            "scope": "./",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#14566b",
            "icons": [icon],
        }
    ).encode()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
