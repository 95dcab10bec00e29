"""The edit suite in small: a change that finds less, or that finds strangers, is seen at once."""

import pytest
from edits import EDITS, TIERS

from accuracy.dose import MOST_POINTS, Table, fallen, measured, stored


@pytest.mark.timeout(900)  # a minute where nothing else runs
def test_no_tier_falls_and_nothing_is_taken_for_another_picture() -> None:
    table, false_hits = measured()
    assert fallen(table, stored()) == []
    assert false_hits == 0


@pytest.mark.parametrize("edits", TIERS)
@pytest.mark.parametrize("tier", ["match", "review"])
def test_a_fall_by_more_than_two_points_is_named(edits: str, tier: str) -> None:
    def with_share(change: float) -> Table:
        table = {name: dict(shares) for name, shares in stored().items()}
        table[edits][tier] += change
        return table

    assert fallen(with_share(-MOST_POINTS), stored()) == []
    assert fallen(with_share(+1), stored()) == []
    assert len(fallen(with_share(-MOST_POINTS - 0.01), stored())) == 1


def test_the_stored_table_has_every_tier() -> None:
    assert list(stored()) == list(TIERS)
    assert [len([it for it in EDITS if it.tier == tier]) for tier in TIERS] == [19, 13, 27]
