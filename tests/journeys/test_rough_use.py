"""Used in ways nobody planned: no arguments, a full disk behind standard output, locked folders."""

import os
from pathlib import Path

import pytest

from hashreg.hashing import fingerprint
from hashreg.hashing.files import files_under
from hashreg.hashing.workers import _environment
from hashreg.model.errors import FileProblem, UnreadableFile
from support.program import SAMPLES, hashreg
from support.shell import shell
from support.users import folder_of_an_ordinary_user

CAT = SAMPLES / "originals" / "cat.png"
posix = pytest.mark.skipif(os.name != "posix", reason="speaks of permissions and of /dev")


def test_without_a_command_it_says_what_there_is(tmp_path: Path) -> None:
    done = hashreg(cwd=tmp_path)
    assert done.code == 2
    assert "register" in done.errors
    assert "review" in done.errors
    assert "Traceback" not in done.errors


@posix
def test_a_case_whose_receipt_nobody_saw_leaves_no_file(tmp_path: Path) -> None:
    done = shell(f"hashreg register '{CAT}' -o CASE.hashreg > /dev/full", cwd=tmp_path)
    assert done.code == 2
    assert "The receipt could not be shown" in done.errors
    assert not (tmp_path / "CASE.hashreg").exists()


@posix
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_it_runs_without_its_standard_streams(tmp_path: Path, closed: str) -> None:
    done = shell(f"hashreg hash --json '{CAT}' {closed}", cwd=tmp_path)
    assert done.code in (0, 2)
    assert "Traceback" not in done.errors


@posix
def test_a_folder_that_may_not_be_read_is_said_and_the_rest_goes_on() -> None:
    with folder_of_an_ordinary_user() as folder:
        (folder / "photo.png").write_bytes(b"")
        (folder / "locked").mkdir(mode=0)
        (folder / "circle").symlink_to(folder)
        problems = {path.name: problem_of(path) for path in files_under([folder])}
        (folder / "locked").chmod(0o700)
    assert problems == {
        "circle": FileProblem.NOT_A_FILE,
        "locked": FileProblem.NO_PERMISSION,
        "photo.png": FileProblem.EMPTY,
    }


def problem_of(path: Path) -> FileProblem:
    with pytest.raises(UnreadableFile) as caught:
        fingerprint(path, views="whole")
    return caught.value.problem


def test_a_secret_of_ours_does_not_reach_the_process_that_opens_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HASHREG_RECOVERY_CODE", "secret")
    monkeypatch.setenv("HASHREG_REGISTRY", "place")
    given = _environment()
    assert [name for name in given if name.startswith("HASHREG")] == []
    assert given["PATH"] == os.environ["PATH"]
