"""Asking a server instead of a registry on this machine: ``--server`` and the key."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from click.core import ParameterSource

from hashreg.cli.common import Command, note, read_secret, registry_option, say, shown
from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_, tr

if TYPE_CHECKING:
    from hashreg.client.http import Server

KEY_VARIABLE = "HASHREG_KEY"


def server_option(command: Command) -> Command:
    """Add ``--server``."""
    option = click.option(
        "--server",
        metavar="URL",
        envvar="HASHREG_SERVER",
        help=tr(
            "Ask the server at this address, such as https://registry.example. "
            "[default: $HASHREG_SERVER]"
        ),
    )
    return option(command)


def place_options(command: Command) -> Command:
    """Add ``--server`` and ``--registry``, one of which is used."""
    return server_option(registry_option(command))


def chosen(server: str | None, registry: Path | None) -> str | None:
    """Return the server to ask, None for a registry here; raises InvalidInput where both are given.

    What is typed goes before what the environment says.
    """
    if server is None or registry is None:
        return server
    source = click.get_current_context().get_parameter_source
    typed = ParameterSource.COMMANDLINE
    if (source("server") is typed) == (source("registry") is typed):
        raise InvalidInput(
            N_("--server and --registry were both given. Leave one of them out."), field="server"
        )
    return server if source("server") is typed else None


def check_only_written(output: Path | None) -> None:
    """Raise InvalidInput where a file is to be written and a place to hand it to was typed, too."""
    source = click.get_current_context().get_parameter_source
    for place in ("server", "registry"):
        if output is not None and source(place) is ParameterSource.COMMANDLINE:
            raise InvalidInput(
                N_(
                    "-o only writes the file, and {option} hands it over at once: leave one of "
                    "them out. A file that is written is handed over with: hashreg submit FILE"
                ),
                field=place,
                option=f"--{place}",
            )


def say_only_written(
    output: Path, server: str | None, registry: Path | None, *, as_json: bool
) -> None:
    """Say that a file was handed to nobody yet where the environment names one it could go to.

    With ``--json`` it is said of a server only, as a note: the object names a file and no outcome.
    """
    if server is None and (registry is None or as_json):
        return
    tell = note if as_json else say
    if server is None:
        tell(
            tr(
                "Nothing was handed over yet. Hand it over with: hashreg submit {file} --server "
                "URL. Where the registry is: hashreg intake {file}",
                file=shown(output),
            )
        )
    else:
        tell(
            tr(
                "Nothing was handed over yet. Hand it over with: hashreg submit {file}",
                file=shown(output),
            )
        )


def public_server(address: str) -> "Server":
    """Return a server to ask what needs no key; raises InvalidInput or MissingExtra."""
    from hashreg.client.http import Server

    return Server(address)


def keyed_server(address: str, taken: BinaryIO | None = None) -> "Server":
    """Return a server to ask with the key of $HASHREG_KEY, or one that is asked for.

    ``taken`` is the input that a command reads. Raises InvalidInput or MissingExtra.
    """
    from hashreg.client.http import Server

    public_server(address).close()  # an address that is wrong is said before the key is asked for
    return Server(address, _key(taken))


def _key(taken: BinaryIO | None) -> str:
    if taken is None or taken is not sys.stdin.buffer:
        return _asked_for()
    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise InvalidInput(
            N_(
                "Standard input holds the reports, so the key can't be asked for. Put it into the "
                "environment variable HASHREG_KEY, or read the reports from a file."
            ),
            field="key",
        )
    return key


def _asked_for() -> str:
    key = read_secret(KEY_VARIABLE, tr("Key"))
    if not key.strip():
        raise InvalidInput(
            N_(
                "A server wants a key, and there is none. Set HASHREG_KEY to the key that your "
                "registry gave you, or pass it as a line of standard input."
            ),
            field="key",
        )
    return key
