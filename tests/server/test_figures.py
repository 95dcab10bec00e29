"""The public statistics: without a key, without scripts, in both languages."""

import pytest

from hashreg.model.messages import use_language
from hashreg.server.figures import _page
from hashreg.takedown.figures import COLUMNS, PlatformFigures

from .house import House


def test_everybody_may_see_them(at: House) -> None:
    with at.client() as client:
        page, table = client.get("/statistics"), client.get("/statistics.csv")
        told = client.get("/v1/takedown-statistics").json()
    assert page.status_code == table.status_code == 200
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    assert table.text.splitlines()[0] == ",".join(COLUMNS)
    assert told["masked_below"] == 5


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "What platforms do about their orders"), ("ko", "플랫폼의 삭제 요청 처리 현황")],
)
def test_they_speak_both_languages(at: House, language: str, title: str) -> None:
    with at.client(**{"Accept-Language": language}) as client:
        page = client.get("/statistics")
    assert f'<html lang="{language}">' in page.text
    assert title in page.text


def test_a_name_is_no_markup_and_bars_are_as_long_as_they_say() -> None:
    use_language("en")
    its = [
        PlatformFigures("<b>x</b>", 100, 25, 0.25, 3.5, 5, 5, 0, 9, 9),
        PlatformFigures("masked", *[None] * 9),
    ]
    page = _page(its, "en")
    assert "<b>" not in page
    assert 'class="part" width="50"' in page
    assert "25%" in page
    assert page.count("–") == 9
