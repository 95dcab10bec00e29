"""What a platform answers is seen by the moderator, with the real program."""

import datetime as dt
from collections.abc import Callable
from contextlib import closing

from hashreg.model.matches import Ticket
from hashreg.model.people import Role
from hashreg.model.verdicts import Decision, Reason, Verdict
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.people import add_person
from hashreg.takedown.tickets import decide_as_platform, removed
from support.cases import NOW
from support.journey import Journey
from support.program import SAMPLES

BLOCKED = Decision(Verdict.BLOCKED, Reason.NON_CONSENSUAL)


def test_the_queue_says_what_a_platform_decided_and_that_it_removed_the_content(
    folder: Callable[[], Journey],
) -> None:
    journey, picture = folder(), SAMPLES / "originals" / "cat.png"
    go = journey.go
    go("register", "register", picture, "-o", "CASE.hashreg")
    go("intake", "intake", "CASE.hashreg")
    found = go("check", "check", "--report", "--platform", "examplegram", picture, "--json")
    ticket = Ticket(found.lines[0]["matches"][0]["ticket"])
    assert go("before", "review", "show", ticket, "--json").lines[0]["removed_at"] is None
    assert "removed" not in go("before human", "review", "show", ticket).text
    with closing(SqliteStore.open(journey.folder / "registry.db")) as store:
        decide_as_platform(store, ticket, BLOCKED, "examplegram", NOW)
        removed(store, ticket, "examplegram", NOW, NOW)
    entry = go("after", "review", "show", ticket, "--json").lines[0]
    assert entry["removed_at"] == "2026-05-04T12:30:00+00:00"
    assert [verdict["as"] for verdict in entry["verdicts"]] == ["platform:examplegram"]
    said = go("after human", "review", "show", ticket).text
    assert "blocked (non_consensual)  platform:examplegram" in said
    assert "removed by the platform  2026-05-04 12:30" in said


def test_an_operator_is_told_that_the_clock_was_set_back(folder: Callable[[], Journey]) -> None:
    journey = folder()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)
    with closing(SqliteStore.open(journey.folder / "registry.db")) as store:
        add_person(store, Role.MODERATOR, "from tomorrow", later)
    assert "clock was set back" in journey.go("deliver", "takedown", "deliver").errors
    assert "clock" not in journey.go("again", "takedown", "deliver").errors
