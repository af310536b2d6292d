"""An office's log as a folder: the C2SP tiles as they are served, and beside them the actions themselves.

Nothing personal is in it: an action's public part is what the register publishes, everything else are
salted commitments. One folder an office, named by its id:

    checkpoint  tile/<L>/<N>[.p/<W>]  tile/entries/<N>[.p/<W>]     C2SP tlog-tiles
    actions.jsonl        one action a line: position, recorded_at, hash, body, algorithm, signature
    rejected.txt         hashes of refused actions (links of the desks' chains)
    cosignatures.jsonl   device, note
    pages/<action hash>  text of a page of the register: a list of texts a unit
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import EnvironmentFault, UserError
from core.records.register import PAGE_KIND
from core.tlog.audit import LogCopy, Row
from core.tlog.checkpoint import claimed_size
from core.tlog.tiles import WIDTH, Tile, bundles_of, pack_entries, tiles_of, unpack_entries
from core.verbs.files import make_folder, write_private

_ACTIONS, _REJECTED, _COSIGNATURES = "actions.jsonl", "rejected.txt", "cosignatures.jsonl"
_HASH = re.compile("[0-9a-f]{64}", re.ASCII)
_FIELDS = ("position", "recorded_at", "hash", "body", "algorithm", "signature")


def write_folder(copy: LogCopy, out: Path) -> Path:
    """Write an office's log to ``out``/<office>, which must not be there; return it.

    Raises ``UserError('file_exists')``, ``EnvironmentFault`` disk_full / file_unwritable.
    """
    place = out / copy.office
    if place.exists():
        raise UserError("file_exists")
    make_folder(place)
    for bundle in bundles_of(len(copy.entries)):
        first = bundle.index * WIDTH
        _put(place, bundle, pack_entries(copy.entries[first : first + bundle.width]))
    for tile in tiles_of(len(copy.entries)):
        data = copy.tile(tile)
        if data is not None:  # what is missing in the database is missing here, too
            _put(place, tile, data)
    _lines(place / _ACTIONS, _written(copy, place / "pages"))
    _lines(place / _REJECTED, sorted(copy.rejected))
    _lines(place / _COSIGNATURES, (json.dumps({"device": d, "note": n}) for d, n in copy.cosignatures))
    write_private(place / "checkpoint", copy.note)  # last: a folder without it was cut short
    return place


def _written(copy: LogCopy, pages: Path) -> Iterator[str]:
    """Return the lines of the actions; the records of pages go to files of their own on the way."""
    for row in copy.rows:
        yield json.dumps({name: getattr(row, name) for name in _FIELDS})
        # What stands for the hash in a spoilt database becomes no file's name.
        if row.columns.get("kind") == PAGE_KIND and _HASH.fullmatch(row.hash):
            text = copy.page(row.hash)
            if text is not None:
                make_folder(pages)
                write_private(pages / row.hash, text)


def _put(place: Path, tile: Tile, data: bytes) -> None:
    path = place / tile.path()
    make_folder(path.parent)
    write_private(path, data)


def _lines(path: Path, lines: Iterable[str]) -> None:
    write_private(path, (f"{line}\n" for line in lines))


def offices_in(folder: Path) -> list[str]:
    """Return the offices that have a log in ``folder``. Raises ``EnvironmentFault('log_missing')``."""
    try:
        return sorted(place.name for place in folder.iterdir() if place.is_dir())
    except OSError as fault:
        raise EnvironmentFault("log_missing") from fault


def read_folder(folder: Path, office: str) -> LogCopy:
    """Read an office's log as it lies there, right or wrong: a file that is missing is empty."""
    place = folder / office
    note = _read(place / "checkpoint").decode("utf-8", "replace")
    return LogCopy(
        office=office,
        note=note,
        entries=_entries(place, note),
        tile=lambda tile: _find(place / tile.path()),
        rows=_rows(place),
        rejected=frozenset(_read(place / _REJECTED).decode("ascii", "replace").split()),
        cosignatures=list(_cosignatures(place)),
        page=lambda action_hash: _find(place / "pages" / action_hash),
    )


def _entries(place: Path, note: str) -> list[bytes]:
    """Return the entries of as many bundles as the head speaks of; a damaged one ends them."""
    entries: list[bytes] = []
    try:
        for bundle in bundles_of(min(claimed_size(note), 2**32)):
            data = _find(place / bundle.path())
            if data is None:
                break
            entries += unpack_entries(data)
    except (ValueError, UserError):
        pass
    return entries


def _find(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise EnvironmentFault("file_unreadable", file="log") from fault


def _read(path: Path) -> bytes:
    return _find(path) or b""


def _rows(place: Path) -> Iterator[Row]:
    try:
        with (place / _ACTIONS).open(encoding="utf-8") as lines:
            for line in lines:
                fields = json.loads(line)
                yield Row(**{name: fields[name] for name in _FIELDS})
    except FileNotFoundError:
        return
    except OSError as fault:
        raise EnvironmentFault("file_unreadable", file="log") from fault


def _cosignatures(place: Path) -> Iterator[tuple[str, str]]:
    for line in _read(place / _COSIGNATURES).decode("utf-8", "replace").splitlines():
        try:
            fields = json.loads(line)
            yield str(fields["device"]), str(fields["note"])
        except (ValueError, LookupError, TypeError):
            yield "", ""  # a line that cannot be read is no cosignature, and is found as such
