"""Every sentence that a person can meet is there in Korean, and the files are up to date."""

import ast
import importlib.util
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from hashreg.model.errors import FILE_PROBLEM_TEXTS, FileProblem
from hashreg.model.messages import tr, use_language

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("hashreg/**/*.py"), *ROOT.glob("cli/**/*.py")])
MARKERS = {"tr", "N_"}


def _catalogue() -> ModuleType:
    """Load catalogue.py by its path: this folder bears the name of a standard module."""
    path = Path(__file__).parent / "catalogue.py"
    spec = importlib.util.spec_from_file_location("korean_catalogue", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


catalogue = _catalogue()


def forms(message: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the singular of a message, and its plural where it has one."""
    return (message,) if isinstance(message, str) else tuple(message)


def stored() -> dict[str, tuple[str, ...]]:
    """Return the committed Korean by its English, several forms where there is a plural."""
    return {forms(it.id)[0]: forms(it.string) for it in catalogue.stored() if it.id}


def placeholders(text: str) -> list[str]:
    """Return the ``{names}`` of a sentence with their conversions, in alphabetical order."""
    parts = string.Formatter().parse(text)
    return sorted(f"{name}!{how or ''}:{spec or ''}" for _, name, spec, how in parts if name)


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of ``tr`` and ``N_``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) in MARKERS:
            yield node


def test_the_catalogue_holds_every_sentence_that_is_said_and_none_besides() -> None:
    said = catalogue.our_sentences() | catalogue.click_sentences()
    assert len(said) > 100
    assert set(stored()) == {forms(message)[0] for message in said}


def test_every_sentence_has_its_korean() -> None:
    empty = [english for english, korean in stored().items() if not all(map(str.strip, korean))]
    assert empty == []
    assert not [it.id for it in catalogue.stored() if it.id and it.fuzzy]


def test_the_korean_is_korean() -> None:
    foreign = [
        english
        for english, korean in stored().items()
        if not any("가" <= letter <= "힣" for letter in korean[0])
    ]
    assert foreign == []


def test_a_translation_fills_in_the_same_names_as_the_english() -> None:
    differing = [
        it.id
        for it in catalogue.stored()
        if any(placeholders(form) != placeholders(forms(it.id)[-1]) for form in forms(it.string))
    ]
    assert differing == []  # Korean has one form for all numbers, which is the plural's


def test_a_translation_keeps_the_margins_of_the_english() -> None:
    def margins(text: str) -> tuple[bool, bool, int]:
        return text.endswith("\n"), text.startswith("\n"), len(text) - len(text.lstrip(" "))

    differing = [e for e, korean in stored().items() if margins(korean[0]) != margins(e)]
    assert differing == []


def test_the_program_reads_what_the_catalogue_says() -> None:
    assert catalogue.MO.read_bytes() == catalogue.compiled(catalogue.stored())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_stand_where_the_extraction_sees_them(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [
        call.lineno
        for text in ast.walk(tree)
        if isinstance(text, ast.JoinedStr)
        for call in calls(text)
        if call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr)
    ]
    assert inside == []  # Babel doesn't look into f-strings


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_sentence_is_one_literal_or_a_name_never_put_together(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = [
        call.lineno for call in calls(tree) if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert wrong == []


def test_every_call_that_names_its_sentence_is_in_the_catalogue() -> None:
    spoken = {
        call.args[0].value
        for path in SOURCES
        for call in calls(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call.args[0], ast.Constant)
    }
    assert len(spoken) > 100
    assert {text for text in spoken if text} - set(stored()) == set()


@pytest.mark.parametrize("problem", FileProblem)
def test_every_problem_of_a_file_is_told_in_korean(problem: FileProblem) -> None:
    english = FILE_PROBLEM_TEXTS[problem]
    use_language("ko")
    korean = tr(english)
    assert korean != english
    assert placeholders(korean) == placeholders(english)


def test_the_installed_click_still_says_the_sentences_that_are_translated() -> None:
    said = {forms(message)[0] for message in catalogue.click_sentences()}
    assert said >= {"Usage:", "Options", "Commands", "Error: {message}"}
    assert len(said) >= 0.8 * len(catalogue.CLICK)
