"""What an operator says on the page is shown, and a mistake in it is named."""

import json
from pathlib import Path

import pytest

from hashreg.model.errors import InvalidInput
from hashreg.page.build import page
from hashreg.page.settings import default_settings, read_settings

LINE = {"name": {"ko": "도움", "en": "Help"}, "where": {"ko": "부산", "en": "Busan"}}


def written(folder: Path, value: object) -> Path:
    path = folder / "page.json"
    path.write_text(json.dumps(value))
    return path


def test_without_settings_people_in_korea_and_children_find_help() -> None:
    shown = default_settings().help_lines
    assert {"02-735-8994", "1366", "1388"} <= {it.phone for it in shown}
    assert "https://takeitdown.ncmec.org" in {it.address for it in shown}
    assert all(it.name["ko"] and it.name["en"] for it in shown)


def test_an_operators_help_lines_take_the_place_of_ours(tmp_path: Path) -> None:
    line = LINE | {"phone": "+82 51 123-4567", "address": "https://help.example/ko"}
    settings = read_settings(
        written(tmp_path, {"help_lines": [line], "address": "https://registry.example"})
    )
    assert [it.name["ko"] for it in settings.help_lines] == ["도움"]
    text = page(settings, saved=True).decode()
    assert "+82 51 123-4567" in text
    assert "https://registry.example" in text
    assert "02-735-8994" not in text


def test_what_is_left_out_stays_as_it_is(tmp_path: Path) -> None:
    assert read_settings(written(tmp_path, {})) == default_settings()


def test_nothing_an_operator_writes_can_end_the_element_it_stands_in(tmp_path: Path) -> None:
    name = {"ko": "</script><b>", "en": "<!--"}
    settings = read_settings(written(tmp_path, {"help_lines": [LINE | {"name": name}]}))
    text = page(settings, saved=True)
    assert b"</script><b>" not in text
    assert b"<!--" not in text


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "JSON"),
        ({"adress": "https://a.example"}, "JSON"),
        ({"address": "http://a.example"}, "address"),
        ({"address": "javascript:alert(1)"}, "address"),
        ({"leave_to": "https://a.example/ b"}, "leave_to"),
        ({"leave_to": 5}, "leave_to"),
        ({"help_lines": {}}, "help_lines"),
        ({"help_lines": [LINE] * 21}, "help_lines"),
        ({"help_lines": [LINE | {"name": "Help"}]}, "help_lines[0].name"),
        ({"help_lines": [LINE | {"name": {"ko": "도움"}}]}, "help_lines[0].name.en"),
        ({"help_lines": [LINE | {"name": {"ko": "", "en": "Help"}}]}, "help_lines[0].name"),
        ({"help_lines": [LINE | {"name": {"ko": "\ud800", "en": "Help"}}]}, "help_lines[0].name"),
        ({"help_lines": [LINE, LINE | {"phone": "call me"}]}, "help_lines[1].phone"),
        ({"help_lines": [LINE | {"address": "data:text/html,x"}]}, "help_lines[0].address"),
        ({"help_lines": [LINE | {"colour": "red"}]}, "help_lines[0]"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, value: object, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_settings(written(tmp_path, value))
    assert caught.value.field == field


def test_a_file_that_is_not_there_or_no_json_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_settings(tmp_path / "nowhere.json")
    (tmp_path / "page.json").write_text("{")
    with pytest.raises(InvalidInput):
        read_settings(tmp_path / "page.json")
