"""A desktop of its own for an installed program: Xvfb with a window manager, its own D-Bus, hands and eyes.

Hands are real key strokes (xdotool). Eyes are the accessibility bus, as a screen reader's: what is read is
what the program shows to a person, and nothing of ours runs inside it. Nobody's real desktop is touched.
"""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from jeepney import message_bus, new_method_call
from jeepney.io.blocking import open_dbus_connection
from PIL import Image

from tests.installer.eyes import Eyes, Thing

SCREEN = (1366, 768)
PATIENCE = 300.0
"""Seconds to wait for what has to appear: a bound for a broken program, never a measurement."""


class PrivateDesktop:
    """Start with :func:`private_desktop`. ``environment`` is what a program needs to live on it."""

    def __init__(self, home: Path, extra: dict[str, str]) -> None:
        self.home = home
        self._children: list[subprocess.Popen[bytes]] = []
        self._log: IO[bytes] = (home / "desktop.log").open("wb")
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        self.environment = {
            "HOME": str(home),
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(runtime),
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "NO_AT_BRIDGE": "0",
            **extra,
        }
        self.environment["DISPLAY"] = self._start_screen()
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._start_bus()
        self.run("openbox")
        self.eyes = Eyes(self.environment["DBUS_SESSION_BUS_ADDRESS"])

    def _start_screen(self) -> str:
        read, write = os.pipe()
        size = f"{SCREEN[0]}x{SCREEN[1]}x24"
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
        command += ["-noreset", "-fbdir", self.environment["XDG_RUNTIME_DIR"]]
        self._children.append(
            subprocess.Popen(command, pass_fds=(write,), stdout=self._log, stderr=self._log)
        )
        os.close(write)
        with os.fdopen(read) as answer:
            return ":" + answer.readline().strip()

    def _start_bus(self) -> str:
        command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        bus = subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=self._log)
        self._children.append(bus)
        assert bus.stdout is not None
        return bus.stdout.readline().decode().strip()

    def run(self, *command: str | Path) -> subprocess.Popen[bytes]:
        """Start a program on this desktop; it ends with it."""
        started = subprocess.Popen(
            [str(word) for word in command], env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self._children.append(started)
        return started

    def wait_for_name(self, name: str) -> None:
        """Wait until a service has this name on the desktop's bus."""
        ask = new_method_call(message_bus, "NameHasOwner", "s", (name,))
        end = time.monotonic() + PATIENCE
        with open_dbus_connection(self.environment["DBUS_SESSION_BUS_ADDRESS"]) as bus:
            while not bus.send_and_get_reply(ask, timeout=60).body[0]:
                assert time.monotonic() < end, f"never came: {name}"
                time.sleep(0.2)

    def close(self) -> None:
        """End everything that was started here."""
        self.eyes.close()
        for child in reversed(self._children):
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(10)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
            if child.stdout is not None:
                child.stdout.close()
        self._log.close()

    # -- hands ------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys one after the other: ``F9``, ``alt+2``, ``Return``."""
        self._xdotool("key", "--delay", "40", "--clearmodifiers", *keys)

    def type(self, text: str, delay: int = 25) -> None:
        """Type a text into what has the focus. Chinese needs a slower hand (``design/ux.md``)."""
        self._xdotool("type", "--delay", str(delay if text.isascii() else 180), "--", text)

    def hold(self, key: str) -> None:
        """Press a key and keep it down until :meth:`release`."""
        self._xdotool("keydown", key)

    def release(self, key: str) -> None:
        """Let a key go."""
        self._xdotool("keyup", key)

    def _xdotool(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.environment, check=True, timeout=120)

    # -- eyes -------------------------------------------------------------------------------------

    def wait(self, look: Callable[[Eyes], Thing | None], what: str) -> Thing:
        """Return what ``look`` finds, as soon as it does; fail with a picture of the screen when never."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = look(self.eyes)
            if found is not None:
                return found
            time.sleep(0.2)
        self.picture("never-came")
        raise AssertionError(f"never came: {what}\n{self.eyes.told()}")

    def see(self, words: str, role: str = "") -> Thing:
        """Wait until something shown has these words in its name or text."""
        return self.wait(lambda eyes: eyes.find(words, role), words)

    def picture(self, name: str) -> Path:
        """Write what the screen shows as a PNG."""
        place = self.home / f"{name}.png"
        self.screen().save(place)
        return place

    def screen(self) -> Image.Image:
        """Return what the screen shows: Xvfb keeps it in a file of the XWD format."""
        data = (self.home / "run" / "Xvfb_screen0").read_bytes()
        head = struct.unpack(">25I", data[:100])
        start, width, height, line, colours = head[0], head[4], head[5], head[12], head[19]
        return Image.frombuffer(
            "RGB", (width, height), data[start + colours * 12 :], "raw", "BGRX", line, 1
        ).copy()


@contextlib.contextmanager
def private_desktop(home: Path, **extra: str) -> Iterator[PrivateDesktop]:
    """A desktop that lives as long as the block; ``home`` is the person's home folder on it."""
    desktop = PrivateDesktop(home, extra)
    try:
        yield desktop
    finally:
        desktop.close()
