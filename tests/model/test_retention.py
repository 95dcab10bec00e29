"""How long things are kept: one table, which the docs show as it is."""

import datetime as dt
from pathlib import Path

import pytest

from hashreg.model.messages import use_language
from hashreg.model.retention import ANSWERS_KEPT, REPORTS_KEPT, RETENTION, Retention, Until
from hashreg.takedown.report import RETENTION as KEPT_BY_DEFAULT

PAGE = Path(__file__).parents[2] / "docs" / "retention.md"
TABLE = {it.name: it for it in RETENTION}


def shown(it: Retention) -> str:
    return f"| {it.what} | {it.in_words()} | {it.why} |"


def test_the_docs_show_the_table_as_it_is() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    assert rows[2:] == [shown(it) for it in RETENTION]


def test_each_kind_has_a_name_of_its_own() -> None:
    assert len(TABLE) == len(RETENTION)
    assert all(name.isidentifier() for name in TABLE)


@pytest.mark.parametrize("it", RETENTION, ids=TABLE)
def test_a_time_is_given_exactly_where_something_expires(it: Retention) -> None:
    assert (it.kept is not None) == (it.until is Until.EXPIRY)
    assert it.kept is None or it.kept > dt.timedelta(0)
    use_language("en")
    assert it.in_words()
    assert it.why.endswith(".")


def test_what_runs_uses_the_tables_numbers() -> None:
    assert TABLE["reports"].kept == REPORTS_KEPT == KEPT_BY_DEFAULT == dt.timedelta(days=90)
    assert TABLE["answers"].kept == ANSWERS_KEPT == dt.timedelta(hours=24)
    assert TABLE["alignment_handles"].kept == dt.timedelta(minutes=5)


def test_times_in_words_and_in_seconds() -> None:
    expiring = [it for it in RETENTION if it.until is Until.EXPIRY]
    assert {it.name: (it.in_words(), it.as_json()["seconds"]) for it in expiring} == {
        "reports": ("90 days", 90 * 86400),
        "probes": ("90 days", 90 * 86400),
        "recalls": ("30 days", 30 * 86400),
        "alignment_handles": ("5 minutes", 300),
        "challenges": ("5 minutes", 300),
        "answers": ("24 hours", 86400),
    }
    assert TABLE["look_ups"].as_json() == {"until": "never_kept", "seconds": None}
