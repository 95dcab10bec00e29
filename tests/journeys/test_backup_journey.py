"""An operator backs up while the service is used, loses the disk, and puts the backup back."""

import shutil
from pathlib import Path

import pytest

from hashreg.client import keys
from support.cases import Victim, copy_of, picture, seeded
from support.program import hashreg
from support.sent import ask, item, submit, told, withdraw
from support.serving import Served, served

STAYS, GOES, LATE = (picture(seeded(number)) for number in range(3))


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "ROUNDS", 1)


def finds(service: Served, made: object) -> bool:
    with service.client("platform") as client:
        (found,) = ask(client, "/v1/lookup", item("a", copy_of(made, seeded(9), 6)))  # type: ignore[arg-type]
    return found["tier"] is not None


def test_a_lost_disk_costs_nothing_that_was_backed_up(tmp_path: Path) -> None:
    backups, safe = tmp_path / "backups", tmp_path / "safe"
    (tmp_path / "here").mkdir()
    with served(tmp_path / "here") as service:
        submit(service, STAYS)
        goes = Victim()
        submit(service, GOES, victim=goes)
        (first,) = service.run("backup", backups, "--json").lines
        withdraw(service, goes)
        said = service.run("backup", backups).text
        assert "master key" in said
        with service.client() as client:
            head = tmp_path / "head.json"
            head.write_text(client.get("/status").text)
        shutil.copy(f"{service.registry}-key", safe)
        service.kill()
        for file in service.folder.glob("registry.db*"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
        lost = hashreg("restore", backups, "--registry", service.registry, cwd=tmp_path)
        assert (lost.code, "key" in lost.errors) == (2, True)
        assert not service.registry.exists()
        shutil.copy(safe, f"{service.registry}-key")
        older = backups / str(first["database"])
        (back,) = service.run("restore", older, "--json").lines
        assert (back["pictures"], back["withdrawn"]) == (1, 1)
        korean = hashreg(
            *("restore", older, "--registry", tmp_path / "korean.db", "--lang", "ko"), cwd=tmp_path
        )
        assert (korean.code, "열쇠" in korean.errors or "키" in korean.errors) == (2, True)
        whole = service.run("audit", "verify", "--json").lines[0]
        assert whole["finding"] is None
        service.start()
        assert finds(service, STAYS)
        assert not finds(service, GOES)
        with service.client() as client:
            again = client.post("/v1/submissions", content=goes.submission(GOES).to_bytes())
            assert told(again)["outcome"] == "withdrawn"
        submit(service, LATE)
        assert finds(service, LATE)


@pytest.mark.parametrize("there", ["a file", "nothing", "an empty folder"])
def test_what_is_no_backup_is_said(tmp_path: Path, there: str) -> None:
    source = tmp_path / "source"
    if there == "a file":
        source.write_text("{}")
    elif there == "an empty folder":
        source.mkdir()
    done = hashreg("restore", source, "--registry", tmp_path / "registry.db", cwd=tmp_path)
    assert done.code == 2
    assert "Traceback" not in done.errors
    assert not (tmp_path / "registry.db").exists()


def test_a_backup_on_a_full_disk_is_said(tmp_path: Path) -> None:
    """`/dev/full` takes no byte; as a folder it can't be used at all, which is said as well."""
    assert hashreg("init", "--registry", "registry.db", cwd=tmp_path).code == 0
    (tmp_path / "file").write_text("in the way")
    for place in ("file", "/dev/full", "file/below"):
        done = hashreg("backup", place, "--registry", "registry.db", cwd=tmp_path)
        assert done.code == 2
        assert "backup could not be written" in done.errors
    assert (tmp_path / "file").read_text() == "in the way"
