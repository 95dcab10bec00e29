"""Removal requests, written on the device: what the person types into them goes nowhere else.

What each form has to say: for the United States the parts of a valid request under the TAKE IT DOWN
Act (signature, what it is and where, a statement in good faith, how to be reached; `interop.md` of
the facts); for Korea what a request under article 22-5 of the Telecommunications Business Act tells
(who asks, where the content is, of which kind it is); the plain one asks without naming a law.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from hashreg.model.cases import CaseNumber
from hashreg.model.errors import InvalidInput
from hashreg.model.messages import N_, translated

MOST_PLACES = 50
MOST_LETTERS = 2000
"""Of an address; one order was lost in Korea because the address was too long (facts)."""


class Form(StrEnum):
    """Whose law a request names."""

    US = "us"
    KOREA = "kr"
    PLAIN = "plain"


LANGUAGE = {Form.US: "en", Form.KOREA: "ko"}
"""In which language a form is written where none is asked for."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a removal request tells; ``repr`` shows nothing of the person.

    ``in_name_of`` is whom the content shows, where a helper asks; ``is_fake`` says that it was made
    to look like them.
    """

    places: Sequence[str] = field(repr=False)
    name: str = field(repr=False)
    contact: str = field(repr=False)
    date: dt.date
    recipient: str = field(default="", repr=False)
    in_name_of: str = field(default="", repr=False)
    case: CaseNumber | None = None
    is_fake: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidInput naming what is missing or can't stand on a line."""
        if not 0 < len(self.places) <= MOST_PLACES:
            raise InvalidInput(NO_PLACE, field="at", most=MOST_PLACES)
        required = [("name", self.name), ("contact", self.contact)]
        required += [("at", it) for it in self.places]
        for name, value in required:
            if not value.strip():
                raise InvalidInput(_MISSING[name], field=name)
        for name, value in (*required, ("to", self.recipient), ("for", self.in_name_of)):
            if len(value) > MOST_LETTERS or not value.isprintable():
                raise InvalidInput(_NO_LINE[name], field=name, most=MOST_LETTERS)


NO_PLACE = N_("Say where the content is, with --at and its address; at most {most} of them.")
_MISSING = {
    "name": N_("A request needs the name of whoever makes it, as its signature. Type your name."),
    "contact": N_(
        "A request needs a way to reach you, or nobody has to answer it. Type an e-mail address "
        "or a phone number."
    ),
    "at": N_("An address after --at is empty. Copy it from where you saw the content."),
}
_NO_LINE = {
    "name": N_("Your name must be on one line of at most {most} letters. Type it again."),
    "contact": N_("How to reach you must be on one line of at most {most} letters. Type it again."),
    "at": N_(
        "An address after --at must be one line of at most {most} letters. Copy it again from "
        "where you saw the content."
    ),
    "to": N_("The platform after --to must be one line of at most {most} letters."),
    "for": N_("The name after --for must be one line of at most {most} letters."),
}


def written(notice: Notice, form: Form, language: str) -> str:
    """Return the request as text, in "ko" or "en"."""

    def say(text: str, **values: object) -> str:
        said = translated(text, language)
        return said.format(**values) if values else said

    places = [f"{number}. {it}" for number, it in enumerate(notice.places, 1)]
    paragraphs = [
        say(_TITLES[form]),
        "\n".join(
            (
                say(N_("To: {recipient}"), recipient=notice.recipient or "_" * 30),
                say(N_("Date: {date}"), date=notice.date.isoformat()),
            )
        ),
        say(_ASKING[form]),
        "\n".join((say(N_("Where the content is:")), *places)),
        say(_whom(notice), name=notice.in_name_of),
        say(GOOD_FAITH),
    ]
    if notice.case:
        paragraphs.append(say(REGISTERED, case=notice.case))
    paragraphs += [
        say(N_("How to reach me: {contact}"), contact=notice.contact),
        say(SIGNED, name=notice.name),
    ]
    return "\n\n".join(paragraphs) + "\n"


def _whom(notice: Notice) -> str:
    if notice.in_name_of:
        return FAKE_OF_OTHER if notice.is_fake else OF_OTHER
    return FAKE_OF_ME if notice.is_fake else OF_ME


_TITLES = {
    Form.US: N_("Request to remove an intimate image (TAKE IT DOWN Act, section 3)"),
    Form.KOREA: N_(
        "Report and request to delete illegally filmed material (Telecommunications Business Act, "
        "article 22-5)"
    ),
    Form.PLAIN: N_("Request to remove an intimate image"),
}
_ASKING = {
    Form.US: N_(
        "Please remove the content below as soon as possible and at the latest within 48 hours of "
        "this request, and make reasonable efforts to find and remove known identical copies, as "
        "section 3 of the TAKE IT DOWN Act asks of you."
    ),
    Form.KOREA: N_(
        "Please delete the content below, or block access to it, without delay, as article 22-5 of "
        "the Telecommunications Business Act asks of you, and tell me what you did."
    ),
    Form.PLAIN: N_(
        "Please remove the content below and known identical copies of it as soon as possible, "
        "within 48 hours if you can, and tell me what you did."
    ),
}
OF_ME = N_("It is an intimate image of me, which was published without my consent.")
FAKE_OF_ME = N_(
    "It is an intimate image that was made or changed to look like me (a deepfake), and was "
    "published without my consent."
)
OF_OTHER = N_(
    "It is an intimate image of {name}, which was published without their consent. They have "
    "authorised me to make this request for them."
)
FAKE_OF_OTHER = N_(
    "It is an intimate image that was made or changed to look like {name} (a deepfake), and was "
    "published without their consent. They have authorised me to make this request for them."
)
GOOD_FAITH = N_(
    "I believe in good faith that there was no consent to its being published, and what is said "
    "here is true to the best of my knowledge."
)
REGISTERED = N_(
    "Hashes of it are registered under case number {case}, by which copies can be recognised "
    "without anybody sending the image."
)
SIGNED = N_("Signed electronically by: {name}")
