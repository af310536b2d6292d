"""``sync``: one cycle, and what the hub refused."""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.errors import EnvironmentFault, UserError
from core.services import embedded_hub
from core.services.hub_link import hub_of
from core.services.session import Session
from core.services.sync import CycleReport, preview, staleness, status, sync
from core.verbs.outcome import DONE, REFUSED, Outcome

WAITS = 60
"""How often a hub that is busy is asked again within one call."""


def run_sync(session: Session, options: argparse.Namespace) -> Outcome:
    """``sync``: exit 1 when the hub rejected an action; ``--dry-run`` touches no network."""
    if options.dry_run:
        return _dry_run(session)
    with hub_awake(session):
        return sync_once(session, options.ca)


def sync_once(session: Session, ca: Path | None, pause: Callable[[float], object] = time.sleep) -> Outcome:
    """Run one cycle with the hub that enrolled this office; wait as a busy hub says, and go on."""
    report = _patiently(session, ca, pause)
    body: dict[str, Any] = {
        "pushed": report.pushed,
        "pulled": report.pulled,
        "pending": report.pending,
        "rejected": [{"action": action, "code": code} for action, code in report.rejected],
        "hub_offset_seconds": report.hub_offset_seconds,
    }
    if report.scans is not None:
        failed = [{"scan": scan, "code": code} for scan, code in report.scans.failed]
        done = {"sent": report.scans.sent, "fetched": report.scans.fetched, "waiting": report.scans.waiting}
        body["scans"] = {**done, "failed": failed}
    if not report.rejected:
        return Outcome(DONE, body)
    return Outcome(REFUSED, {"fault": UserError("actions_rejected", count=len(report.rejected)), **body})


def _patiently(session: Session, ca: Path | None, pause: Callable[[float], object]) -> CycleReport:
    hub = hub_of(session, ca)
    for _ in range(WAITS):
        try:
            return sync(session, hub)
        except EnvironmentFault as fault:
            if fault.code != "hub_busy":
                raise
            pause(fault.params["seconds"])  # what was taken is taken: the next one goes on from there
    return sync(session, hub)


def _dry_run(session: Session) -> Outcome:
    found, known, age = preview(session), status(session), staleness(session)
    halt = None if known.halt is None else {"code": known.halt.code, "at": known.halt.at}
    return Outcome(
        DONE,
        {
            "pending": known.pending,
            "kinds": found.pending,
            "scans": found.scans,
            "after": found.after,
            "halt": halt,
            "last_sync": known.last_sync,
            "age": age.level,
        },
    )


@contextlib.contextmanager
def hub_awake(session: Session) -> Iterator[None]:
    """A stand-alone office's hub runs only while somebody needs it; perhaps the window runs it already."""
    known = embedded_hub.plan(session)
    if known is None:
        yield
        return
    running = embedded_hub.EmbeddedHub(session, known)
    try:
        running.start()
    except EnvironmentFault as fault:
        if fault.code != "port_taken":
            raise
    try:
        yield
    finally:
        running.stop()
