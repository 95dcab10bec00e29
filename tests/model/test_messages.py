"""Korean is spoken where it is asked for, English elsewhere, and each context has its own."""

import asyncio
import contextvars

import pytest

from hashreg.model.messages import language, preferred_language, tr, use_language

SENTENCE = "{place} must be text."


def is_korean(text: str) -> bool:
    return any("가" <= letter <= "힣" for letter in text)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "KO_kr"}, "ko"),
        ({"LANG": "ko.UTF-8"}, "ko"),
        ({"LANG": "ko@latin"}, "ko"),
        ({"LANG": "ko-KR"}, "ko"),
        ({"LANG": "kok_IN"}, "en"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANGUAGE": "ko:en", "LANG": "en_US"}, "ko"),
        ({"LANGUAGE": "en:ko", "LANG": "ko_KR"}, "en"),
        ({"LC_MESSAGES": "ko_KR", "LANG": "en_US"}, "ko"),
        ({"LC_MESSAGES": "en_US", "LANG": "ko_KR"}, "en"),
        ({"LC_ALL": "en_US", "LC_MESSAGES": "ko_KR", "LANG": "ko_KR"}, "en"),
        ({"LC_ALL": "ko_KR", "LC_MESSAGES": "en_US"}, "ko"),
        ({"LC_ALL": "", "LANG": "ko_KR"}, "ko"),
        ({"LC_CTYPE": "ko_KR.UTF-8"}, "en"),
    ],
)
def test_the_environment_says_the_language_as_posix_does(
    environ: dict[str, str], wanted: str
) -> None:
    assert preferred_language(environ) == wanted


def test_a_sentence_comes_in_the_language_in_use_with_its_names_filled() -> None:
    use_language("ko")
    assert language() == "ko"
    korean = tr(SENTENCE, place="items[3]")
    assert is_korean(korean)
    assert "items[3]" in korean
    use_language("en")
    assert tr(SENTENCE, place="items[3]") == "items[3] must be text."


@pytest.mark.parametrize("unknown", ["", "fr", "KO", "../ko", "ko_KR"])
def test_a_language_that_is_not_spoken_falls_back_to_english(unknown: str) -> None:
    use_language("ko")
    use_language(unknown)
    assert language() == "en"


def test_a_sentence_without_a_translation_stays_as_it_is() -> None:
    use_language("ko")
    assert tr("examplegram {x}", x=1) == "examplegram 1"
    assert tr("braces {stay} where nothing is filled in") == (
        "braces {stay} where nothing is filled in"
    )
    assert tr("") == ""  # gettext itself would answer with the catalogue's header


def test_one_context_doesnt_change_the_language_of_another() -> None:
    use_language("en")
    other = contextvars.copy_context()
    other.run(use_language, "ko")
    assert language() == "en"
    assert other.run(language) == "ko"
    assert contextvars.Context().run(language) == "en"


def test_two_requests_at_once_are_each_answered_in_their_own_language() -> None:
    async def request(wanted: str) -> str:
        use_language(wanted)
        await asyncio.sleep(0)
        return tr(SENTENCE, place="x")

    async def both() -> list[str]:
        return list(await asyncio.gather(request("ko"), request("en"), request("ko")))

    korean, english, again = asyncio.run(both())
    assert is_korean(korean)
    assert english == "x must be text."
    assert again == korean
