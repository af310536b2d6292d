"""Examining a scan: the parent's side. Starts the child, feeds it, watches it, believes little.

The child may be taken over by the file it parses, so its answer is treated as hostile too: bounded in
length, checked field by field, and the preview is encoded here from raw pixels instead of being taken
as a finished picture that the window would have to parse.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import Cancelled, EnvironmentFault, UserError
from core.intake.limits import LIMITS, PREVIEW_EDGE, Limits

Cancel = Callable[[], bool]
"""Asked every ``_LOOK_SECONDS``; True stops the examination."""

_ROOT = Path(__file__).resolve().parents[2]
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from core.intake.child import main; "
    "sys.exit(main(sys.argv[2:]))"
)
_KEPT_ENVIRONMENT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "LANG")
_MEDIA_TYPES = ("image/png", "image/jpeg", "application/pdf")
_BYTES_PER_PIXEL = {"L": 1, "RGB": 3}
_HEAD_LIMIT = 4096
_ANSWER_LIMIT = _HEAD_LIMIT + PREVIEW_EDGE * PREVIEW_EDGE * 3
_LOOK_SECONDS = 0.05
REFUSALS = frozenset(
    {
        "scan_too_large",
        "scan_type_unknown",
        "scan_damaged",
        "scan_too_many_pages",
        "scan_too_many_pixels",
        "scan_encrypted",
        "scan_timeout",
    }
)
"""Every code with which :func:`examine` refuses a file."""


@dataclass(frozen=True)
class Scan:
    """A file found fit to be kept as evidence.

    ``width`` and ``height`` are pixels for pictures, points (1/72 inch) of the shown page for PDF.
    ``sha256`` is of the original bytes, in hex. ``preview_png`` shows page ``page`` (from 1), at most
    1600 pixels on its long edge, and holds nothing but pixels. ``written``: that page of a PDF has text, so
    it was made by a program and not by a scanner.
    """

    media_type: str
    pages: int
    page: int
    width: int
    height: int
    size: int
    sha256: str
    preview_png: bytes
    written: bool = False


def read_scan(path: Path, limits: Limits = LIMITS) -> bytes:
    """Return the bytes of a chosen file, at most ``limits.size``; nothing of them is interpreted.

    Raises ``UserError('scan_too_large')``, ``EnvironmentFault('scan_unreadable')`` (gone, no right,
    not a file).
    """
    try:
        # Not blocking: a named pipe called "scan.pdf" must not hang the desk.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise EnvironmentFault("scan_unreadable", why="not_a_file")
            data = file.read(limits.size + 1)
    except OSError as error:
        raise EnvironmentFault("scan_unreadable", why=error.errno or 0) from error
    if len(data) > limits.size:
        raise UserError("scan_too_large", limit=limits.size)
    return data


def examine(
    data: bytes, name_hint: str = "", *, page: int = 1, limits: Limits = LIMITS, cancel: Cancel | None = None
) -> Scan:
    """Examine ``data`` in a limited child and return what it is, with a preview of ``page`` (from 1).

    ``name_hint`` is accepted and ignored: names lie. Raises ``UserError`` with one of ``REFUSALS``,
    ``Cancelled`` when ``cancel()`` says so, ``EnvironmentFault('intake_unavailable')`` when no child starts.
    """
    del name_hint
    if page < 1:
        raise ValueError("pages count from 1")
    if len(data) > limits.size:
        raise UserError("scan_too_large", limit=limits.size)
    head, body = converse(data, page, limits, cancel)
    return _to_scan(data, page, head, body, limits)


def child_command(task: int | str, limits: Limits) -> list[str]:
    """Return the command of the child for a page or another task, from source or from a frozen bundle."""
    request = [limits.to_json(), str(task)]
    if getattr(sys, "frozen", False):
        from core.intake.child import VERB

        return [sys.executable, VERB, *request]
    # -I: no user site, no PYTHONPATH, no current folder from which a planted module could be loaded.
    return [sys.executable, "-I", "-B", "-c", _BOOT, str(_ROOT), *request]


def converse(
    data: bytes, task: int | str, limits: Limits, cancel: Cancel | None
) -> tuple[dict[str, Any], bytes]:
    """Feed the child, wait for its answer within the wall time, and return its head line and body."""
    environment = {key: os.environ[key] for key in _KEPT_ENVIRONMENT if key in os.environ}
    try:
        child = subprocess.Popen(
            child_command(task, limits), env=environment, cwd=os.path.abspath(os.sep), bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        raise EnvironmentFault("intake_unavailable", why=error.errno or 0) from error
    with child:
        try:
            answer = _listen(child, data, limits, cancel)
        finally:
            child.kill()  # harmless when it has ended
    return _split(answer, child.returncode)


def _listen(child: subprocess.Popen[bytes], data: bytes, limits: Limits, cancel: Cancel | None) -> bytes:
    answer = bytearray()
    feeder = threading.Thread(target=_feed, args=(child, data), daemon=True)
    reader = threading.Thread(target=_read, args=(child, answer), daemon=True)
    feeder.start()
    reader.start()
    deadline = time.monotonic() + limits.wall_seconds
    try:
        while reader.is_alive():
            if cancel is not None and cancel():
                raise Cancelled
            if time.monotonic() > deadline:
                raise UserError("scan_timeout")
            reader.join(_LOOK_SECONDS)
        if len(answer) > _ANSWER_LIMIT:
            raise UserError("scan_damaged", why="answer")
        child.wait(max(deadline - time.monotonic(), 0) + 1)
    except subprocess.TimeoutExpired:
        raise UserError("scan_timeout") from None
    finally:
        child.kill()
        feeder.join()
        reader.join()
    return bytes(answer)


def _feed(child: subprocess.Popen[bytes], data: bytes) -> None:
    assert child.stdin is not None
    try:
        view = memoryview(data)
        while view:
            view = view[child.stdin.write(view[: 1 << 16]) :]
    except OSError:
        pass  # it died or answered early; the answer tells
    finally:
        with contextlib.suppress(OSError):
            child.stdin.close()


def _read(child: subprocess.Popen[bytes], answer: bytearray) -> None:
    assert child.stdout is not None
    while len(answer) <= _ANSWER_LIMIT and (part := child.stdout.read(1 << 16)):
        answer += part


def _split(answer: bytes, code: int) -> tuple[dict[str, Any], bytes]:
    if code != 0:
        if hasattr(signal, "SIGXCPU") and code in (-signal.SIGXCPU, -signal.SIGKILL):
            raise UserError("scan_timeout")
        raise UserError("scan_damaged", why="crashed")
    line, separator, body = answer.partition(b"\n")
    if not separator or len(line) > _HEAD_LIMIT or len(answer) > _ANSWER_LIMIT:
        raise UserError("scan_damaged", why="answer")
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        raise UserError("scan_damaged", why="answer") from None
    if not isinstance(head, dict):
        raise UserError("scan_damaged", why="answer")
    return head, body


def _to_scan(data: bytes, page: int, head: Mapping[str, Any], body: bytes, limits: Limits) -> Scan:
    refused = head.get("refused")
    if refused is not None:
        code = refused if isinstance(refused, str) and refused in REFUSALS else "scan_damaged"
        raise UserError(code, **_plain_params(head.get("params")))
    pages, width, height = (_count(head.get(key)) for key in ("pages", "width", "height"))
    preview, mode = head.get("preview"), head.get("mode")
    if (
        not isinstance(preview, list)
        or len(preview) != 2
        or not isinstance(mode, str)
        or mode not in _BYTES_PER_PIXEL
        or head.get("media_type") not in _MEDIA_TYPES
        or not page <= pages <= limits.pages
    ):
        raise UserError("scan_damaged", why="answer")
    across, down = _count(preview[0]), _count(preview[1])
    if max(across, down) > PREVIEW_EDGE or len(body) != across * down * _BYTES_PER_PIXEL[mode]:
        raise UserError("scan_damaged", why="answer")
    return Scan(
        media_type=head["media_type"], pages=pages, page=page, width=width, height=height, size=len(data),
        sha256=hashlib.sha256(data).hexdigest(), preview_png=_encode(mode, (across, down), body),
        written=head.get("written") is True,
    )  # fmt: skip


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 1 << 31:
        raise UserError("scan_damaged", why="answer")
    return value


def _plain_params(params: Any) -> dict[str, Any]:
    """Keep of the child's parameters only short words and numbers under known names."""
    if not isinstance(params, dict):
        return {}
    known = {key: params[key] for key in ("why", "limit", "pages", "pixels") if key in params}
    return {
        key: value
        for key, value in known.items()
        if (isinstance(value, int) and abs(value) < 1 << 62)
        or (isinstance(value, str) and len(value) <= 20 and value.isascii() and value.isidentifier())
    }


def _encode(mode: str, size: tuple[int, int], pixels: bytes) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.frombytes(mode, size, pixels).save(out, format="PNG", compress_level=3)
    return out.getvalue()
