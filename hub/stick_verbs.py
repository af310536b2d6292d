"""``hub stick`` (``stick import --db`` stands for it, too): a stick taken in where the hub's database is."""

from __future__ import annotations

import argparse
from typing import Any

from core.verbs.outcome import Outcome
from core.verbs.running import Surroundings
from core.verbs.sticks import outcome
from hub.stick import import_stick
from hub.trust_verbs import opened


def run_stick(options: argparse.Namespace, around: Surroundings) -> Outcome:
    """``hub stick``: the answers lie on the same stick afterwards."""
    del around
    with opened(options) as hub:
        report = import_stick(hub, options.folder)
    body: dict[str, Any] = {"actions": report.actions, "scans": report.scans, "replies": report.replies}
    body["enrolments"] = [{"fingerprint": mark, "state": state} for mark, state in report.enrolments]
    refused = [{"action": action, "code": code} for action, code in report.rejected]
    return outcome(report, {**body, "rejected": refused})
