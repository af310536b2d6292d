"""``stick export`` and ``stick import``: the same envelopes by USB stick, at a desk or at the hub."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from core.errors import EnvironmentFault, UserError
from core.services.session import Session
from core.services.stick import StickFault, StickReport, export_stick, import_stick
from core.verbs.outcome import DONE, REFUSED, Outcome, UsageFault
from core.verbs.running import Surroundings, let_in


def run_export(session: Session, options: argparse.Namespace) -> Outcome:
    """``stick export``: exit 1 when something of this desk could not be read and stayed behind."""
    report = export_stick(session, options.folder)
    return outcome(report, {"actions": report.actions, "scans": report.scans, "pending": report.pending})


def run_import(options: argparse.Namespace, around: Surroundings) -> Outcome:
    """``stick import``: at a desk with ``--data``, at the hub with ``--db``."""
    at_desk = (options.data, options.login, options.password_file)
    if options.db is not None:
        if any(at_desk):
            raise UsageFault("usage", why="--db or --data")
        typed = ["hub", "stick", str(options.folder), "--db", options.db]
        typed += ["--key-file", str(options.key_file)] if options.key_file else []
        return around.hub([*typed, *(["--key-stdin"] if options.key_stdin else [])])
    if not all(at_desk):
        raise UsageFault("usage", why="--data DIR --as NAME --password-file FILE, or --db URL")
    with let_in(*at_desk) as session:
        report = import_stick(session, options.folder)
    body = {
        "actions": report.actions,
        "scans": report.scans,
        "pulled": report.pulled,
        "pending": report.pending,
        "rejected": [{"action": action, "code": code} for action, code in report.rejected],
    }
    answer = outcome(report, body)
    if report.faults or not report.rejected:
        return answer
    fault = UserError("actions_rejected", count=len(report.rejected))
    return Outcome(REFUSED, {"fault": fault, **answer.body})


def outcome(report: StickReport, body: Mapping[str, Any]) -> Outcome:
    """Return what a stick's verb answers: exit 1 when a file is damaged, missing or refused."""
    told = {"files": report.files, **body, "foreign": report.foreign}
    told["faults"] = [_line(fault) for fault in report.faults]
    if report.faults:
        return Outcome(REFUSED, {"fault": UserError("stick_incomplete", count=len(report.faults)), **told})
    return Outcome(DONE, told)


def _line(fault: StickFault) -> dict[str, Any]:
    return {"file": fault.file, "fault": EnvironmentFault(fault.code, **fault.params)}
