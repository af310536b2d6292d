"""What is imported is declared: the product by pyproject.toml, the tests by the test lock."""

from __future__ import annotations

import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import PRODUCT, ROOT, Source, imports, python

OWN = {"app", "core", "hub", "ui", "resources", "tests", "benchmarks", "installer", "dev"}


def declared(*groups: str) -> set[str]:
    """Return the distributions that pyproject.toml names, with those of the optional ``groups``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = list(project["dependencies"])
    for group in groups:
        lines += project["optional-dependencies"][group]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@cache
def owners() -> dict[str, list[str]]:
    """Return who brings which top-level name; asking it reads every installed distribution."""
    return dict(packages_distributions())


def undeclared(source: Source, allowed: set[str]) -> list[str]:
    """Return every import of ``source`` whose distribution is not among ``allowed``."""
    found = []
    for line, name in imports(source):
        top = name.split(".")[0]
        if not top or top in OWN or top in sys.stdlib_module_names:
            continue
        if not {canonicalize_name(owner) for owner in owners().get(top, [top])} & allowed:
            found.append(f"{source.path}:{line} {top}")
    return found


def test_the_product_imports_only_what_it_declares() -> None:
    allowed = declared() | {"shiboken6"}
    sources = python(*PRODUCT)
    assert "\n".join(complaint for source in sources for complaint in undeclared(source, allowed)) == ""


def test_the_tests_import_only_what_they_declare() -> None:
    allowed = declared("test") | {"shiboken6"}
    sources = python("tests", "benchmarks")
    assert "\n".join(complaint for source in sources for complaint in undeclared(source, allowed)) == ""


def test_an_undeclared_import_trips_the_rule() -> None:
    assert undeclared(Source("core/a.py", "import pytest"), declared()) == ["core/a.py:1 pytest"]
    assert undeclared(Source("core/a.py", "import no_such_thing"), declared()) != []
    assert undeclared(Source("core/a.py", "import json, PIL\nfrom core import ids"), declared()) == []
