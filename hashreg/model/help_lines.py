"""Where people find help: on the receipt of the command line and on the victims' page."""

from dataclasses import dataclass

from hashreg.model.messages import N_


@dataclass(frozen=True, slots=True)
class HelpLine:
    """Somebody who helps. ``name`` and ``where`` are sentences of the catalogue."""

    name: str
    where: str
    phone: str | None = None
    address: str | None = None
    """A web address, with https://."""


HELP_LINES = (
    HelpLine(N_("Police"), N_("Korea, if you are in danger or blackmailed"), "112"),
    HelpLine(
        N_("Digital Sex Crime Victim Support Center"),
        N_("Korea, day and night"),
        "02-735-8994",
        "https://d4u.stop.or.kr",
    ),
    HelpLine(N_("Women's Emergency Hotline"), N_("Korea, day and night"), "1366"),
    HelpLine(N_("Youth Hotline"), N_("Korea, for young people"), "1388"),
    HelpLine(
        N_("Take It Down"),
        N_("anywhere in the world, if you are under 18 in the picture"),
        address="https://takeitdown.ncmec.org",
    ),
    HelpLine(
        "StopNCII.org",  # a name that is the same everywhere
        N_("anywhere in the world, if you are 18 or over"),
        address="https://stopncii.org",
    ),
)
