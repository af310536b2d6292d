"""Names that say nothing are not used, and only the program's edge prints."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

import pytest

from tests.architecture.sources import PRODUCT, Source, python

VAGUE = {"manager", "managers", "helper", "helpers", "util", "utils", "misc", "common", "controller"}
# The certificate's manager (证书管理人) is a word of the trade: in fields and functions only.
TRADE = {"manager", "managers"}


def words(name: str) -> set[str]:
    """Split ``snake_case`` and ``CamelCase`` into lower-case words."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def vague_names(source: Source) -> list[str]:
    """Return every vague name of a room, a class or a function."""
    found = [
        f"{source.path}: {part}"
        for part in PurePosixPath(source.path).with_suffix("").parts
        if words(part) & VAGUE
    ]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and words(node.name) & VAGUE:
            found.append(f"{source.path}:{node.lineno} class {node.name}")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and words(node.name) & (VAGUE - TRADE):
            found.append(f"{source.path}:{node.lineno} def {node.name}")
    return found


def prints(source: Source) -> list[str]:
    """Return every call of print."""
    return [
        f"{source.path}:{node.lineno} print"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_no_name_is_vague() -> None:
    assert "\n".join(complaint for source in python() for complaint in vague_names(source)) == ""


def test_core_hub_and_ui_do_not_print() -> None:
    rooms = [top for top in PRODUCT if top != "app.py"]
    assert "\n".join(complaint for source in python(*rooms) for complaint in prints(source)) == ""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("core/utils.py", ""),
        ("core/common/spec.py", ""),
        ("core/a.py", "class CaseManager: ..."),
        ("core/a.py", "class HTTPController: ..."),
        ("core/a.py", "def form_helper(): ..."),
        ("core/a.py", "class A:\n    async def misc(self): ..."),
    ],
)
def test_a_vague_name_trips_the_rule(path: str, text: str) -> None:
    assert vague_names(Source(path, text)) != []


def test_trade_words_and_prose_do_not() -> None:
    text = "def manager_name(): ...\nclass Managed: ...\ncommonly = 1"
    assert vague_names(Source("core/a.py", text)) == []


def test_a_print_trips_the_rule() -> None:
    assert prints(Source("core/a.py", "def f():\n    print('x')")) != []
    assert prints(Source("core/a.py", "case.print(); blueprint('x')")) == []
