"""Writing a removal request: on the person's own device, from what they type."""

from pathlib import Path

import click

from hashreg.cli.common import (
    PATHS,
    json_name,
    json_option,
    now,
    print_json,
    read_secret,
    say,
    shown,
)
from hashreg.client.notices import LANGUAGE, Form, Notice, written
from hashreg.model.cases import parse_case_number
from hashreg.model.messages import LANGUAGES, N_, language, tr

NAME_VARIABLE, CONTACT_VARIABLE = "HASHREG_NOTICE_NAME", "HASHREG_NOTICE_CONTACT"


@click.command(
    help=tr(
        "Write a request to remove content, to be sent to the platform that has it. It is written "
        "on this device; your name and how to reach you are asked for, and go nowhere else."
    )
)
@click.option(
    "--at",
    "places",
    multiple=True,
    required=True,
    metavar="ADDRESS",
    help=tr("Where the content is: its web address, as exact as you have it. Can be given again."),
)
@click.option(
    "--form",
    type=click.Choice([it.value for it in Form]),
    default=Form.PLAIN.value,
    show_default=True,
    help=tr("The law that it names: that of the United States, of Korea, or none."),
)
@click.option("--to", "recipient", default="", metavar="NAME", help=tr("The platform."))
@click.option("--case", help=tr("A case number, if the pictures are registered."))
@click.option("--fake", is_flag=True, help=tr("It was made or changed to look so (a deepfake)."))
@click.option(
    "--for",
    "in_name_of",
    default="",
    metavar="NAME",
    help=tr("Whom it shows, if you ask for somebody who has authorised you."),
)
@click.option(
    "--in",
    "wanted",
    type=click.Choice(LANGUAGES),
    help=tr("The language of the request. [default: that of the law, else yours]"),
)
@click.option("-o", "--output", type=PATHS, metavar="FILE", help=tr("Where to write it."))
@json_option
def notice(
    places: tuple[str, ...],
    form: str,
    recipient: str,
    case: str | None,
    fake: bool,
    in_name_of: str,
    wanted: str | None,
    output: Path | None,
    as_json: bool,
) -> int:
    """Ask for the rest, write the request, and say what to do with it."""
    from hashreg.client.documents import write_new

    number = parse_case_number(case) if case else None
    name = read_secret(NAME_VARIABLE, tr(ASK_NAME), hidden=False).strip()
    contact = read_secret(CONTACT_VARIABLE, tr(ASK_CONTACT), hidden=False).strip()
    told = Notice(places, name, contact, now().date(), recipient, in_name_of, number, fake)
    text = written(told, Form(form), wanted or LANGUAGE.get(Form(form), language()))
    if output is not None:
        write_new(output, text.encode())
    if as_json:
        print_json({"notice": json_name(output) if output else None, "text": text})
    elif output is None:
        say(text)
    else:
        say(tr(WRITTEN, file=shown(output)))
    return 0


ASK_NAME = N_("Your name, which signs the request")
ASK_CONTACT = N_("An e-mail address or phone number to reach you")
WRITTEN = N_(
    "The request is in {file}. Send it to the platform, by its own form where it has one, and keep "
    "a copy with the date. Delete the file afterwards if others use this device."
)
