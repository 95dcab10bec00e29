"""How platforms deal with their orders, in words, JSON or CSV."""

from collections.abc import Sequence

import click

from hashreg.cli.common import print_json, say, shown
from hashreg.model.messages import tr
from hashreg.takedown.figures import PlatformFigures, as_csv


def print_figures(its: Sequence[PlatformFigures], *, as_table: bool, as_json: bool) -> None:
    """Print each platform's figures."""
    if as_table:
        click.echo(as_csv(its), nl=False)
        return
    for it in its:
        if as_json:
            print_json(it.as_json())
        else:
            say(_in_words(it))


def _in_words(it: PlatformFigures) -> str:
    values = {name: "-" if value is None else value for name, value in it.as_json().items()}
    values["platform"] = shown(it.platform)
    if it.removal_rate is not None:
        values["removal_rate"] = f"{it.removal_rate:.0%}"
    return tr(
        "{platform}: orders {ordered}, removed {removed} ({removal_rate}), median hours to "
        "removal {median_hours}, late {late}, overdue {overdue}, came back {reappeared}, "
        "withdrawals told {revoked}, confirmed {revocations_acknowledged}",
        **values,
    )
