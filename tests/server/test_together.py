"""Look-ups that arrive together get the answers that each would get alone."""

import asyncio
from collections.abc import Sequence
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.fingerprints import Fingerprint
from hashreg.model.matches import Tier
from hashreg.server.together import AT_ONCE, Found, Together
from support.cases import only_pdq, picture, seeded

SOME = [only_pdq(picture(seeded(number))) for number in range(6)]


def named(asked: Sequence[Fingerprint], tier: Tier) -> Found:
    """Answer each fingerprint by its place among those that are asked, and the tier."""
    return cast("Found", [[(SOME.index(it), tier)] for it in asked])


async def asked_at_once(
    together: Together, questions: Sequence[tuple[Sequence[Fingerprint], Tier]]
) -> list[Found | BaseException]:
    asking = [together.find(asked, tier) for asked, tier in questions]
    return await asyncio.gather(*asking, return_exceptions=True)


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(SOME), max_size=5), st.sampled_from(Tier)), max_size=30
    )
)
def test_everybody_gets_their_own_answer(
    questions: list[tuple[list[Fingerprint], Tier]],
) -> None:
    told = asyncio.run(asked_at_once(Together(named), questions))
    assert told == [named(asked, tier) for asked, tier in questions]


def test_those_who_ask_at_the_same_moment_are_searched_together_and_not_too_many() -> None:
    searches: list[int] = []

    def counted(asked: Sequence[Fingerprint], tier: Tier) -> Found:
        searches.append(sum(len(it.hashes) for it in asked))
        return named(asked, tier)

    asyncio.run(asked_at_once(Together(counted), [(SOME[:1], Tier.MATCH)] * 8))
    assert len(searches) == 1
    searches.clear()
    asyncio.run(asked_at_once(Together(counted), [(SOME, Tier.MATCH)] * 200))
    one = sum(len(it.hashes) for it in SOME)
    assert sum(searches) == 200 * one
    assert max(searches) < AT_ONCE + one


def test_a_search_that_fails_is_told_to_those_who_asked_and_to_nobody_else() -> None:
    def odd(asked: Sequence[Fingerprint], tier: Tier) -> Found:
        if tier is Tier.REVIEW:
            raise ValueError("broken")
        return named(asked, tier)

    together = Together(odd)
    questions = [(SOME[:1], Tier.REVIEW), (SOME[:2], Tier.MATCH), (SOME[1:2], Tier.REVIEW)]
    first, second, third = asyncio.run(asked_at_once(together, questions))
    assert isinstance(first, ValueError)
    assert isinstance(third, ValueError)
    assert second == named(SOME[:2], Tier.MATCH)
    assert asyncio.run(asked_at_once(together, questions[1:2])) == [second]


def test_who_has_gone_away_keeps_nobody_from_an_answer() -> None:
    async def play() -> Found:
        together = Together(named)
        gone = asyncio.ensure_future(together.find(SOME[:1], Tier.MATCH))
        stays = asyncio.ensure_future(together.find(SOME[1:3], Tier.MATCH))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert asyncio.run(play()) == named(SOME[1:3], Tier.MATCH)
