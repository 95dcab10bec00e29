"""The main job in Korean: what people read is Korean, what programs read stays the same."""

import re

import pytest

from support.journey import Journey

HANGUL = re.compile("[가-힣]")
ENGLISH_SENTENCE = re.compile(r"[A-Za-z][a-z']*(?: [A-Za-z][a-z']*){3,}")
NAMES = re.compile(r"\S+\.(?:hashreg|org|or\.kr)\b|--no-tokens|Take It Down")

READ_BY_PEOPLE = [
    "init",
    "moderator add",
    "register",
    "intake",
    "check",
    "no reason",
    "decide",
    "status",
    "withdraw",
    "check withdrawn",
    "purge",
    "mistyped",
]


@pytest.mark.parametrize("step", READ_BY_PEOPLE)
def test_what_people_read_is_korean(korean: Journey, step: str) -> None:
    said = korean[step].text + korean[step].errors
    assert HANGUL.search(said)
    assert not ENGLISH_SENTENCE.search(said)


def test_the_receipt_is_korean_to_its_last_line(korean: Journey) -> None:
    text = korean["register"].text
    for words in (
        "꼭 보관하세요",
        f"사건 번호  {korean.case}",
        f"복구 코드  {korean.code}",
        "파일 사건.hashreg(사진 8장)",
        "반드시 사람이 확인합니다",
        "자주 놓칩니다",
        "도움받을 곳",
        "02-735-8994",
        "1366",
        "1388",
        "takeitdown.ncmec.org",
    ):
        assert words in text
    rest = NAMES.sub("", text.replace(korean.case, "").replace(korean.code, ""))
    assert re.findall("[A-Za-z]+", rest) == []


def test_the_story_is_the_same(korean: Journey) -> None:
    assert korean["pipe"].code == 0
    assert "전에 신고된 콘텐츠 가운데 일치하는 것: 1" in korean["intake"].text
    assert korean["check"].code == 1
    assert "astronaut-messenger.jpg: 일치" in korean["check"].text
    assert "blank.png: 확인 못 함" in korean["check"].errors
    assert "broken.jpg: 열 수 없음" in korean["check"].errors
    assert "기록했습니다" in korean["decide"].text
    assert "발견되어 차단됨: 1" in korean["status"].text
    assert "철회되었습니다" in korean["withdraw"].text
    assert korean["check withdrawn"].code == 0


def test_what_programs_read_is_the_same_in_every_language(korean: Journey) -> None:
    assert korean.object("platform add")["platform"] == "바다"
    assert korean["pipe"].lines[0]["tier"] is None
    (waiting,) = korean["queue"].lines
    assert waiting["platform"] == "바다"
    assert (waiting["state"], waiting["tier"]) == ("open", "match")


def test_a_mistyped_code_is_said_in_korean_and_not_echoed(korean: Journey) -> None:
    assert korean["mistyped"].code == 2
    assert "0000-0000" not in korean["mistyped"].errors


def test_english_can_be_asked_for_on_a_korean_system(korean: Journey) -> None:
    assert korean["english"].text.startswith("Forgotten: 0 expired reports")
