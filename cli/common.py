"""What the commands share: options, printing, secrets, the registry's place."""

import datetime as dt
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from hashreg.cli.main import language_settings
from hashreg.model.errors import InvalidDocument, MissingExtra
from hashreg.model.messages import N_, tr

if TYPE_CHECKING:
    from rich.console import Console

    from hashreg.model.submissions import Document
    from hashreg.registry.sqlite import SqliteStore
    from hashreg.takedown.live import RegistryIndex

T = TypeVar("T")
Command = Callable[..., Any]
SHORT = 38
"""Characters that fit any terminal on one line."""
PATHS = click.Path(path_type=Path)
_bars: list["Console"] = []
"""The console of the bar that is shown now."""


def json_option(command: Command) -> Command:
    """Add ``--json`` and ``--lang``, which every command has."""
    json_flag = click.option(
        "--json", "as_json", is_flag=True, help=tr("Print JSON, one object a line.")
    )
    return json_flag(click.option("--lang", **language_settings())(command))


def registry_option(command: Command) -> Command:
    """Add ``--registry``."""
    option = click.option(
        "--registry",
        type=PATHS,
        envvar="HASHREG_REGISTRY",
        help=tr("The registry's file. [default: $HASHREG_REGISTRY, else in your data folder]"),
    )
    return option(command)


def paths_argument(command: Command) -> Command:
    """Add ``PATH…``: files and folders."""
    argument = click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=PATHS)
    return argument(command)


def workers_option(command: Command) -> Command:
    """Add ``--workers``."""
    option = click.option(
        "--workers",
        type=click.IntRange(1, 64),
        help=tr("Processes that hash at once. [default: one for each processor]"),
    )
    return option(command)


def private_option(command: Command) -> Command:
    """Add ``--private-webhooks``."""
    option = click.option(
        "--private-webhooks",
        is_flag=True,
        envvar="HASHREG_PRIVATE_WEBHOOKS",
        help=tr(
            "Orders may go to addresses in your own network, and without encryption. "
            "[default: $HASHREG_PRIVATE_WEBHOOKS]"
        ),
    )
    return option(command)


def tokens_option(command: Command) -> Command:
    """Add ``--no-tokens``."""
    option = click.option(
        "--no-tokens",
        is_flag=True,
        help=tr("Leave out the tokens that find crops, screenshots and tilted copies."),
    )
    return option(command)


def now() -> dt.datetime:
    """Return the time, the one place where the commands ask for it."""
    return dt.datetime.now(dt.UTC)


def in_local_time(moment: dt.datetime) -> str:
    """Return a time as the person's own clock shows it, with its zone."""
    return f"{moment.astimezone():%F %R %Z}"


def registry_path(given: Path | None) -> Path:
    """Return the registry's file: the one named, or the one in the user's data folder."""
    if given is None:
        from platformdirs import user_data_path

        given = user_data_path("hashreg")
        return given / "registry.db"
    # os.path's says no where Path's raises: at a name that is too long
    return given / "registry.db" if os.path.isdir(given) else given  # noqa: PTH112


def open_registry(given: Path | None) -> "SqliteStore":
    """Open the registry; raises RegistryUnavailable."""
    from hashreg.registry.sqlite import SqliteStore

    store = SqliteStore.open(registry_path(given))
    if store.sealed_now:
        note(tr(SEALED_NOW, key=shown(Path(store.key_place))))
    if store.left_unsealed:
        from hashreg.cli.words import NOT_CLEANED

        note(tr(NOT_CLEANED))
    return store


SEALED_NOW = N_(
    "The hashes in this registry are encrypted from now on, under a key that was made at {key}. "
    "Keep a copy of that file apart from the registry and its backups: without it nobody can read "
    "the hashes, and whoever has both can. Backups from before are not encrypted."
)


def sealing_key(store: "SqliteStore") -> str | None:
    """Return the key that files are sealed to; None where the extra for it is not installed."""
    from hashreg.takedown.sealed import public_key

    try:
        return public_key(store)
    except MissingExtra:
        return None


SEALING_BYTES = 1 << 20
"""By which a sealed file may be longer than what is in it: 16 bytes in 64 kB, and its head."""
SEALED_FILE = N_(
    "This file is sealed, so that only its registry can open it. Give it to that registry; it "
    "takes it in with: hashreg intake"
)


def index_of(store: "SqliteStore") -> "RegistryIndex":
    """Return the index that is kept beside a registry, and say it where a person has to wait."""
    from hashreg.takedown.live import RegistryIndex

    def slow() -> None:
        note(tr("Reading the hashes of a large registry. They are kept ready for the next time."))

    return RegistryIndex(store.index_folder, slow=slow)


def read_document(path: Path, open_sealed: Callable[[bytes], bytes] | None = None) -> "Document":
    """Return the signed file at a path; raises InvalidDocument.

    ``open_sealed`` opens one that was sealed; without it such a one is refused in words.
    """
    from hashreg.model.submissions import MAX_BYTES, is_sealed, parse_document

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + SEALING_BYTES)
        if is_sealed(content):
            if open_sealed is None:
                raise InvalidDocument(SEALED_FILE)
            content = open_sealed(content)
        return parse_document(content)
    except OSError:
        raise InvalidDocument(
            N_("This file can't be read. Check its name and permissions.")
        ) from None


def print_json(value: object) -> None:
    """Print one object on one line of standard output."""
    click.echo(json.dumps(value))


def say(text: str = "") -> None:
    """Print to a person on standard output."""
    _print(text, err=False)


def note(text: str) -> None:
    """Print to a person on standard error."""
    _print(text, err=True)


def _print(text: str, *, err: bool) -> None:
    """Print; on a terminal long lines break between words, and a bar stays below."""
    stream = sys.stderr if err else sys.stdout
    if _bars or (stream.isatty() and len(text) > SHORT):
        from rich.console import Console

        console = _bars[-1] if _bars and err else Console(stderr=err)
        console.print(text, markup=False, highlight=False, emoji=False)
    else:
        click.echo(text, err=err)


def shown(name: str | os.PathLike[str]) -> str:
    """Return a name that is safe to print.

    Bytes that are no UTF-8, control characters, line breaks and characters that turn the writing
    direction are escaped, so that a name can't take over a terminal or fake a line.
    """
    text = os.fspath(name)
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def json_name(name: str | os.PathLike[str]) -> str:
    """Return a name as text for JSON, which escapes by itself all but bytes that are no UTF-8."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read_secret(variable: str, prompt: str, *, hidden: bool = True) -> str:
    """Return a secret from an environment variable, a prompt, or a line of standard input.

    ``hidden``: what is typed at the prompt is not shown.
    """
    value = os.environ.get(variable)
    if value:
        return value
    if sys.stdin.isatty():
        typed: str = click.prompt(prompt, hide_input=hidden, err=True)
        return typed
    return sys.stdin.readline()


def progress(items: Iterable[T], total: int, label: str, *, printing: bool) -> Iterator[T]:
    """Yield the items, with a bar on standard error where a person watches.

    ``printing`` says that each item is printed: on a terminal the lines themselves show progress.
    """
    watched = sys.stderr.isatty() and not (printing and sys.stdout.isatty())
    if not watched or total < 2:  # noqa: PLR2004
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    _bars.append(console)
    try:
        yield from track(items, label, total=total, console=console, transient=True)
    finally:
        _bars.pop()


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004  (a byte that is no UTF-8)
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004
