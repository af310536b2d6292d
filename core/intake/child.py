"""The limited child: reads one file from standard input, answers on standard output, dies.

Before the first byte arrives it lowers its own memory, processor, file-size and process limits. Before
the first byte is *parsed* it lowers the number of file handles to the three pipes it holds: from then
on the kernel refuses every new file and every socket, so a taken-over parser can neither write nor
connect. On Windows there are no such limits (a Job object is a later step): there the header checks,
the byte limit and the parent's kill on time remain.

A frozen bundle starts this with the hidden verb ``--intake-child`` (see ``scan.child_command``);
``app.py`` must call :func:`main` for it before anything else is imported.
"""

from __future__ import annotations

import contextlib
import json
import sys
from typing import Any

from core.errors import UserError
from core.intake.decode import Decoded, media_type_of, prepare
from core.intake.limits import Limits
from core.intake.signature_child import TASK
from core.intake.signature_child import prepare as prepare_signatures

VERB = "--intake-child"


def limit_resources(limits: Limits) -> None:
    """Lower this process's ceilings for good (hard limits). Nothing on Windows."""
    if sys.platform == "win32":
        return
    import resource

    wanted: list[tuple[int, int]] = [
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),  # a core file would hold the scan
        (resource.RLIMIT_NPROC, 0),
    ]
    if limits.memory is not None:
        wanted += [(resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_DATA, limits.memory)]
    for which, amount in wanted:
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some; the others still hold
            resource.setrlimit(which, (amount, amount))


def close_the_doors() -> None:
    """Allow no file handle beyond the three pipes: no file, no socket, no directory can be opened."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def _answer(head: dict[str, Any], body: bytes = b"") -> None:
    out = sys.stdout.buffer
    out.write(json.dumps(head).encode("ascii") + b"\n")
    out.write(body)
    out.flush()


def _examine(data: bytes, page: int, limits: Limits) -> Decoded:
    media_type = media_type_of(data)
    decoder = prepare(media_type)
    close_the_doors()
    return decoder(data, page, limits)


def main(arguments: list[str]) -> int:
    """Run with ``[limits as JSON, page or task]``; return the exit code.

    Answers one JSON line, then the raw pixels of the preview. ``refused`` in the line names a code. The task
    of :mod:`core.intake.signature_child` answers its line alone.
    """
    limits, task = Limits.from_json(arguments[0]), arguments[1]
    limit_resources(limits)
    try:
        data = sys.stdin.buffer.read(limits.size + 1)
        if len(data) > limits.size:
            raise UserError("scan_too_large", limit=limits.size)
        if task == TASK:
            read = prepare_signatures()
            close_the_doors()
            _answer(read(data))
            return 0
        found = _examine(data, int(task), limits)
    except UserError as error:
        _answer({"refused": error.code, "params": error.params})
    except MemoryError:
        data = b""
        _answer({"refused": "scan_damaged", "params": {"why": "memory"}})
    else:
        head = {
            "media_type": found.media_type, "pages": found.pages, "width": found.width,
            "height": found.height, "mode": found.mode, "preview": found.preview_size,
            "written": found.written,
        }  # fmt: skip
        _answer(head, found.preview)
    return 0
