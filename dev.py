#!/usr/bin/env python3
"""The two commands of this project, with all the set-up they need.

    python3 dev.py run  [args…]     no arguments: the window; else the verbs of app.py (run --help)
    python3 dev.py test [args…]     ruff, mypy, every test; --quick leaves out the slow ones,
                                    what else is given goes to pytest

Standard library only, because it runs before anything is installed. It makes .venv, installs the
hash-pinned lock with the index that the machine's own pip settings name, and on Linux tries to load each
system library that Qt and the tests need: what is missing is installed by apt where rights allow, else the
exact command is printed. Everything set-up says goes to standard error, so that standard output belongs
to the program that was asked for. Exit codes of its own: 2 usage, 3 the machine lacks something.
"""

from __future__ import annotations

import ctypes
import glob
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCKS = {
    "run": ROOT / "requirements.txt",
    "test": ROOT / "requirements-test.txt",
    "build": ROOT / "requirements-build.txt",  # installer/build.py, in a .venv of its own
}
ENVIRONMENT = 3
USAGE = 2

# What to load -> the Debian packages that hold it, newer name first (the 64-bit time_t change renamed some).
LIBRARIES = {
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libEGL.so.1": ("libegl1",),
    "libGL.so.1": ("libgl1",),
    "libdbus-1.so.3": ("libdbus-1-3",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libbrotlidec.so.1": ("libbrotli1",),
    "libxkbcommon.so.0": ("libxkbcommon0",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-image.so.0": ("libxcb-image0",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-render-util.so.0": ("libxcb-render-util0",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
    "libxcb-xkb.so.1": ("libxcb-xkb1",),
    "libwayland-cursor.so.0": ("libwayland-cursor0",),
    "libcups.so.2": ("libcups2t64", "libcups2"),
}
# The browser driver of the tests brings a Node.js that is linked to these.
TEST_LIBRARIES = {"libatomic.so.1": ("libatomic1",), "libstdc++.so.6": ("libstdc++6",)}
# Programs: any of these names -> the package. The first table serves the window, the second the tests.
RUN_PROGRAMS: dict[tuple[str, ...], tuple[str, ...]] = {("lp",): ("cups-client",)}
TEST_PROGRAMS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("Xvfb",): ("xvfb",),
    ("xauth",): ("xauth",),
    ("xdotool",): ("xdotool",),
    ("openbox",): ("openbox",),
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"): (
        "chromium",
        "chromium-browser",
    ),
    ("pdftotext",): ("poppler-utils",),
    ("fc-list",): ("fontconfig",),
    ("strace",): ("strace",),
    ("dbus-daemon",): ("dbus",),
    ("fcitx5",): ("fcitx5",),
}
# Files that no program of that name stands for -> the package.
TEST_FILES = {
    "/usr/libexec/at-spi2-registryd": ("at-spi2-core",),
    "/usr/lib/*/fcitx5/libpinyin.so": ("fcitx5-pinyin",),
}
# What installer/build.py needs; a test builds, installs and drives the program.
BUILD_PROGRAMS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("objdump",): ("binutils",),
    ("xz",): ("xz-utils",),
    ("dpkg-deb",): ("dpkg",),
    ("makensis",): ("nsis",),
}


def say(text: str) -> None:
    """Write one line of set-up talk to standard error."""
    print(f"[dev] {text}", file=sys.stderr, flush=True)


def run_quietly(command: list[str]) -> bool:
    """Run ``command``; return whether it succeeded. Its words are shown only when it failed."""
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout.decode("utf-8", "replace")[-6000:])
        sys.stderr.flush()
    return done.returncode == 0


# --- system packages ---


def loads(soname: str) -> bool:
    """Return whether the dynamic loader finds ``soname``."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing_packages(mode: str) -> list[tuple[str, ...]]:
    """Return the package alternatives for everything ``mode`` needs that this machine does not have."""
    needs: list[tuple[str, ...]] = []
    if importlib.util.find_spec("ensurepip") is None and not has_pip():
        needs.append((f"python3.{sys.version_info[1]}-venv", "python3-venv"))
    if not sys.platform.startswith("linux"):
        return needs
    libraries = {**LIBRARIES, **(TEST_LIBRARIES if mode == "test" else {})}
    needs += [packages for soname, packages in libraries.items() if not loads(soname)]
    programs = {**RUN_PROGRAMS, **(TEST_PROGRAMS if mode == "test" else {})}
    if mode != "run":
        programs.update(BUILD_PROGRAMS)
        needs += missing_libpython()
    for names, packages in programs.items():
        if not any(shutil.which(name) for name in names):
            needs.append(packages)
    if mode == "test":
        needs += [packages for pattern, packages in TEST_FILES.items() if not glob.glob(pattern)]
    return needs


def missing_libpython() -> list[tuple[str, ...]]:
    """Return the package of this Python's shared library, which a bundle holds, where it is not there."""
    name = str(sysconfig.get_config_var("INSTSONAME") or "")
    if ".so" not in name:
        return []  # built without one: PyInstaller will say so
    places = [str(sysconfig.get_config_var(key) or "") for key in ("LIBDIR", "LIBPL")]
    if loads(name) or any((Path(place) / name).exists() for place in places if place):
        return []
    return [(f"libpython3.{sys.version_info[1]}",)]


def apt_prefix() -> list[str] | None:
    """Return what to put before apt-get to have the rights (perhaps nothing); None without them."""
    if not shutil.which("apt-get"):
        return None
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def known_name(alternatives: tuple[str, ...]) -> str:
    """Return the first of ``alternatives`` that this release of Debian can install (else the last)."""
    for name in alternatives:
        shown = subprocess.run(["apt-cache", "policy", name], capture_output=True, text=True, check=False)
        if "Candidate:" in shown.stdout and "Candidate: (none)" not in shown.stdout:
            return name
    return alternatives[-1]


def ensure_system(mode: str, *, needed: bool) -> None:
    """Install what the machine lacks, or print the command and, where ``needed``, stop with exit code 3."""
    needs = missing_packages(mode)
    if not needs:
        return
    prefix = apt_prefix()
    if prefix is not None:
        say("读取软件包列表 · apt-get update")
        options = ["-o", "DPkg::Lock::Timeout=300"]
        # Its failure is passed over: one dead third-party list must not stop the rest.
        run_quietly([*prefix, "apt-get", *options, "update"])
        names = [known_name(alternatives) for alternatives in needs]
        say(f"安装系统库 · apt-get install {' '.join(names)}")
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options]
        run_quietly([*prefix, *quiet, "install", "-y", "--no-install-recommends", *names])
        needs = missing_packages(mode)
        if not needs:
            return
    apt = bool(shutil.which("apt-cache"))
    names = [known_name(alternatives) if apt else alternatives[-1] for alternatives in needs]
    say("这台电脑缺少下列系统库，请运行 · this machine lacks system libraries; please run:")
    say(f"  sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(names)}")
    if needed:
        raise SystemExit(ENVIRONMENT)


# --- the virtual environment ---


def has_pip() -> bool:
    """Return whether .venv stands, with a Python new enough and its pip."""
    probe = [str(PYTHON), "-c", "import pip, sys; raise SystemExit(sys.version_info < (3, 11))"]
    return PYTHON.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def fingerprint(mode: str) -> str:
    """Return what the stamp of ``mode`` holds when nothing has to be installed again."""
    return hashlib.sha256(LOCKS[mode].read_bytes() + sys.version.encode()).hexdigest()


def stamp(mode: str) -> Path:
    """Return where .venv remembers which lock of ``mode`` it holds."""
    return VENV / f".certdesk-{mode}"


def is_current(mode: str) -> bool:
    """Return whether the environment already holds the lock of ``mode``."""
    place = stamp(mode)
    return PYTHON.exists() and place.is_file() and place.read_text("ascii") == fingerprint(mode)


def ensure_environment(mode: str) -> None:
    """Make .venv hold exactly what the lock of ``mode`` pins. Raises SystemExit(3) when it cannot."""
    if is_current(mode):
        return
    if not has_pip():
        say("建立 .venv · making .venv")
        if not run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)]):
            say("无法建立 .venv · .venv could not be made")
            raise SystemExit(ENVIRONMENT)
    say(f"安装依赖 · installing {LOCKS[mode].name}")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if not run_quietly([*pip, "--require-hashes", "-r", str(LOCKS[mode])]):
        say("依赖没有装好，请检查网络和 pip 的索引设置")
        say("pip failed: see to the network and to pip's index settings")
        raise SystemExit(ENVIRONMENT)
    # The test lock holds everything of the runtime lock (tests/ground proves it), so it satisfies both.
    for satisfied in ("run", "test") if mode == "test" else ("run",):
        stamp(satisfied).write_text(fingerprint(satisfied), "ascii")


def prepare(mode: str, *, needed: bool) -> None:
    """Do all the set-up for ``mode``; the second time it only looks."""
    ensure_system(mode, needed=needed)
    ensure_environment(mode)


# --- the two commands ---


def has_display() -> bool:
    """Return whether a window could be shown (or somebody chose a Qt platform on purpose)."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run(arguments: list[str]) -> int:
    """Open the window, or hand ``arguments`` to app.py; without a display and arguments run the demo."""
    window = not arguments and has_display()
    prepare("run", needed=window)
    if not arguments and not window:
        out = Path(tempfile.mkdtemp(prefix="certdesk-")) / "demo"
        say("没有图形显示，改为运行演示，不打开窗口 · no display: running the demo instead of the window")
        say(f"结果写入 · results in {out}")
        arguments = ["demo", "--out", str(out)]
    command = [str(PYTHON), str(ROOT / "app.py"), *arguments]
    if os.name == "nt":
        return subprocess.call(command)
    # Become the program: signals (SIGTERM for the demo that serves) then reach it and not a parent.
    os.execv(command[0], command)


def pytest_section(arguments: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run pytest, pass its output on, and return (exit code, its closing line)."""
    command = [str(PYTHON), "-m", "pytest", "-n", "2", "--dist", "loadfile", "--max-worker-restart", "0"]
    if "--quick" in arguments:
        arguments = [argument for argument in arguments if argument != "--quick"]
        command += ["-m", "not slow"]
    if sys.stdout.isatty():
        command.append("--color=yes")
    closing = ""
    command += arguments
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8", errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            closing = line.rstrip() or closing
    return process.returncode, closing


def test(arguments: list[str]) -> int:
    """Run every check one after the other, also after a failure; return 0 when all passed, else 1."""
    prepare("test", needed=True)
    environment = {**os.environ, "PYTHONUTF8": "1"}
    if "--onscreen" not in arguments:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    results: list[tuple[str, int, float]] = []
    closing = ""
    for name, command in (("ruff", ["ruff", "check", "."]), ("mypy", ["mypy"]), ("pytest", None)):
        print(f"== {name}", flush=True)
        began = time.perf_counter()
        if command is None:
            code, closing = pytest_section(arguments, environment)
        else:
            code = subprocess.call([str(PYTHON), "-m", *command], cwd=ROOT, env=environment)
        results.append((name, code, time.perf_counter() - began))
    for name, code, seconds in results:
        print(f"== {name:7} {'ok' if code == 0 else f'failed ({code})':12} {seconds:7.1f} s")
    print(closing, flush=True)
    return int(any(code for _, code, _ in results))


def main(arguments: list[str]) -> int:
    """Choose the command. Returns the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts this with an older one is to be told
        say(f"需要 Python 3.11 或更新版本 · needs Python 3.11 or later, not {sys.version.split()[0]}")
        return ENVIRONMENT
    if arguments and arguments[0] == "run":
        return run(arguments[1:])
    if arguments and arguments[0] == "test":
        return test(arguments[1:])
    print(__doc__, file=sys.stderr)
    return USAGE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
