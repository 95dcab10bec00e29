"""The ``hashreg`` program: language, lazy commands, and every error turned into an exit code."""

import gettext
import importlib
import io
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click

from hashreg import __version__
from hashreg.model.errors import HashregError
from hashreg.model.messages import (
    DOMAIN,
    LANGUAGES,
    LOCALE_FOLDER,
    N_,
    preferred_language,
    tr,
    use_language,
)

EXIT_FOUND = 1
EXIT_TROUBLE = 2
EXIT_INTERRUPTED = 130

_COMMANDS = {
    "hash": ("hashreg.cli.victim", "hash_command", N_("Print the hashes of pictures.")),
    "register": ("hashreg.cli.victim", "register", N_("Hash pictures and make a case, offline.")),
    "status": ("hashreg.cli.case", "status", N_("Say where a case stands.")),
    "withdraw": ("hashreg.cli.case", "withdraw", N_("Withdraw a case.")),
    "delegate": ("hashreg.cli.delegation", "delegate", N_("Let a helper act for a case.")),
    "undelegate": ("hashreg.cli.delegation", "undelegate", N_("End what a helper may do.")),
    "notice": ("hashreg.cli.notice", "notice", N_("Write a request to remove content.")),
    "submit": ("hashreg.cli.submit", "submit", N_("Hand signed files to a server.")),
    "page": ("hashreg.cli.page", "page", N_("Write the victims' page to a file.")),
    "init": ("hashreg.cli.operator", "init", N_("Make an empty registry.")),
    "intake": ("hashreg.cli.operator", "intake", N_("Take submission files in.")),
    "platform": ("hashreg.cli.people", "platform", N_("Who may report.")),
    "moderator": ("hashreg.cli.people", "moderator", N_("Who may decide.")),
    "operator": ("hashreg.cli.people", "operator", N_("Who may run the service.")),
    "auditor": ("hashreg.cli.people", "auditor", N_("Who may look at events and statistics.")),
    "helper": ("hashreg.cli.people", "helper", N_("Who may act for victims that asked them to.")),
    "serve": ("hashreg.cli.serve", "serve", N_("Serve the registry over HTTP.")),
    "benign": ("hashreg.cli.benign", "benign", N_("List widely shared harmless pictures.")),
    "stats": ("hashreg.cli.operator", "stats", N_("Count cases, reports and matches.")),
    "purge": ("hashreg.cli.operator", "purge", N_("Forget expired reports and withdrawn cases.")),
    "report": ("hashreg.cli.platform", "report", N_("Report hashes of a platform's content.")),
    "check": ("hashreg.cli.moderator", "check", N_("Check uploads against a registry.")),
    "review": ("hashreg.cli.moderator", "review", N_("Look at the queue and decide.")),
    "takedown": ("hashreg.cli.takedown", "takedown", N_("Follow orders until they are done.")),
    "held": ("hashreg.cli.held", "held", N_("Decide about pictures that are held.")),
    "probing": (
        "hashreg.cli.probing",
        "probing",
        N_("Decide about askers who ask nearly the same again and again."),
    ),
    "feed": ("hashreg.cli.feed", "feed", N_("Hold hashes, and take others' in.")),
    "audit": ("hashreg.cli.audit", "audit", N_("Whether the list of events is whole.")),
    "key": ("hashreg.cli.master_key", "key", N_("Change the key of the registry's encryption.")),
    "backup": ("hashreg.cli.backup", "backup", N_("Copy the registry while it is in use.")),
    "restore": ("hashreg.cli.backup", "restore", N_("Put a backup back.")),
    "demo": ("hashreg.cli.demo", "demo", N_("Play the whole story on sample pictures.")),
}
"""Each command's module and name, loaded only when it runs, and what it does."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names in the order of a case's life."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section(tr("Commands")):
            formatter.write_dl([(name, tr(entry[2])) for name, entry in _COMMANDS.items()])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``hashreg`` and exit: 1 something found, else 2 trouble, else 0."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # others would spin: 0.1 s at each start
    _open_missing_streams()
    _speak(_language(arguments))
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    code = _run(arguments)
    _let_go_of_output()
    sys.exit(code)


def _open_missing_streams() -> None:
    """Give a program that was started without them its standard streams, empty ones."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def _let_go_of_output() -> None:
    """Drop what standard output will not take, or Python complains of it on its way out."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str]) -> int:
    try:
        result = _group().main(list(arguments), prog_name="hashreg", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        usage = io.StringIO()
        error.show(usage)
        _complain(*usage.getvalue().expandtabs(4).splitlines())
        return EXIT_TROUBLE
    except HashregError as error:
        _complain(f"hashreg: {error}")
        return EXIT_TROUBLE
    except (click.Abort, KeyboardInterrupt):
        click.echo(tr("Stopped. What was accepted before is kept."), err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # the reader went away, as `head` does
        return EXIT_TROUBLE
    except (OSError, MemoryError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "-"
        _complain(tr("hashreg: the system refused what was needed: {reason}", reason=reason))
        return EXIT_TROUBLE
    return result if isinstance(result, int) else 0


def _complain(*lines: str) -> None:
    """Print an error; what could take over a terminal is escaped, for it may hold a name."""
    from hashreg.cli.common import shown

    for line in lines:
        click.echo(shown(line), err=True)


def _group() -> LazyGroup:
    return LazyGroup(
        "hashreg",
        help=tr(
            "A takedown registry for intimate pictures: hashes are made on your own device, and "
            "only hashes leave it."
        ),
        params=[
            click.Option(
                ["--version"],
                is_flag=True,
                is_eager=True,
                expose_value=False,
                help=tr("Show the version and exit."),
                callback=_show_version,
            ),
            click.Option(["--lang"], **language_settings()),
        ],
        no_args_is_help=True,
        context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
    )


def language_settings() -> dict[str, Any]:
    """Return what ``--lang`` is; ``main`` has read its value before anything was said."""
    return {
        "type": click.Choice(LANGUAGES),
        "expose_value": False,
        "help": tr("Speak Korean (ko) or English (en). [default: as the system does]"),
    }


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"hashreg {__version__}")
        ctx.exit(0)


def _language(arguments: Sequence[str]) -> str:
    """Return the language asked for, wherever ``--lang`` stands; else the environment's."""
    for argument, following in pairwise([*arguments, ""]):
        if argument == "--":
            break
        wanted = following if argument == "--lang" else argument.removeprefix("--lang=")
        if argument.startswith("--lang") and wanted in LANGUAGES:
            return wanted
    return preferred_language(os.environ)


def _speak(language: str) -> None:
    """Use a language for our own sentences and, through gettext's default domain, for click's."""
    use_language(language)
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, LOCALE_FOLDER)
    gettext.textdomain(DOMAIN)
