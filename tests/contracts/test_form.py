"""How the source is laid out: small files, small functions, a sentence on top of each."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("hashreg/**/*.py"), *ROOT.glob("cli/**/*.py")])
CHECKED = sorted([*SOURCES, *ROOT.glob("tests/**/*.py"), *ROOT.glob("benchmarks/*.py")])
MOST_LINES = 400
MOST_LINES_A_FUNCTION = 45

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def public_functions(tree: ast.Module) -> Iterator[Function]:
    """Yield functions and methods that others may call; protocols explain themselves as a whole."""
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) and is_public(node) else [node]
        for it in inner:
            if isinstance(it, Function) and is_public(it) and "..." not in ast.unparse(it.body[-1]):
                yield it


def is_public(node: Function | ast.ClassDef) -> bool:
    return not node.name.startswith("_")


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full name of every module that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "" if not node.level else "."


def test_the_source_is_found() -> None:
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_says_on_top_what_it_is_for_and_stays_small(path: Path) -> None:
    tree = parsed(path)
    assert (ast.get_docstring(tree) or "").strip()
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    long = {
        function.name: lines
        for function in functions(tree)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > MOST_LINES_A_FUNCTION
    }
    assert long == {}


@pytest.mark.parametrize("path", CHECKED, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_command_line_is_imported_as_it_is_installed(path: Path) -> None:
    names = set(imported(parsed(path)))
    assert not {name for name in names if name == "cli" or name.startswith("cli.")}


def test_at_least_95_of_100_public_functions_say_what_they_do() -> None:
    public = [function for path in SOURCES for function in public_functions(parsed(path))]
    said = [function for function in public if ast.get_docstring(function)]
    assert len(public) > 100
    assert len(said) >= 0.95 * len(public)
