"""Thousands of registrations, and not one hash in any file, log, answer or backup: nor afterwards.

Everything of a life happens to them: reports before and after, look-ups at a real service, matches,
verdicts, held pictures, a kept index, a backup, withdrawal and erasure.
"""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from hashreg.client import keys
from hashreg.model.fingerprints import Fingerprint
from hashreg.model.people import Role
from hashreg.model.reports import Report
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.backup import back_up
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.audit import signed_head, verify
from hashreg.takedown.benign import add_benign
from hashreg.takedown.intake import take_in
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from hashreg.takedown.purge import purge
from hashreg.takedown.report import report
from hashreg.takedown.review import decide
from support import needles as needles_module
from support.asking import item
from support.cases import NOW, Victim, picture, seeded
from support.needles import Needles, spellings
from support.sent import ask
from support.sent import item as sent_item
from support.serving import Served

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)
EACH_FOUND, EACH_ASKED, EACH_HELD = 20, 50, 100
"""Every so many pictures are found in content, asked for at the service, or held."""


@pytest.fixture(autouse=True)
def _random_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deriving each key from its code as a device does would take forty minutes."""
    monkeypatch.setattr(keys, "ROUNDS", 1)


def test_of_200_registrations_no_hash_is_anywhere(tmp_path: Path) -> None:
    battery(tmp_path, 200)


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_of_10000_registrations_no_hash_is_anywhere(tmp_path: Path) -> None:
    battery(tmp_path, 10_000)


def test_a_hash_that_is_somewhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needles_module, "CHUNK", 1_000)  # so that hashes lie across its edges
    digests = [it.digest for number in range(50) for it in picture(seeded(number)).hashes]
    needles = Needles(digests)
    rng = seeded(1_000_000)
    noise = rng.randbytes(20_000)
    assert not finds(needles, noise)
    for digest in rng.sample(digests, 10):
        for spelling in spellings(digest):
            place = rng.randrange(len(noise))
            assert finds(needles, noise[:place] + spelling + noise[place:])


def finds(needles: Needles, content: bytes) -> bool:
    """Tell whether a hash stands in the content, which no test's report shows."""
    return bool(needles.found_in(content))


def battery(folder: Path, count: int) -> None:
    service = Served(folder / "registry")
    service.folder.mkdir()
    service.make()
    rng = seeded(count)
    victims = [Victim() for _ in range(count)]
    pictures = [picture(rng) for _ in victims]
    needles = Needles(it.digest for one in pictures for it in one.hashes)
    with closing(SqliteStore.open(service.registry)) as store:
        live(store, victims, pictures)
    said = asked(service, pictures)
    (folder / "said").write_bytes(said)
    with closing(SqliteStore.open(service.registry)) as store:
        back_up(store, folder / "backups", signed_head(store, NOW), NOW)
    shutil.copytree(service.folder, folder / "stolen")
    assert len(needles.found_in_files(folder)) == 0
    with closing(SqliteStore.open(service.registry)) as store:
        for victim in victims:
            take_in(store, victim.withdrawal(), NOW, clean=False)
        assert purge(store, NOW).cleaned
        assert verify(store).finding is None
        with store.read():
            assert sum(1 for _ in store.cases.fingerprints()) == 0
    assert len(needles.found_in_files(service.folder)) == 0


def live(store: SqliteStore, victims: list[Victim], pictures: list[Fingerprint]) -> None:
    """Register all of them; some are found, decided about, or held."""
    index = RegistryIndex(store.index_folder)
    add_person(store, Role.PLATFORM, "bada", NOW)
    for one in pictures[::EACH_HELD]:
        add_benign(store, one, "a cat", NOW)
    report(store, index, "bada", _items("before", pictures[::EACH_FOUND]), NOW)
    for victim, one in zip(victims, pictures, strict=True):
        take_in(store, victim.submission(one), NOW)
    results = report(store, index, "bada", _items("after", pictures[1::EACH_FOUND]), NOW)
    for result in results:
        for match in result.matches:
            assert match.ticket is not None
            decide(store, match.ticket, BLOCKED, "kim", NOW)
    assert index.keep(store, least=0)


def _items(name: str, pictures: list[Fingerprint]) -> list[Report]:
    return [item(f"{name} {number}", one) for number, one in enumerate(pictures)]


def asked(service: Served, pictures: list[Fingerprint]) -> bytes:
    """Ask a real service, also wrongly; return all that it answered and wrote."""
    service.start()
    answers = []
    with service.client("platform") as client:
        for one in pictures[2::EACH_ASKED]:
            sent = sent_item("asked", one)
            answers.append(json.dumps(ask(client, "/v1/lookup", sent)))
            answers.append(json.dumps(ask(client, "/v1/reports", sent)))
            sent["hashes"][0]["view"] = "no such view \n"
            answers.append(json.dumps(ask(client, "/v1/lookup", sent)))
    assert '"match"' in answers[0]
    assert service.stop() == 0
    return "\n".join(answers).encode() + service.log.read_bytes()
