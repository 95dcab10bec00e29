"""What has become of each copy, in words."""

from importlib import import_module

import pytest

from hashreg.client.standing import CopyJson
from hashreg.model.messages import use_language

say_timeline = import_module("hashreg.cli.timeline").say_timeline
AT = "2026-05-04T12:30:00+00:00"


def copy(standing: str, *steps: str, due: bool = False, reason: str | None = None) -> CopyJson:
    return {
        "standing": standing,
        "reason": reason,
        "due_at": AT if due else None,
        "steps": [{"step": step, "at": AT} for step in ("found", *steps)],
    }


def told(capsys: pytest.CaptureFixture[str], *copies: CopyJson) -> list[str]:
    use_language("en")
    say_timeline([{"platform": "examplegram", "copies": list(copies)}])
    return capsys.readouterr().out.splitlines()


def test_copies_of_which_the_same_is_to_be_said_are_told_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A picture that was uploaded hundreds of times would hide what is different."""
    waiting, ordered = copy("found"), copy("ordered", "ordered", due=True)
    lines = told(capsys, waiting, ordered, waiting, waiting)
    assert [it for it in lines if it.startswith("examplegram")] == [
        "examplegram (copies: 3):",
        "examplegram:",
    ]
    assert len(lines) == 2 + 1 + 3


def test_a_refusal_is_told_with_its_reason_and_what_follows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = copy("refused", "ordered", "refused", reason="public_interest")
    *_, last = told(capsys, refused)
    assert "refuses to remove it: it is of public interest. A person sees to that." in last


def test_what_a_newer_server_says_is_shown_as_it_says_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told(capsys, copy("melted", "ordered"))[-1] == "    melted"
