"""What an operator does: make a registry, take files in, count, forget."""

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from hashreg.cli.common import (
    PATHS,
    json_name,
    json_option,
    note,
    now,
    open_registry,
    print_json,
    read_document,
    registry_option,
    registry_path,
    say,
    sealing_key,
    shown,
)
from hashreg.cli.figures import print_figures
from hashreg.cli.main import EXIT_TROUBLE
from hashreg.cli.words import NOT_CLEANED, STATISTIC_WORDS, outcome_words
from hashreg.model.errors import HashregError, InvalidInput
from hashreg.model.messages import N_, tr
from hashreg.model.names import parse_name
from hashreg.model.retention import RETENTION
from hashreg.model.submissions import IN_ORDER, Document
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.channels import LOCAL
from hashreg.takedown.figures import figures, public
from hashreg.takedown.intake import take_in
from hashreg.takedown.purge import purge as purge_registry
from hashreg.takedown.sealed import opened
from hashreg.takedown.statistics import statistics

_ORDER = {kind: place for place, kind in enumerate(IN_ORDER)}
"""What a file needs comes before it, and what ends it after it."""


@click.command(help=tr("Make an empty registry."))
@registry_option
@json_option
def init(registry: Path | None, as_json: bool) -> int:
    """Make an empty registry and say what protects it."""
    path = registry_path(registry)
    with closing(SqliteStore.create(path)) as store:
        key, seal_to = store.key_place, sealing_key(store)
    if as_json:
        print_json({"registry": json_name(path), "key": json_name(Path(key)), "seal_to": seal_to})
        return 0
    say(tr("An empty registry was made at {path}.", path=shown(path)))
    say(tr(ABOUT_THE_KEY, key=shown(Path(key)), keys=shown(path.with_name(f"{path.name}-keys"))))
    if seal_to:
        say(tr(ABOUT_SEALING, key=seal_to))
    return 0


ABOUT_SEALING = N_(
    "Files can be sealed for this registry, so that a stick or an e-mail betrays nothing. Give "
    "people its public key, which is no secret: {key}"
)


ABOUT_THE_KEY = N_(
    "The hashes in it are encrypted. Their key is at {key}: keep a copy of it apart from the "
    "registry and its backups, such as on paper in a safe. If it is lost, every hash is lost, and "
    "nobody can bring them back; whoever has the key and the registry can read them. Of the file "
    "{keys} keep only the latest copy, or withdrawn pictures stay readable in old ones."
)


@click.command(
    help=tr(
        "Take submissions, additions and withdrawals in. A file taken in twice changes nothing; a "
        "bad one is refused and the others go on."
    )
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=PATHS)
@click.option(
    "--channel",
    metavar="NAME",
    help=tr(
        "By whom they came in, such as a help line: what it brings has a daily quota, and waits "
        "for a person once several of its claims were found abusive."
    ),
)
@registry_option
@json_option
def intake(
    files: tuple[Path, ...], channel: str | None, registry: Path | None, as_json: bool
) -> int:
    """Take files in, in the order of ``IN_ORDER``."""
    way = LOCAL if channel is None else parse_name(channel)
    store = open_registry(registry)
    read = [(path, _read(path, store)) for path in files]
    refused = 0
    for path, document in sorted(read, key=lambda it: _order(it[1])):
        try:
            if isinstance(document, HashregError):
                raise document
            result = take_in(store, document, now(), channel=way)
        except HashregError as error:
            refused += 1
            _say_refused(path, error, as_json)
            continue
        if as_json:
            print_json({"file": json_name(path)} | result.as_json() | {"error": None})
        else:
            words = outcome_words(result.outcome, result.held)
            say(tr(words, case=result.case, pictures=result.pictures, held=result.held))
            if not result.cleaned:
                note(tr(NOT_CLEANED))
            if result.matches:
                say(tr("  Content reported before matches: {count}", count=result.matches))
    return EXIT_TROUBLE if refused else 0


@click.command(
    help=tr("Count cases, reports, matches and verdicts, and say how long things are kept.")
)
@click.option(
    "--public",
    "as_public",
    is_flag=True,
    help=tr("Only what everybody may see: how platforms deal with orders, small counts masked."),
)
@click.option("--csv", "as_table", is_flag=True, help=tr("With --public: print CSV."))
@registry_option
@json_option
def stats(as_public: bool, as_table: bool, registry: Path | None, as_json: bool) -> int:
    """Print the registry's counts."""
    store = open_registry(registry)
    if as_table and not as_public:
        raise InvalidInput(N_("--csv goes with --public."), field="csv")
    if as_public:
        print_figures(public(figures(store, now())), as_table=as_table, as_json=as_json)
        return 0
    counts = statistics(store, now())
    if as_json:
        print_json(counts)
        return 0
    del counts["retention"], counts["takedowns"]
    for name, value in counts.items():
        words = _counted(value) if isinstance(value, dict) else value
        say(f"{tr(STATISTIC_WORDS[name])}: {words if words not in ('', None) else '-'}")
    say()
    print_figures(figures(store, now()), as_table=False, as_json=False)
    say(tr("How long things are kept:"))
    for it in RETENTION:
        say(f"  {tr(it.what)}: {it.in_words()}")
    return 0


@click.command(
    help=tr("Forget what need not be kept: reports whose time is over, and withdrawn cases.")
)
@registry_option
@json_option
def purge(registry: Path | None, as_json: bool) -> int:
    """Delete expired reports and erase withdrawn cases."""
    purged = purge_registry(open_registry(registry), now())
    if as_json:
        print_json(purged.as_json())
    else:
        say(
            tr(
                "Forgotten: {reports} expired reports and {cases} withdrawn cases.",
                reports=purged.reports,
                cases=purged.cases,
            )
        )
        if not purged.cleaned:
            note(tr(NOT_CLEANED))
    return 0 if purged.cleaned else EXIT_TROUBLE


def _counted(value: dict[str, Any]) -> str:
    """Return counts by name in words; of a channel those that are abusive behind all."""
    return ", ".join(
        tr("{name} {decided}, abusive {abusive}", name=name, **it)
        if isinstance(it, dict)
        else f"{name} {it}"
        for name, it in sorted(value.items())
    )


def _read(path: Path, store: SqliteStore) -> Document | HashregError:
    try:
        return read_document(path, lambda content: opened(store, content))
    except HashregError as error:
        return error


def _order(document: Document | HashregError) -> int:
    return _ORDER[document.kind] if isinstance(document, Document) else 0


def _say_refused(path: Path, error: HashregError, as_json: bool) -> None:
    if as_json:
        empty = dict.fromkeys(("case", "kind", "outcome"))
        line = {"file": json_name(path)} | empty | {"pictures": 0, "matches": 0, "held": 0}
        print_json(line | {"error": error.as_json()})
    else:
        note(f"{shown(path)}: {error}")
