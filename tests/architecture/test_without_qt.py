"""core and hub are importable where Qt is not: every module of both, in a process that refuses PySide6."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.sources import ROOT, python

PROGRAM = """
import importlib, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6"}:
            raise ImportError("Qt is not to be had here: " + name)
        return None

sys.meta_path.insert(0, Refuse())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
# Runs only inside alembic, which gives it a connection; its imports are checked like all others by direction.
WITHIN_ALEMBIC = "env"


def import_all(*names: str) -> subprocess.CompletedProcess[str]:
    """Import ``names`` in a fresh process without Qt."""
    command = [sys.executable, "-c", PROGRAM, *names]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_core_and_hub_are_importable_without_qt() -> None:
    names = [source.module for source in python("core", "hub")]
    names = [name for name in names if name.rpartition(".")[2] not in {WITHIN_ALEMBIC, "__main__"}]
    assert len(names) > 5
    done = import_all(*names)
    assert done.returncode == 0, done.stderr


def test_the_process_does_refuse_qt() -> None:
    done = import_all("PySide6.QtCore")
    assert done.returncode != 0
    assert "Qt is not to be had here" in done.stderr
