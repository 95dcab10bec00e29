"""Where a case stands is read strictly, and an older registry's answer, too."""

import copy
from typing import Any

import pytest

from hashreg.client.standing import case_status
from hashreg.model.errors import BadAnswer

from .right_answers import CASE, STATUS


def test_an_answer_comes_out_as_it_came_in() -> None:
    assert case_status(copy.deepcopy(STATUS), CASE) == STATUS


def test_an_older_registry_tells_of_no_platform() -> None:
    older = {name: it for name, it in STATUS.items() if name not in ("platforms", "withdrawal")}
    for _ in range(2):
        found = case_status(dict(older), CASE)
        assert (found["platforms"], found["withdrawal"]) == ([], None)
        found["platforms"].append(STATUS["platforms"][0])  # type: ignore[index]


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": []},
        {"steps": [{"step": "<b>", "at": "2026-05-04T12:30:00+00:00"}]},
        {"steps": [{"step": "found", "at": "2026-05-04T12:30:00"}]},
        {"standing": "FOUND"},
        {"reason": "\x1b[2J"},
        {"due_at": "tomorrow"},
    ],
)
def test_a_copy_that_is_not_as_hashreg_tells_it_is_refused(wrong: dict[str, Any]) -> None:
    answer: Any = copy.deepcopy(STATUS)
    answer["platforms"][0]["copies"][0] |= wrong
    with pytest.raises(BadAnswer):
        case_status(answer, CASE)
