"""Files a verb reads and writes. What it writes belongs to the person who asked, and to nobody else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.errors import EnvironmentFault, UserError
from core.paths import FULL, replacing

INPUT_LIMIT = 64 * 1024 * 1024
"""Bytes of an input file; a province's whole register fits."""


def _fault(fault: OSError) -> EnvironmentFault:
    return EnvironmentFault("disk_full" if fault.errno in FULL else "file_unwritable")


def read_bytes(path: Path, what: str) -> bytes:
    """Return a file's bytes. Raises ``EnvironmentFault('file_unreadable', file=what)``, input_too_large."""
    try:
        with path.open("rb") as handle:
            data = handle.read(INPUT_LIMIT + 1)
    except OSError as fault:
        raise EnvironmentFault("file_unreadable", file=what) from fault
    if len(data) > INPUT_LIMIT:
        raise UserError("input_too_large", file=what, limit=INPUT_LIMIT)
    return data


def read_text(path: Path, what: str) -> str:
    """Return a UTF-8 file's text without byte order mark. Raises also ``UserError('input_malformed')``."""
    try:
        return read_bytes(path, what).decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UserError("input_malformed", file=what, why="utf8") from fault


def read_secret(path: Path) -> str:
    """Return the first line of a password file. Raises ``UserError('password_empty')``."""
    lines = read_text(path, "password").splitlines()
    if not lines or not lines[0]:
        raise UserError("password_empty")
    return lines[0]


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found


def parse_object(text: str, what: str, **place: int) -> dict[str, Any]:
    """Read one JSON object; a key given twice is refused. Raises ``UserError('input_malformed', …)``."""
    try:
        value = json.loads(text, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as fault:
        raise UserError("input_malformed", file=what, why="json", **place) from fault
    if not isinstance(value, dict):
        raise UserError("input_malformed", file=what, why="object", **place)
    return value


def read_rows(path: Path, what: str) -> Iterator[tuple[int, dict[str, Any] | UserError]]:
    """Yield (line number, object) of a file with one JSON object, or with one on every line.

    A line that is none is yielded as its error, so that it can be reported beside the others.
    """
    text = read_text(path, what)
    try:
        yield 1, parse_object(text, what)
        return
    except UserError:
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        if len(lines) < 2:
            raise
    for number, line in lines:
        try:
            yield number, parse_object(line, what, line=number)
        except UserError as fault:
            yield number, fault


def make_folder(path: Path) -> Path:
    """Make a folder, owner-only when it is new; return it. Raises ``EnvironmentFault`` file_unwritable."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        raise _fault(fault) from fault
    return path


def write_private(path: Path, data: bytes | str | Iterable[str]) -> Path:
    """Write a file whole or not at all (:func:`core.paths.replacing`); return its path.

    Pieces of text are written as they come, so that a file may be larger than memory.

    Raises ``EnvironmentFault`` disk_full / file_unwritable.
    """
    pieces: Iterable[str | bytes] = [data] if isinstance(data, bytes | str) else data
    try:
        with replacing(path) as file:
            file.writelines(each if isinstance(each, bytes) else each.encode("utf-8") for each in pieces)
    except OSError as fault:
        raise _fault(fault) from fault
    return path


def write_json(path: Path, value: Any) -> Path:
    """Write JSON for people to read, as :func:`write_private` does."""
    return write_private(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def reserve(path: Path) -> None:
    """Make an empty owner-only file, so that what comes later surely has a place.

    Raises ``UserError('file_exists')`` rather than overwrite, ``EnvironmentFault`` file_unwritable.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as fault:
        raise UserError("file_exists") from fault
    except OSError as fault:
        raise _fault(fault) from fault
