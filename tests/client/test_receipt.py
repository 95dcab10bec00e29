"""The receipt says, in either language, what to keep, what happens, what is missed, who helps."""

import pytest

from hashreg.client.receipt import addition_receipt, help_lines, not_caught, receipt
from hashreg.model.cases import new_case_number, new_recovery_code
from hashreg.model.messages import use_language

LANGUAGES = pytest.mark.parametrize("language", ["en", "ko"])


def is_korean(text: str) -> bool:
    return any("가" <= letter <= "힣" for letter in text)


@LANGUAGES
def test_the_receipt_holds_what_a_person_needs(language: str) -> None:
    use_language(language)
    case, code = new_case_number(), new_recovery_code()
    text = receipt(case, code, 7, "my {odd} case.hashreg")
    assert text.count(case) == 1
    assert (text.count(code) == 1) is True
    assert "my {odd} case.hashreg" in text
    assert "7" in text
    assert not_caught() in text
    assert help_lines() in text


@LANGUAGES
def test_every_paragraph_is_in_the_language_asked_for(language: str) -> None:
    use_language(language)
    paragraphs = receipt(new_case_number(), new_recovery_code(), 2, "x").split("\n\n")
    assert len(paragraphs) == 5
    assert {is_korean(paragraph) for paragraph in paragraphs} == {language == "ko"}


@LANGUAGES
def test_people_under_18_and_in_korea_learn_who_helps(language: str) -> None:
    use_language(language)
    lines = help_lines().splitlines()
    under_18 = [line for line in lines if "takeitdown.ncmec.org" in line]
    assert len(under_18) == 1
    assert "Take It Down" in under_18[0]
    assert "18" in under_18[0]
    assert any("1388" in line for line in lines)
    adults = [line for line in lines if "StopNCII.org" in line]
    assert len(adults) == 1
    assert adults != under_18
    assert all(number in help_lines() for number in ("02-735-8994", "1366", "d4u.stop.or.kr"))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "NOT CAUGHT",
                "blurred",
                "stretched",
                "negative",
                "small inside",
                "missed",
                "platforms",
                "tokens",
                "--no-tokens",
                "cropped",
                "tilted",
                "screenshot",
            ],
        ),
        (
            "ko",
            [
                "찾지 못하는 것",
                "흐리게",
                "늘이거나",
                "반전",
                "작게",
                "놓칩니다",
                "플랫폼",
                "토큰",
                "--no-tokens",
                "잘라",
                "기울",
                "화면",
            ],
        ),
    ],
)
def test_what_is_not_caught_is_said_plainly(language: str, words: list[str]) -> None:
    use_language(language)
    text = not_caught()
    assert [word for word in words if word not in text] == []


@LANGUAGES
def test_a_person_is_told_that_people_decide_and_the_code_is_shown_once(language: str) -> None:
    use_language(language)
    text = receipt(new_case_number(), new_recovery_code(), 1, "x")
    words = {
        "en": ["A person looks at every match", "only this once", "never left this device"],
        "ko": ["사람이", "한 번", "기기"],
    }
    assert [word for word in words[language] if word not in text] == []


@LANGUAGES
def test_an_addition_names_its_case_and_file_and_no_code(language: str) -> None:
    use_language(language)
    case = new_case_number()
    text = addition_receipt(case, 3, "more.hashreg")
    assert case in text
    assert "more.hashreg" in text
    assert "3" in text
    assert is_korean(text) is (language == "ko")
