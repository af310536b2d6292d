"""Technical logs that cannot tell who came to the counter.

A log is copied, mailed and kept by people who may not see the register. So redaction is not left to
those who write log lines: everything but an allowed list of short identifiers is dropped here, by the
formatter, on the way to the file. What remains is enough to find the place in the program and, by ids,
the place in the signed record where those who may can read on.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import os
import re
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from core.clock import Clock, system_clock, to_stamp
from core.errors import CertDeskError
from core.ids import RandomBytes, system_random
from core.paths import private_folder

ROOT = "certdesk"
"""Loggers of ours are this or below it; of every other logger only name and level are kept."""

_ALLOWED_IDS = "action_id case_id claim_id device_id job_id person_id ref subject_id unit_id"
_ALLOWED_WORDS = "code field form office step task version why"
_ALLOWED_NUMBERS = "count exit_code ms pages port seq size"
ALLOWED = frozenset(f"{_ALLOWED_IDS} {_ALLOWED_WORDS} {_ALLOWED_NUMBERS}".split())
"""Names under which ``extra=`` may carry an identifier, a code or a number. Nothing else is written."""

_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_FILE_BYTES = 1 << 20
_FILES = 5
_MESSAGE_LENGTH = 200
_WORD = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# Eleven digits or more, also with blanks or dashes between them: phones, ID numbers, codes of units.
_NUMBER = re.compile(r"\d(?:[\s\-._]{0,2}\d){10,}[Xx]?")
_FOREIGN = re.compile(r"[^\x20-\x7e]+")
_STANDARD = frozenset(vars(logging.makeLogRecord({})))


def redact(text: str) -> str:
    """Return ``text`` without anything that could be a person: long numbers, and every non-ASCII run."""
    return _FOREIGN.sub("[text]", _NUMBER.sub("[number]", text))[:_MESSAGE_LENGTH]


def safe_value(value: object) -> str | int | float | bool | None:
    """Return ``value`` if it is a plain identifier or a short number, else a mark that it was dropped."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value if len(str(value).lstrip("-").split(".")[0]) < 11 else "[number]"
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value if _UUID.fullmatch(value) or not _NUMBER.search(value) else "[number]"
    return "[dropped]"


class SafeFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, redacted message, allowed extras, place of an error."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "at": to_stamp(moment),
            "level": record.levelname,
            "from": redact(record.name),
        }
        if record.name == ROOT or record.name.startswith(ROOT + "."):
            line["message"] = redact(_message(record))
            for key, value in vars(record).items():
                if key in ALLOWED and key not in _STANDARD:
                    line[key] = safe_value(value)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a wrong format string must not break the work it reports on
        return "unformattable message"


def describe(error: BaseException) -> dict[str, object]:
    """Return kind, code and places of an error, causes included: no message, no arguments, no locals.

    An error's text often quotes the very value that was wrong.
    """
    told: dict[str, object] = {"kind": type(error).__name__, "at": _places(error.__traceback__)}
    if isinstance(error, CertDeskError):
        told["code"] = safe_value(error.code)
    if isinstance(error, OSError) and error.errno is not None:
        told["errno"] = error.errno
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        told["cause"] = {"kind": type(cause).__name__, "at": _places(cause.__traceback__)}
    return told


def _places(where: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(where)[-30:]
    return [f"{_short(frame.filename)}:{frame.lineno}:{frame.name}" for frame in frames]


def _short(filename: str) -> str:
    """The last two parts of a path: the home folder in front of them may hold somebody's name."""
    return redact("/".join(Path(filename).parts[-2:]))


class PrivateRotatingFile(logging.handlers.RotatingFileHandler):
    """Rotating file for its owner only; a full disk costs log lines and never the clerk's work."""

    def _open(self):  # type: ignore[no-untyped-def]
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return os.fdopen(handle, self.mode, encoding="ascii", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:
        """Swallow: there is nowhere left to complain to."""


def start_logging(folder: Path, *, name: str = "desk", level: int = logging.INFO) -> logging.Handler:
    """Send every logger of the process to ``folder/name.log`` (1 MiB, five files); return the handler.

    Raises ``EnvironmentFault('data_folder_unusable')``. Hand the result to :func:`stop_logging`.
    """
    private_folder(folder)
    handler = PrivateRotatingFile(
        folder / f"{name}.log", maxBytes=_FILE_BYTES, backupCount=_FILES - 1, encoding="ascii", delay=True
    )
    handler.setFormatter(SafeFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(ROOT).setLevel(level)
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Take the handler out again and close its file."""
    logging.getLogger().removeHandler(handler)
    handler.close()


def get_logger(part: str) -> logging.Logger:
    """Return the logger of one part of the program, ``certdesk.<part>``."""
    return logging.getLogger(f"{ROOT}.{part}")


def log_reference(random: RandomBytes = system_random) -> str:
    """Return six letters and digits that a clerk can read out on the phone: the ``ref`` of a log line."""
    # 248 = 8 * 31: of a byte below it every character is equally likely.
    picked = ""
    while len(picked) < 6:
        picked += "".join(_REFERENCE_ALPHABET[byte % 31] for byte in random(8) if byte < 248)
    return picked[:6]


def write_crash_report(
    folder: Path, error: BaseException, reference: str, *, version: str = "", clock: Clock = system_clock
) -> Path | None:
    """Write ``crash-<reference>.json``: kind and places of the error, versions, no values.

    Returns None when even that cannot be written; a crash report never raises.
    """
    report = {
        "at": to_stamp(clock()),
        "ref": safe_value(reference),
        "version": safe_value(version) if version else "",
        "python": sys.version.split()[0],
        "platform": sys.platform,
        "error": describe(error),
    }
    path = folder / f"crash-{_REPORT_NAME.sub('', reference)[:16]}.json"
    with contextlib.suppress(Exception):
        private_folder(folder)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(report, file, indent=1)
        return path
    return None


_REPORT_NAME = re.compile(r"[^A-Za-z0-9]")
