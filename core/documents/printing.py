"""The printer behind a port: a PDF goes in, a job id comes out, and a failure leaves a known state.

CUPS gets the PDF itself on standard input of ``lp``, so nothing personal is ever in a temporary file of ours.
What one printer does, another must do too: the contract is tested against ``lp`` and ``FilePrinter`` alike.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from core.errors import EnvironmentFault

TIMEOUT = 30.0
"""Seconds for one call of a print program; it only hands over to the spooler."""


class PrinterList(NamedTuple):
    """Names of the printers, and the default one (empty when there is none)."""

    names: tuple[str, ...]
    default: str


class Printer(Protocol):
    """Sends PDFs to paper.

    Raises ``EnvironmentFault``: ``print_system_missing`` (no print system on this machine),
    ``printer_missing`` (no such printer), ``printer_failed`` (it refused; nothing was printed),
    ``printer_timeout`` (no answer: the clerk must look whether paper came out before printing again).
    """

    def list_printers(self) -> PrinterList:
        """Return the printers of this machine."""

    def print_pdf(self, name: str, pdf: bytes, copies: int, title: str) -> str:
        """Print ``copies`` of a PDF at its own size and return the job's id.

        ``name`` empty means the default printer. ``title`` appears in the spooler's list, so it must name no
        person.
        """


def checked(pdf: bytes, copies: int, title: str) -> None:
    """Raise ``ValueError`` for a job that no printer may be asked for."""
    if not pdf.startswith(b"%PDF-"):
        raise ValueError("not a PDF")
    if not 1 <= copies <= 99:
        raise ValueError("between 1 and 99 copies")
    if title.startswith("-") or not title.isprintable():
        raise ValueError("title")


def chosen_of(printers: PrinterList, name: str) -> str:
    """Return the printer that is meant. Raises ``EnvironmentFault('printer_missing')``."""
    wanted = name or printers.default
    if not wanted or wanted not in printers.names:
        raise EnvironmentFault("printer_missing", printer=wanted)
    return wanted


class CupsPrinter:
    """CUPS through its programs ``lp`` and ``lpstat`` (Linux, macOS)."""

    def list_printers(self) -> PrinterList:
        """Return what ``lpstat`` knows; a spooler that is not running has none."""
        names = self._run("lpstat", ["-e"]).stdout.decode("utf-8", "replace").split()
        answer = self._run("lpstat", ["-d"]).stdout.decode("utf-8", "replace")
        # "system default destination: NAME", or a sentence without a colon when there is none.
        default = answer.rsplit(":", 1)[1].strip() if ":" in answer else ""
        return PrinterList(tuple(names), default if default in names else "")

    def print_pdf(self, name: str, pdf: bytes, copies: int, title: str) -> str:
        """Hand the PDF to ``lp`` unscaled on A4."""
        checked(pdf, copies, title)
        chosen = chosen_of(self.list_printers(), name)
        options = ["-d", chosen, "-n", str(copies), "-t", title]
        options += ["-o", "print-scaling=none", "-o", "media=A4", "-o", "sides=one-sided"]
        done = self._run("lp", [*options, "--", "-"], pdf)
        if done.returncode:
            raise EnvironmentFault("printer_failed", printer=chosen, status=done.returncode)
        return _job_id(done.stdout.decode("utf-8", "replace"))

    @staticmethod
    def _run(program: str, arguments: Sequence[str], data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        path = shutil.which(program)
        if path is None:
            raise EnvironmentFault("print_system_missing", program=program)
        try:
            # The C locale, because the answers are read by us and not by people.
            return subprocess.run(
                [path, *arguments],
                input=data,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
                env=_c_locale(),
            )
        except subprocess.TimeoutExpired as late:
            raise EnvironmentFault("printer_timeout", program=program) from late
        except OSError as fault:
            raise EnvironmentFault("print_system_missing", program=program) from fault


def _c_locale() -> dict[str, str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "C"}
    if getattr(sys, "frozen", False):
        # The bundle's starter puts its own libraries first; the desktop's programs need the desktop's.
        before = environment.pop("LD_LIBRARY_PATH_ORIG", None)
        environment.pop("LD_LIBRARY_PATH", None)
        environment |= {"LD_LIBRARY_PATH": before} if before else {}
    return environment


def _job_id(answer: str) -> str:
    # "request id is NAME-12 (0 file(s))"
    words = answer.split()
    place = words.index("is") + 1 if "is" in words else len(words)
    return words[place] if place < len(words) else ""


class FilePrinter:
    """A printer that keeps each job as a file, for tests and for machines without one."""

    def __init__(self, folder: Path, names: Sequence[str] = ("file",)) -> None:
        self._folder = folder
        self._names = tuple(names)
        self._count = 0

    def list_printers(self) -> PrinterList:
        """Return the names it was made with; the first is the default."""
        return PrinterList(self._names, self._names[0] if self._names else "")

    def print_pdf(self, name: str, pdf: bytes, copies: int, title: str) -> str:
        """Write ``copies`` files ``<job>-<copy>.pdf`` into the folder."""
        checked(pdf, copies, title)
        chosen = chosen_of(self.list_printers(), name)
        job = f"{chosen}-{self._count + 1}"
        try:
            for copy in range(copies):
                (self._folder / f"{job}-{copy + 1}.pdf").write_bytes(pdf)
        except OSError as fault:
            raise EnvironmentFault("printer_failed", printer=chosen, status=fault.errno) from fault
        self._count += 1
        return job
