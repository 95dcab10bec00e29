"""The service on a full disk: who asks is answered as before, and who writes is told why not."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hashreg.client import keys
from hashreg.model.fingerprints import Fingerprint
from support.cases import Victim, copy_of, picture, seeded
from support.disks import mounted
from support.sent import ask, item, submit, told
from support.serving import Served, served

PROBES = 20
"""Questions near one picture: counting them wants to write, too."""


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Served]:
    """A service whose registry, log and temporary files are all on a small disk."""
    with mounted(tmp_path / "disk", "4m") as disk, served(disk) as made:
        yield made


def fill(disk: Path) -> Path:
    """Fill a disk to its last byte; return what has to go again."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return ballast


class Asking(threading.Thread):
    """Somebody who asks about the same pictures all the time, and counts the answers."""

    def __init__(self, service: Served, known: Fingerprint, unknown: Fingerprint) -> None:
        super().__init__()
        self.answers: list[bool] = []
        self._service, self._over = service, threading.Event()
        self._items = [item("known", known), item("unknown", unknown)]

    def run(self) -> None:
        with self._service.client("platform") as client:
            while not self._over.is_set():
                found = ask(client, "/v1/lookup", *self._items)
                self.answers.append([it["tier"] for it in found] == ["match", None])

    def end(self) -> list[bool]:
        self._over.set()
        self.join()
        return self.answers


def test_look_ups_go_on_while_writes_are_refused_in_words(service: Served) -> None:
    secret = picture(seeded(1))
    stays = submit(service, secret)
    asking = Asking(service, copy_of(secret, seeded(2), 5), picture(seeded(3)))
    asking.start()
    ballast = fill(service.folder)
    before = len(asking.answers)
    with service.client() as client, service.client("platform") as platform:
        sent = Victim().submission(*(picture(seeded(at)) for at in range(100, 200))).to_bytes()
        error = told(client.post("/v1/submissions", content=sent), 503)["error"]
        assert "is full" in error["message"]
        assert str(service.folder) not in error["message"]
        kept = item("kept", picture(seeded(4)))
        assert told(platform.post("/v1/reports", json={"items": [kept]}), 503)["error"]
        gone = stays.withdrawal().to_bytes()
        assert told(client.post("/v1/submissions", content=gone), 503)["error"]
        near = [item(f"{at}", copy_of(secret, seeded(at), 3)) for at in range(PROBES)]
        assert all(it["tier"] == "match" for it in ask(platform, "/v1/lookup", *near))
        assert told(client.get("/status"))
    answers = asking.end()
    assert (len(answers) > before, all(answers)) == (True, True)
    ballast.unlink()
    with service.client() as client:
        assert told(client.post("/v1/submissions", content=sent))["outcome"] == "taken_in"
        assert told(client.post("/v1/submissions", content=gone))["outcome"] == "withdrawn"
    assert service.stop() == 0
    assert service.run("audit", "verify").code == 0
