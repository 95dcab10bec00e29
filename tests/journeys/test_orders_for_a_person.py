"""What the command line says of orders that a person has to see to."""

from contextlib import closing
from pathlib import Path

import pytest
from takedown.test_following import Story

from hashreg.model.people import Role
from hashreg.registry.sqlite import SqliteStore
from hashreg.takedown.live import RegistryIndex
from hashreg.takedown.people import add_person
from support.cases import NOW
from support.program import hashreg


@pytest.mark.parametrize(
    ("language", "for_a_person", "left"),
    [
        ("en", "Orders that a person has to see to: 1", "that are not done: 1"),
        ("ko", "사람이 살펴야 하는 요청: 1건", "끝나지 않은 요청: 1건"),
    ],
)
def test_overdue_orders_and_those_of_a_revoked_platform_are_counted(
    tmp_path: Path, language: str, for_a_person: str, left: str
) -> None:
    with closing(SqliteStore.create(tmp_path / "registry.db")) as store:
        add_person(store, Role.PLATFORM, "examplegram", NOW)
        add_person(store, Role.MODERATOR, "kim", NOW)
        Story(store, RegistryIndex()).ordered()  # long ago
    place = ("--registry", tmp_path / "registry.db", "--lang", language)
    delivered = hashreg("takedown", "deliver", *place, cwd=tmp_path)
    assert (delivered.code, for_a_person in delivered.errors) == (0, True)
    assert "hashreg takedown list --escalated" in delivered.errors
    revoked = hashreg("platform", "revoke", "examplegram", *place, cwd=tmp_path)
    assert (revoked.code, left in revoked.errors) == (0, True)
