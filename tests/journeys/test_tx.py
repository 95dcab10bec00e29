"""The stock ``tx`` program of PyPI against the real service: it fetches, matches, and drops."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import secrecy
from support.program import SAMPLES, hashreg
from support.sent import told
from support.serving import Served, served

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("threatexchange") is None, reason="threatexchange is not here"
    ),
    pytest.mark.timeout(600),
]
CAT, ASTRONAUT = (SAMPLES / "originals" / it for it in ("cat.png", "astronaut.jpg"))
COPY = SAMPLES / "edited" / "astronaut-messenger.jpg"
NOTHING = SAMPLES / "unrelated" / "alps.jpg"
SEED = "(holder) INVESTIGATION_SEED hashreg"


class Platform:
    """A platform that runs ``tx``, in a home of its own, with a key that was granted the feed."""

    def __init__(self, service: Served, home: Path) -> None:
        self.service, self.home, self.key = service, home, ""
        home.mkdir()

    def tx(self, *arguments: str | Path, **environ: str) -> str:
        """Run a command of ``tx``; return what it printed."""
        done = subprocess.run(
            [Path(sys.executable).with_name("tx"), *arguments],
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], "PYTHONWARNINGS": "ignore"}
            | environ,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        secrecy.remember(done.stderr)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout + done.stderr

    def grant(self) -> None:
        """Get a key for the feed, and set ``tx`` up with it."""
        given = self.service.run("platform", "key", "examplegram", "--scope", "feed", "--json")
        self.key = given.lines[0]["key"]
        self.tx("config", "extensions", "add", "hashreg.exchange.tx")
        url = self.service.url
        self.tx("config", "collab", "edit", "hashreg", "--create", "holder", "--url", url)

    def fetch(self) -> str:
        return self.tx("fetch", "--only-collab", "holder", TX_HASHREG_KEY=self.key)

    def matches(self, photo: Path) -> str:
        return self.tx("match", "photo", photo).strip()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as made:
        yield made


def registered(service: Served, home: Path, *pictures: Path) -> dict[str, str]:
    """Register pictures as a victim does; return the case and its code."""
    home.mkdir(exist_ok=True)
    at = {"HASHREG_SERVER": service.url}
    done = hashreg("register", *pictures, "-o", home / "c.hashreg", "--json", cwd=home, environ=at)
    assert done.code == 0, done.errors
    sent = hashreg("submit", home / "c.hashreg", cwd=home, environ=at)
    assert sent.code == 0, sent.errors
    return dict(done.lines[0])


def withdraw(service: Served, home: Path, case: dict[str, str]) -> None:
    done = hashreg(
        "withdraw",
        case["case"],
        cwd=home,
        environ={"HASHREG_SERVER": service.url, "HASHREG_RECOVERY_CODE": case["recovery_code"]},
    )
    assert done.code == 0, done.errors


def told_of(service: Served, home: Path, case: dict[str, str]) -> object:
    done = hashreg(
        "status",
        case["case"],
        "--json",
        cwd=home,
        environ={"HASHREG_SERVER": service.url, "HASHREG_RECOVERY_CODE": case["recovery_code"]},
    )
    assert done.code in (0, 1), done.errors
    return done.lines[0]["withdrawal"]


def test_it_matches_what_is_registered_and_drops_what_is_withdrawn(
    service: Served, tmp_path: Path
) -> None:
    victim, other = tmp_path / "victim", tmp_path / "other"
    case = registered(service, victim, ASTRONAUT)
    platform = Platform(service, tmp_path / "platform")
    platform.grant()
    platform.fetch()
    assert SEED in platform.matches(COPY)
    assert platform.matches(NOTHING) == ""
    assert platform.matches(CAT) == ""

    registered(service, other, CAT)
    platform.fetch()
    assert SEED in platform.matches(CAT)

    withdraw(service, victim, case)
    assert told_of(service, victim, case) == {"acknowledged": 0, "platforms": 1}
    platform.fetch()
    assert platform.matches(COPY) == ""
    assert SEED in platform.matches(CAT)
    platform.fetch()  # with what it has kept
    assert told_of(service, victim, case) == {"acknowledged": 1, "platforms": 1}


def test_a_registry_that_was_put_back_makes_it_begin_anew(service: Served, tmp_path: Path) -> None:
    platform = Platform(service, tmp_path / "platform")
    platform.grant()
    service.run("backup", tmp_path / "backups")
    case = registered(service, tmp_path / "victim", ASTRONAUT)
    platform.fetch()
    assert SEED in platform.matches(COPY)
    service.kill()
    for it in tmp_path.glob("registry.db*"):
        if not it.name.endswith("-key"):
            shutil.rmtree(it) if it.is_dir() else it.unlink()
    service.run("restore", tmp_path / "backups")
    service.start()
    with service.client("platform") as client:
        assert told(client.get("/status"))["status"] == "ok"
    url = service.url
    platform.tx("config", "collab", "edit", "hashreg", "holder", "--url", url)
    registered(service, tmp_path / "other", CAT)
    platform.fetch()
    platform.fetch()
    assert platform.matches(COPY) == ""
    assert SEED in platform.matches(CAT)
    assert case["case"]


def test_a_key_without_the_grant_gets_nothing(service: Served, tmp_path: Path) -> None:
    platform = Platform(service, tmp_path / "platform")
    platform.grant()
    platform.key = service.keys["platform"]
    with pytest.raises(AssertionError, match="failed to fetch"):
        platform.fetch()
