"""Case numbers and recovery codes survive being copied by hand; states follow one table."""

import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model.cases import (
    MATCHED_STATES,
    TRANSITIONS,
    CaseState,
    advance,
    new_case_number,
    new_recovery_code,
    parse_case_number,
    parse_recovery_code,
)
from hashreg.model.crockford import ALPHABET
from hashreg.model.errors import InvalidCode, Refused
from model.silence import echoes
from model.strategies import checked, codes, patient

TABLE = {
    "received": {"held", "active", "withdrawn"},
    "held": {"active", "refused", "withdrawn"},
    "active": {"disputed", "withdrawn"},
    "refused": {"withdrawn"},
    "disputed": {"active", "suspended", "withdrawn"},
    "suspended": {"withdrawn"},
    "withdrawn": {"erased"},
    "erased": set(),
}
"""The table of the design, spelled out: from each state, where a case may go."""

CASE, CODE = 11, 16
LOOK_ALIKES = {"0": "Oo", "1": "IiLl"}


def is_case(text: str) -> bool:
    return _accepts(text, CASE)


def is_code(text: str) -> bool:
    return _accepts(text, CODE)


def _accepts(text: str, symbols: int) -> bool:
    try:
        parse_case_number(text) if symbols == CASE else parse_recovery_code(text)
    except InvalidCode:
        return False
    return True


def test_a_new_case_number_and_recovery_code_are_what_the_receipt_says() -> None:
    for _ in range(300):
        case, code = new_case_number(), new_recovery_code()
        assert [len(group) for group in case.split("-")] == [4, 4, 4]
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4, 1]
        assert set(case + code) <= set(ALPHABET) | {"-"}
        assert parse_case_number(case) == case
        assert (parse_recovery_code(code) == code) is True


def test_the_symbols_leave_out_those_that_are_misread() -> None:
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU*~$=")


def test_codes_are_random() -> None:
    made = {new_recovery_code() for _ in range(200)}
    assert len(made) == 200
    symbols = "".join(code.replace("-", "")[:-1] for code in made)
    assert set(symbols) == set(ALPHABET)


def test_a_number_whose_check_symbol_is_no_letter_or_digit_is_never_handed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unspeakable = iter([*range(32, 37), 37 + 33, 31])
    monkeypatch.setattr(secrets, "randbits", lambda _: next(unspeakable))
    assert new_case_number() == "0000-0000-00ZZ"
    assert next(unspeakable, None) is None
    for number in range(32, 37):
        symbol = "*~$=U"[number - 32]
        assert not is_case(f"0000-0000-00{ALPHABET[number - 32]}{symbol}")
        assert not is_case(f"0000-0000-001{symbol}")


@given(codes(CASE), codes(CODE))
@patient
def test_the_check_symbol_is_the_number_modulo_37(case: str, code: str) -> None:
    assert parse_case_number(case) == case
    assert (parse_recovery_code(code) == code) is True


@given(codes(CODE), st.data())
@patient
def test_typing_it_small_spaced_unhyphenated_or_with_look_alikes_gives_the_same_code(
    code: str, data: st.DataObject
) -> None:
    typed = []
    for symbol in code:
        likes = symbol + symbol.lower() + LOOK_ALIKES.get(symbol, "")
        typed.append(data.draw(st.sampled_from(["", " ", "-", "- "])))
        typed.append("" if symbol == "-" else data.draw(st.sampled_from(likes)))
    text = data.draw(st.sampled_from(["", "\n", " \t", "\r\n"])) + "".join(typed)
    assert (parse_recovery_code(text + "\n") == code) is True


@pytest.mark.parametrize("hyphen", ["\u2013", "\u2014", "\u2212", "\uff0d", "\u3000", "\u200b"])
@pytest.mark.parametrize("wide", [False, True])
def test_a_word_processors_hyphens_and_a_korean_keyboards_wide_letters_are_read(
    hyphen: str, wide: bool
) -> None:
    for code in (new_recovery_code() for _ in range(20)):
        widened = "".join(chr(ord(c) + 0xFEE0) if wide and c != "-" else c for c in code)
        assert (parse_recovery_code(widened.replace("-", hyphen)) == code) is True


@given(codes(CODE) | codes(CASE))
@patient
def test_every_single_wrong_symbol_is_detected(code: str) -> None:
    symbols = len(code.replace("-", "")) - 1
    plain = code.replace("-", "")
    assert _accepts(plain, symbols)
    for place, right in enumerate(plain):
        wrong = [plain[:place] + s + plain[place + 1 :] for s in ALPHABET if s != right]
        assert not any(_accepts(text, symbols) for text in wrong)


@given(codes(CODE) | codes(CASE))
@patient
def test_every_swap_of_two_different_neighbours_is_detected(code: str) -> None:
    plain = code.replace("-", "")
    symbols = len(plain) - 1
    for place in range(symbols):
        one, two = plain[place], plain[place + 1]
        swapped = plain[:place] + two + one + plain[place + 2 :]
        assert _accepts(swapped, symbols) is (one == two)


@given(codes(CODE) | codes(CASE))
@patient
def test_a_missing_or_extra_symbol_is_detected(code: str) -> None:
    plain = code.replace("-", "")
    symbols = len(plain) - 1
    assert not any(_accepts(plain[:i] + plain[i + 1 :], symbols) for i in range(len(plain)))
    assert not any(_accepts(plain[:i] + "7" + plain[i:], symbols) for i in range(len(plain) + 1))


@given(st.text(max_size=30), codes(CODE), codes(CASE))
@patient
def test_neither_kind_is_taken_for_the_other_nor_rubbish_for_any(
    rubbish: str, code: str, case: str
) -> None:
    assert not is_case(code)
    assert not is_code(case)
    assert not is_code(code + rubbish + "!")
    assert not is_case("")


@given(codes(CODE), st.integers(0, 16))
@patient
def test_a_mistyped_recovery_code_is_never_repeated(code: str, place: int) -> None:
    plain = code.replace("-", "")
    wrong = "Y" if plain[place] != "Y" else "Z"
    mistyped = plain[:place] + wrong + plain[place + 1 :]
    grouped = "-".join(mistyped[i : i + 4] for i in range(0, 17, 4))
    for text in (mistyped, grouped, mistyped.lower(), code + "-AAAA"):
        if "XXXX" in text.upper():  # the form that the text itself shows
            continue
        with pytest.raises(InvalidCode) as caught:
            parse_recovery_code(text)
        assert not echoes(caught.value, text)
        assert caught.value.field == "recovery_code"


def test_a_mistyped_case_number_says_which_kind_of_code_it_is_about() -> None:
    with pytest.raises(InvalidCode) as caught:
        parse_case_number(checked(3**20, CASE)[:-1] + "!")
    assert caught.value.field == "case"
    assert "case number" in str(caught.value)


def test_the_states_are_those_of_the_design() -> None:
    assert {state.value: {to.value for to in after} for state, after in TRANSITIONS.items()} == (
        TABLE
    )
    assert {state.value for state in CaseState} == set(TABLE)


@given(st.lists(st.sampled_from(CaseState), max_size=30), st.sampled_from(CaseState))
@patient
def test_every_walk_along_the_table_is_allowed_and_every_other_step_refused(
    wishes: list[CaseState], state: CaseState
) -> None:
    for wanted in wishes:
        if wanted.value in TABLE[state.value]:
            state = advance(state, wanted)
            assert state is wanted
        else:
            with pytest.raises(Refused) as caught:
                advance(state, wanted)
            assert state.value in str(caught.value)
            assert wanted.value in str(caught.value)


@pytest.mark.parametrize(
    "state", [s for s in CaseState if s not in (CaseState.WITHDRAWN, CaseState.ERASED)]
)
def test_a_case_can_be_withdrawn_from_every_state(state: CaseState) -> None:
    withdrawn = advance(state, CaseState.WITHDRAWN)
    assert advance(withdrawn, CaseState.ERASED) is CaseState.ERASED


@pytest.mark.parametrize("state", CaseState)
def test_erased_is_the_end_and_nothing_returns_to_the_start(state: CaseState) -> None:
    with pytest.raises(Refused):
        advance(CaseState.ERASED, state)
    with pytest.raises(Refused):
        advance(state, CaseState.RECEIVED)


def test_only_active_and_disputed_cases_are_matched() -> None:
    assert {state.value for state in MATCHED_STATES} == {"active", "disputed"}
