"""Every printer keeps one contract; CUPS is met through an ``lp`` of our own that obeys lp(1)."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from core.documents import printing
from core.documents.pdf import render_form
from core.documents.printing import CupsPrinter, FilePrinter, Printer
from core.errors import EnvironmentFault
from tests.core.documents.samples import FORMS, ORDINARY

PDF = b"%PDF-1.4\nnothing personal\n%%EOF\n"

# Keeps what it was given: arguments one a line, and standard input. "broken" refuses, "slow" hangs.
LP = """#!{python}
import os, sys, time
arguments = sys.argv[1:]
if os.path.basename(sys.argv[0]) == "lpstat":
    if arguments == ["-e"]:
        print("甲室\\nbroken\\nslow")
    elif arguments == ["-d"]:
        print({default!r})
    sys.exit(0)
name = arguments[arguments.index("-d") + 1]
if name == "broken":
    sys.stderr.write("lp: The printer is not accepting jobs.\\n")
    sys.exit(1)
if name == "slow":
    time.sleep(600)
copies = int(arguments[arguments.index("-n") + 1])
job = len([n for n in os.listdir({out!r}) if n.endswith(".arguments")]) + 1
data = sys.stdin.buffer.read()
for copy in range(copies):
    open(os.path.join({out!r}, f"{{name}}-{{job}}-{{copy + 1}}.pdf"), "wb").write(data)
open(os.path.join({out!r}, f"{{job}}.arguments"), "w").write("\\n".join(arguments))
print(f"request id is {{name}}-{{job}} (0 file(s))")
"""


class Desk(NamedTuple):
    """A printer to be tested, and the folder where its paper comes out."""

    printer: Printer
    tray: Path


def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, default: str) -> Desk:
    programs, tray = tmp_path / "bin", tmp_path / "tray"
    programs.mkdir()
    tray.mkdir()
    for name in ("lp", "lpstat"):
        path = programs / name
        path.write_text(LP.format(python=sys.executable, out=str(tray), default=default), encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(programs))
    return Desk(CupsPrinter(), tray)


@pytest.fixture(params=["cups", "file"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    if request.param == "cups":
        return cups(tmp_path, monkeypatch, "system default destination: 甲室")
    tray = tmp_path / "tray"
    tray.mkdir()
    return Desk(FilePrinter(tray, ["甲室", "broken"]), tray)


def sheets(tray: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(tray.glob("*.pdf"))]


def test_lists_its_printers_and_the_default(desk: Desk) -> None:
    found = desk.printer.list_printers()
    assert found.names[0] == "甲室" and found.default == "甲室"


def test_prints_the_very_bytes_as_often_as_asked(desk: Desk) -> None:
    pdf = render_form(FORMS[0], ORDINARY, rehearsal=True).pdf
    first = desk.printer.print_pdf("甲室", pdf, 2, "申领表")
    second = desk.printer.print_pdf("甲室", PDF, 1, "申领表")
    assert first.startswith("甲室-") and second.startswith("甲室-") and first != second
    assert sheets(desk.tray) == [pdf, pdf, PDF]


def test_no_name_means_the_default(desk: Desk) -> None:
    assert desk.printer.print_pdf("", PDF, 1, "申领表").startswith("甲室-")


def test_an_unknown_printer_is_named_and_nothing_is_printed(desk: Desk) -> None:
    for name in ("没有", "-d", "甲室 -o raw"):
        with pytest.raises(EnvironmentFault) as fault:
            desk.printer.print_pdf(name, PDF, 1, "申领表")
        assert (fault.value.code, fault.value.params) == ("printer_missing", {"printer": name})
    assert sheets(desk.tray) == []


@pytest.mark.parametrize(
    ("pdf", "copies", "title"),
    [(b"PK\x03\x04", 1, "a"), (PDF, 0, "a"), (PDF, 100, "a"), (PDF, 1, "-o"), (PDF, 1, "a\n")],
)
def test_what_is_no_print_job_is_a_mistake_of_the_caller(
    desk: Desk, pdf: bytes, copies: int, title: str
) -> None:
    with pytest.raises(ValueError):
        desk.printer.print_pdf("甲室", pdf, copies, title)
    assert sheets(desk.tray) == []


def spoil(desk: Desk) -> str:
    """Make the next job fail; return the printer that refuses."""
    if isinstance(desk.printer, FilePrinter):
        desk.tray.rmdir()
    return "broken"


def test_a_refusing_printer_is_a_fault_and_leaves_nothing(desk: Desk) -> None:
    name = spoil(desk)
    with pytest.raises(EnvironmentFault) as fault:
        desk.printer.print_pdf(name, PDF, 1, "申领表")
    assert fault.value.code == "printer_failed"
    assert fault.value.params["printer"] == name
    assert sheets(desk.tray) == []


def test_cups_gets_the_pdf_unscaled_on_a4_by_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = cups(tmp_path, monkeypatch, "system default destination: 甲室")
    before = {path for path in Path("/tmp").glob("*.pdf")}
    desk.printer.print_pdf("甲室", PDF, 1, "申领表")
    arguments = (desk.tray / "1.arguments").read_text("utf-8").splitlines()
    assert arguments[-2:] == ["--", "-"]
    for option in ("print-scaling=none", "media=A4"):
        assert arguments[arguments.index(option) - 1] == "-o"
    assert {path for path in Path("/tmp").glob("*.pdf")} == before


def test_without_a_default_a_name_must_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = cups(tmp_path, monkeypatch, "no system default destination")
    assert desk.printer.list_printers().default == ""
    with pytest.raises(EnvironmentFault, match="printer_missing"):
        desk.printer.print_pdf("", PDF, 1, "申领表")


def test_a_printer_that_does_not_answer_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = cups(tmp_path, monkeypatch, "system default destination: 甲室")
    monkeypatch.setattr(printing, "TIMEOUT", 1.0)
    with pytest.raises(EnvironmentFault, match="printer_timeout"):
        desk.printer.print_pdf("slow", PDF, 1, "申领表")


def test_a_machine_without_cups_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ask: list[Callable[[], object]] = [
        CupsPrinter().list_printers,
        lambda: CupsPrinter().print_pdf("甲室", PDF, 1, "申领表"),
    ]
    for call in ask:
        with pytest.raises(EnvironmentFault, match="print_system_missing"):
            call()
    assert os.listdir(tmp_path) == []


def test_a_frozen_program_hands_its_own_libraries_to_no_print_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "lpstat"
    told.write_text('#!/bin/sh\necho "${LD_LIBRARY_PATH:-none}"\n')
    told.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH", "/bundle")
    assert CupsPrinter().list_printers().names == ("/bundle",)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert CupsPrinter().list_printers().names == ("none",)
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    assert CupsPrinter().list_printers().names == ("/before",)
