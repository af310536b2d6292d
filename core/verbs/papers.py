"""``case print`` and ``case scan``: the sheet out, the signed sheet in."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from core.documents.pdf import Rendered, render_form
from core.errors import EnvironmentFault
from core.records.states import Lifecycle
from core.services import applications
from core.services.applications import CaseView
from core.services.session import Session
from core.verbs.files import write_private
from core.verbs.filing import all_ticked, still_missing


def render(session: Session, view: CaseView) -> Rendered:
    """Return the case's sheet as it stands now."""
    return render_form(view.form, view.case.values, rehearsal=session.rehearsal)


def run_print(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``case print``."""
    return print_case(session, options.case, options.out)


def print_case(session: Session, number_or_id: str, out: Path) -> dict[str, Any]:
    """Write the sheet as PDF and record one copy: from now on this version is frozen."""
    view = applications.get_case(session, number_or_id)
    rendered = render(session, view)
    part = write_private(out.with_name(f".{out.name}.new"), rendered.pdf)
    try:
        applications.note_printed(session, view.case.id, view.case.content, 1)
        os.replace(part, out)
    except OSError as fault:
        raise EnvironmentFault("file_unwritable") from fault
    finally:
        part.unlink(missing_ok=True)
    return {"case": view.case.id, "pdf": str(out), "content": view.case.content, "sha256": rendered.sha256}


def run_scan(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``case scan``."""
    from core.intake.scan import read_scan

    return scan_case(session, options.case, read_scan(options.file), tick_all=options.papers == "all")


def scan_case(session: Session, number_or_id: str, data: bytes, *, tick_all: bool = False) -> dict[str, Any]:
    """Attach the signed sheet and, when nothing is missing, hand the case to the reviewer."""
    view = applications.get_case(session, number_or_id)
    case = view.case.id
    scan = applications.attach_scan(session, case, data)
    if tick_all:
        applications.tick_papers(session, case, all_ticked(view.checklist, view.case.values))
    view = applications.get_case(session, case)
    submitted = not view.missing and view.case.lifecycle in (Lifecycle.FILED, Lifecycle.RETURNED)
    if submitted:
        applications.submit(session, case)
    return {"case": case, "scan": scan, "submitted": submitted, "missing": still_missing(view)}
