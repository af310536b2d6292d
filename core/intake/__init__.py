"""Intake: scans and files from outside, examined only in a limited child process.

A file from a USB stick is the one thing at the desk that a stranger made. No parser ever sees it in
the desk's own process: the child reads it from a pipe, answers with a few numbers and raw pixels,
and dies. The picture that is shown is encoded here from those pixels; the file itself is evidence
and is never opened by the desk.
"""

from core.intake.limits import LIMITS, Limits
from core.intake.scan import Scan, examine, read_scan

__all__ = ["LIMITS", "Limits", "Scan", "examine", "read_scan"]
