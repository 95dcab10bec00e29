"""Every error is one of ours, says what happened in the right language, and crosses processes."""

import json
import pickle
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashreg.model import errors
from hashreg.model.errors import (
    FILE_PROBLEM_TEXTS,
    BadAnswer,
    FileProblem,
    Forbidden,
    HashregError,
    InvalidCode,
    InvalidDocument,
    InvalidHash,
    InvalidInput,
    InvalidReport,
    MissingExtra,
    NotFound,
    Refused,
    RegistryUnavailable,
    ServerRefused,
    ServerUnavailable,
    TooLarge,
    TooManyRequests,
    TooSlow,
    Unauthorized,
    UnreadableFile,
    UnsupportedMedia,
    UnusableIndex,
)
from hashreg.model.messages import use_language
from model.strategies import patient

VALUES = {"limit": 7, "mode": "XYZ", "quality": 12, "least": 50}
TREE = {
    InvalidInput: (HashregError, "invalid_input"),
    InvalidHash: (InvalidInput, "invalid_hash"),
    InvalidCode: (InvalidInput, "invalid_code"),
    InvalidDocument: (InvalidInput, "invalid_document"),
    InvalidReport: (InvalidInput, "invalid_report"),
    NotFound: (HashregError, "not_found"),
    Refused: (HashregError, "refused"),
    RegistryUnavailable: (HashregError, "registry_unavailable"),
    Unauthorized: (HashregError, "unauthorized"),
    Forbidden: (HashregError, "forbidden"),
    TooLarge: (HashregError, "too_large"),
    TooSlow: (HashregError, "too_slow"),
    UnsupportedMedia: (HashregError, "unsupported_media_type"),
    TooManyRequests: (HashregError, "too_many_requests"),
    ServerUnavailable: (HashregError, "server_unavailable"),
    ServerRefused: (HashregError, "server_refused"),
    BadAnswer: (HashregError, "bad_answer"),
    MissingExtra: (HashregError, "missing_extra"),
    UnusableIndex: (HashregError, "unusable_index"),
}
"""Each class with its parent and the code that other tools see; beside them UnreadableFile."""


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_tree_is_the_one_that_is_drawn() -> None:
    ours = {it for it in vars(errors).values() if isinstance(it, type)}
    found = {it for it in ours if issubclass(it, BaseException)}
    assert found == {HashregError, UnreadableFile, *TREE}
    assert UnreadableFile.__bases__ == (HashregError,)
    for kind, (parent, code) in TREE.items():
        assert kind.__bases__ == (parent,)
        assert kind.code == code
    assert len({code for _, code in TREE.values()}) == len(TREE)


def test_the_drawing_names_every_class() -> None:
    assert errors.__doc__ is not None
    for kind in (*TREE, UnreadableFile, HashregError):
        assert kind.__name__ in errors.__doc__


@pytest.mark.parametrize("kind", TREE)
def test_every_error_has_one_shape_in_json(kind: type[HashregError]) -> None:
    error = kind("{place} must be text.", field="x", place="here")
    assert json.loads(json.dumps(error.as_json())) == {
        "code": TREE[kind][1],
        "message": "here must be text.",
    }
    assert error.field == "x"


@pytest.mark.parametrize("problem", FileProblem)
def test_every_problem_of_a_file_has_a_text_and_a_code(problem: FileProblem) -> None:
    text = FILE_PROBLEM_TEXTS[problem]
    error = UnreadableFile(problem, **{name: VALUES[name] for name in names_in(text)})
    assert error.code == problem.value
    assert error.as_json() == {"code": problem.value, "message": str(error)}
    assert str(error)
    assert not set(str(error)) & set("{}")


def test_no_text_is_left_over_for_a_problem_that_is_gone() -> None:
    assert set(FILE_PROBLEM_TEXTS) == set(FileProblem)
    assert len(set(FILE_PROBLEM_TEXTS.values())) == len(FileProblem)


def test_an_error_speaks_the_language_of_the_moment_it_is_shown_in() -> None:
    error = UnreadableFile(FileProblem.FILE_TOO_LARGE, limit=200)
    english = str(error)
    use_language("ko")
    korean = str(error)
    assert "200 MB" in english
    assert "200" in korean
    assert any("가" <= letter <= "힣" for letter in korean)
    assert error.as_json()["message"] == korean
    use_language("en")
    assert str(error) == english


@pytest.mark.parametrize("problem", FileProblem)
def test_an_unreadable_file_crosses_processes_with_its_words(problem: FileProblem) -> None:
    error = UnreadableFile(problem, **VALUES)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(again) is UnreadableFile
    assert (again.problem, again.code, again.field, again.values, str(again)) == (
        problem,
        problem.value,
        "file",
        VALUES,
        str(error),
    )


@given(st.text(), st.text())
@patient
def test_braces_in_a_value_are_text_and_no_placeholder(value: str, name: str) -> None:
    error = Refused("{place} must be text.", place=f"{{{value}}}{name}")
    assert str(error) == f"{{{value}}}{name} must be text."
