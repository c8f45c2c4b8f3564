"""Modules and functions stay small enough to read, and nothing is called utils."""

from __future__ import annotations

import ast

import pytest
from repository import PACKAGE, ROOT, modules

MODULE_LINES = 300
FUNCTION_LINES = 40
"""A function has fewer lines than this, its docstring not counted."""
VAGUE = ("utils", "util", "helpers", "helper", "misc", "common")


def long_functions(source: str) -> list[str]:
    """`name: lines` of each function that is too long."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = ast.get_docstring(node) is not None
            docstring = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            lines = (node.end_lineno or 0) - node.lineno + 1 - docstring
            if lines >= FUNCTION_LINES:
                found.append(f"{node.name}: {lines} lines")
    return found


def test_a_long_function_is_seen() -> None:
    assert long_functions("def f():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)) == ["f: 40 lines"]


def test_a_docstring_does_not_count() -> None:
    assert long_functions('def f():\n    """' + "One.\n" * FUNCTION_LINES + '    """\n    x = 1\n') == []


def test_no_module_is_longer_than_its_subject() -> None:
    sizes = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in sizes.items() if lines > MODULE_LINES} == {}


def test_no_function_is_long() -> None:
    sources = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in modules()}
    found = {name: long for name, source in sources.items() if (long := long_functions(source))}
    assert found == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in modules() if ast.get_docstring(ast.parse(path.read_text("utf-8"))) is None]
    assert silent == []


@pytest.mark.parametrize("name", VAGUE)
def test_no_module_has_a_name_for_anything(name: str) -> None:
    named = {part for path in modules() for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert name not in named
