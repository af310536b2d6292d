"""The hub as a process of its own, started by the same verb an operator types."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from core.errors import EnvironmentFault

START_SECONDS = 30
STOP_SECONDS = 2.8
"""Patience with a hub that was asked to stop; the demo itself has to be gone after four."""


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def app_command(*arguments: str) -> list[str]:
    """Return the command line of this very program with ``arguments``, also when frozen."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, str(Path(__file__).resolve().parents[2] / "app.py"), *arguments]


class HubProcess:
    """A running hub. ``stop`` asks, then insists; it may be called at any time and more than once."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises ``EnvironmentFault`` port_taken / hub_start_failed."""
        self._process = subprocess.Popen(
            app_command("hub", *self._arguments, "--stop-with-stdin"),
            stdin=subprocess.PIPE,  # held open: when we are gone, however that came, so is the hub
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        line = self._first_line()
        try:
            said = json.loads(line or b"{}")
        except ValueError:
            said = {}
        if not isinstance(said, dict) or said.get("ready") is not True:
            self.stop()
            taken = isinstance(said, dict) and said.get("error") == "port_taken"
            raise EnvironmentFault("port_taken" if taken else "hub_start_failed")

    def _first_line(self) -> bytes:
        found: list[bytes] = []
        process = self._process
        assert process is not None and process.stdout is not None
        stream = process.stdout
        reader = threading.Thread(target=lambda: found.append(stream.readline()), daemon=True)
        reader.start()
        reader.join(START_SECONDS)
        return found[0] if found else b""

    @property
    def pid(self) -> int:
        """The process's number while it runs, else 0."""
        return 0 if self._process is None else self._process.pid

    def running(self) -> bool:
        """Tell whether it lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop it, by force after :data:`STOP_SECONDS`."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
