"""The whole story on the sample pictures, played with the very commands that people type."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

import hashreg
from hashreg.cli.case import CODE_VARIABLE
from hashreg.cli.common import PATHS, json_option, print_json, say, shown
from hashreg.model.errors import NotFound
from hashreg.model.messages import N_, language, tr

PLATFORM = "examplegram"
MODERATOR = "kim"


@click.command(
    help=tr("Play the whole story on sample pictures, in a registry that is deleted afterwards.")
)
@click.option(
    "--samples", type=PATHS, metavar="FOLDER", help=tr("The folder with the sample pictures.")
)
@json_option
def demo(samples: Path | None, as_json: bool) -> int:
    """Register, report, check, decide, withdraw."""
    with tempfile.TemporaryDirectory(prefix="hashreg-demo-") as folder:
        story = _Story(_samples(samples), Path(folder), as_json)
        story.tell()
    return 0


def _samples(given: Path | None) -> Path:
    """Return the sample pictures: those named, else a checkout's or the current folder's."""
    package = Path(hashreg.__file__).parent
    candidates = [given] if given else [package.parent / "sample_images", Path("sample_images")]
    for folder in candidates:
        if (folder / "originals").is_dir():
            return folder.absolute()
    raise NotFound(
        N_(
            "The sample pictures are not here. They are in the folder sample_images of hashreg's "
            "source; name it with --samples."
        ),
        field="samples",
    )


class _Story:
    """The steps, each a command that is shown and then run."""

    def __init__(self, samples: Path, folder: Path, as_json: bool) -> None:
        self._samples = samples
        self._folder = folder
        self._json = as_json
        apart = {name: it for name, it in os.environ.items() if not name.startswith("HASHREG_")}
        self._environ = apart | {"HASHREG_REGISTRY": str(folder / "registry.db")}
        self._step = 0

    def tell(self) -> None:
        self._tell(tr("An operator makes a registry."))
        self._run("init")
        self._run("platform", "add", PLATFORM, quiet=True)
        self._run("moderator", "add", MODERATOR, quiet=True)
        early = self._samples / "edited" / "astronaut-messenger.jpg"
        self._tell(tr("A platform reports hashes of its content. Nothing is registered yet."))
        self._report(early)
        self._register()
        self._tell(tr("The operator takes the file in. It finds yesterday's report."))
        self._run("intake", "CASE.hashreg")
        self._tell(tr("A moderator checks uploads: edited copies, other pictures, odd files."))
        uploads = [str(self._samples / name) for name in ("edited", "unrelated", "odd")]
        self._run("check", *uploads)
        self._count(uploads)
        self._tell(tr("A moderator looks at the queue and decides."))
        self._run("review", "list")
        ticket = self._json_of("review", "list")[0]["ticket"]
        reason = ("--reason", "non_consensual", "--as", MODERATOR)
        self._run("review", "decide", str(ticket), "blocked", *reason)
        self._follow()
        self._tell(tr("The victim withdraws. The hashes are deleted and match no more."))
        self._run("withdraw", self._case, code=self._code)
        self._run("check", str(early))
        self._run("takedown", "list")
        self._run("stats")

    def _follow(self) -> None:
        self._tell(tr("The order is followed until the content is gone and was checked again."))
        self._run("takedown", "list")
        order = str(self._json_of("takedown", "list")[0]["order"])
        self._run("takedown", "acknowledge", order, "--as", MODERATOR)
        self._run("takedown", "recheck", "gone", order, "--as", MODERATOR)
        self._run("status", self._case)

    def _register(self) -> None:
        self._tell(
            tr("A victim hashes pictures on their own device, offline. Only hashes are written.")
        )
        originals = str(self._samples / "originals")
        made = self._json_of("register", originals, "-o", "CASE.hashreg")[0]
        self._case, self._code = str(made["case"]), str(made["recovery_code"])
        if self._json:
            print_json(made)
            return
        self._show(("register", originals, "-o", "CASE.hashreg"))
        say(tr("  case number    {case}", case=self._case))
        say(tr("  recovery code  {code}", code=self._code))
        size = (self._folder / "CASE.hashreg").stat().st_size
        say(
            tr(
                "  CASE.hashreg holds {count} pictures' hashes in {size} bytes.",
                count=len(made["items"]),
                size=size,
            )
        )

    def _report(self, picture: Path) -> None:
        hashing = ("hash", "--views", "query", "--json", str(picture))
        reporting = ("report", "--platform", PLATFORM, "-")
        self._show(hashing, reporting)
        hashed = self._start(hashing)
        self._print(self._start(self._as_asked(reporting), given=hashed.stdout))

    def _count(self, uploads: list[str]) -> None:
        """Say what was found, what was missed, and whether anything else was hit."""
        found: dict[str, list[str]] = {"edited": [], "unrelated": [], "missed": []}
        for line in self._json_of("check", *uploads):
            path = Path(str(line["file"]))
            hit = line["verdict"] in ("match", "review")
            group = path.parent.name if hit else "missed" if path.parent.name == "edited" else ""
            found.get(group, []).append(path.name)
        if self._json:
            return
        say()
        say(
            tr(
                "  {found} of {all} edited copies were found. Missed: {missed}. Unrelated pictures "
                "hit: {false}.",
                found=len(found["edited"]),
                all=len(found["edited"]) + len(found["missed"]),
                missed=", ".join(found["missed"]) or tr("none"),
                false=len(found["unrelated"]),
            )
        )
        say(tr("  Copies that are much blurred, stretched or painted over may still be missed."))

    def _tell(self, sentence: str) -> None:
        self._step += 1
        if not self._json:
            say(f"\n{self._step}. {sentence}")

    def _show(self, *commands: tuple[str, ...]) -> None:
        if not self._json:
            root = f"{self._samples.parent}{os.sep}"
            words = (" ".join(("hashreg", *command)).replace(root, "") for command in commands)
            say(f"\n$ {shown(' | '.join(words))}")

    def _run(self, *command: str, quiet: bool = False, code: str = "") -> None:
        self._show(command)
        done = self._start(self._as_asked(command), code=code)
        if not quiet:
            self._print(done)

    def _as_asked(self, command: tuple[str, ...]) -> tuple[str, ...]:
        return (*command, "--json") if self._json else command

    def _json_of(self, *command: str) -> list[dict[str, Any]]:
        lines = self._start((*command, "--json")).stdout.splitlines()
        return [json.loads(line) for line in lines]

    def _print(self, done: "subprocess.CompletedProcess[str]") -> None:
        if self._json:
            click.echo(done.stdout, nl=False)
            return
        root = f"{self._samples}{os.sep}"
        for line in (done.stdout + done.stderr).splitlines():
            say(f"  {line.replace(root, '')}")

    def _start(
        self, command: tuple[str, ...], *, given: str = "", code: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        environ = self._environ | ({CODE_VARIABLE: code} if code else {})
        return subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-m", "hashreg.cli", "--lang", language(), *command],
            check=False,
            cwd=self._folder,
            env=environ,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
