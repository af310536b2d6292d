"""Rooms stay small: no module over 500 lines, no function over 50 (its docstring not counted)."""

from __future__ import annotations

import ast

from tests.architecture.sources import PRODUCT, Source, python

MODULE_WALL = 500
FUNCTION_WALL = 50


def too_long(source: Source) -> list[str]:
    """Return a complaint when the module is over the wall."""
    lines = len(source.text.splitlines())
    return [f"{source.path} has {lines} lines"] if lines > MODULE_WALL else []


def long_functions(source: Source) -> list[str]:
    """Return a complaint for every function over the wall."""
    found = []
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        first = node.body[0]
        if ast.get_docstring(node) is not None:
            lines -= (first.end_lineno or first.lineno) - first.lineno + 1
        if lines > FUNCTION_WALL:
            found.append(f"{source.path}:{node.lineno} {node.name} has {lines} lines")
    return found


def test_no_module_is_over_the_wall() -> None:
    assert "\n".join(complaint for source in python() for complaint in too_long(source)) == ""


def test_no_function_is_over_the_wall() -> None:
    product = python(*PRODUCT, "dev.py", "installer", "benchmarks")
    assert "\n".join(complaint for source in product for complaint in long_functions(source)) == ""


def test_the_rules_trip_on_what_is_too_long() -> None:
    assert too_long(Source("core/a.py", "x = 1\n" * 501))
    assert not too_long(Source("core/a.py", "x = 1\n" * 500))
    body = "    x = 1\n" * 50
    assert long_functions(Source("core/a.py", f"def f():\n{body}"))
    assert long_functions(Source("core/a.py", f"class A:\n  async def f(self):\n{body}"))
    assert not long_functions(Source("core/a.py", f'def f():\n    """What."""\n{body[10:]}'))
