"""dev.py runs before anything is installed, so it may lean on nothing but the standard library."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.architecture.sources import Source, imports

ROOT = Path(__file__).resolve().parents[2]
DEV = ROOT / "dev.py"


@pytest.fixture
def dev() -> ModuleType:
    """A fresh dev.py as a module, so that a test may point it at another place."""
    spec = importlib.util.spec_from_file_location("dev_under_test", DEV)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_imports_only_the_standard_library() -> None:
    text = DEV.read_text("utf-8")
    tops = {name.split(".")[0] for _, name in imports(Source("dev.py", text))}
    assert tops - set(sys.stdlib_module_names) == set()


def test_an_older_python_can_read_it_and_is_told() -> None:
    # Not a word of newer grammar, or the message about the version could never be shown.
    ast.parse(DEV.read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("arguments", [[], ["walk"], ["--help"]])
def test_anything_but_its_two_commands_is_usage(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, str(DEV), *arguments], capture_output=True, check=False)
    assert done.returncode == 2
    assert b"dev.py run" in done.stderr
    assert done.stdout == b""


def test_a_library_that_is_not_there_is_missed(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    run, test = dev.missing_packages("run"), dev.missing_packages("test")
    monkeypatch.setitem(dev.LIBRARIES, "libno-such-thing.so.0", ("libno-such-thing0",))
    monkeypatch.setitem(dev.TEST_PROGRAMS, ("no-such-program",), ("no-such-package",))
    missed = [("libno-such-thing0",)]
    assert sorted(dev.missing_packages("run")) == sorted(run + missed)
    assert sorted(dev.missing_packages("test")) == sorted([*test, *missed, ("no-such-package",)])


def test_without_rights_it_prints_the_command_and_stops(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(dev, "LIBRARIES", {"libno-such-thing.so.0": ("libno-such-thing0",)})
    monkeypatch.setattr(dev, "RUN_PROGRAMS", {})
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(SystemExit) as stopped:
        dev.ensure_system("run", needed=True)
    assert stopped.value.code == 3
    assert "apt-get install -y --no-install-recommends libno-such-thing0" in capsys.readouterr().err
    dev.ensure_system("run", needed=False)


def test_a_changed_lock_is_noticed(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, venv = tmp_path / "requirements.txt", tmp_path / "venv"
    venv.mkdir()
    lock.write_text("a==1")
    monkeypatch.setattr(dev, "LOCKS", {"run": lock})
    monkeypatch.setattr(dev, "VENV", venv)
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))
    assert not dev.is_current("run")
    dev.stamp("run").write_text(dev.fingerprint("run"), "ascii")
    assert dev.is_current("run")
    lock.write_text("a==2")
    assert not dev.is_current("run")


def test_no_display_is_seen(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert dev.has_display() is not sys.platform.startswith("linux")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert dev.has_display()


def test_the_check_of_the_repository_is_dev_test_and_nothing_else() -> None:
    path = ROOT / ".ci" / "run"
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec python3 dev.py test"]
    assert os.access(path, os.X_OK)
