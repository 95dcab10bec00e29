"""The victims' page as a file, and what an operator says on it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click

from hashreg.cli.case import seal_option
from hashreg.cli.common import PATHS, json_name, json_option, print_json, say, shown
from hashreg.model.messages import tr
from hashreg.page.build import page as built_page
from hashreg.page.settings import PageSettings, default_settings, read_settings

Command = Callable[..., int]

settings_option = click.option(
    "--page",
    "page_settings",
    type=PATHS,
    envvar="HASHREG_PAGE",
    metavar="FILE",
    help=tr("Settings of the victims' page: help lines, address, way out (JSON)."),
)


def page_settings_of(path: Path | None) -> PageSettings:
    """Return an operator's settings of the page, or the usual ones; raises InvalidInput."""
    return default_settings() if path is None else read_settings(path)


@click.command(
    help=tr(
        "Write the victims' page to a file. It hashes pictures in a browser, works without a "
        "network and connects to nothing; give it to people on a stick."
    )
)
@click.option(
    "-o",
    "--output",
    type=PATHS,
    default=Path("hashreg.html"),
    show_default=True,
    metavar="FILE",
    help=tr("Where to write it."),
)
@seal_option
@settings_option
@json_option
def page(output: Path, seal_to: str | None, page_settings: Path | None, as_json: bool) -> int:
    """Write the copy of the page that connects to nothing."""
    from hashreg.client.documents import write_new
    from hashreg.client.sealing import recipient_text

    settings = page_settings_of(page_settings)
    if seal_to is not None:
        settings = replace(settings, seal_to=recipient_text(seal_to))
    content = built_page(settings, saved=True)
    write_new(output, content)
    if as_json:
        print_json({"page": json_name(output), "bytes": len(content)})
    else:
        say(tr("The victims' page is in {file}. Open it in a browser.", file=shown(output)))
    return 0
