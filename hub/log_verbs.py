"""``verify-log`` and ``hub export-log``: the record checked by who trusts nobody, and handed out for it.

``hub check`` is the operator's own: whether what the hub acts by still is what the record says.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from core.errors import Cancelled, Refusal, UserError
from core.verbs.files import make_folder
from core.verbs.log_check import check, check_proof, read_hub_key, read_old
from core.verbs.log_folder import offices_in, read_folder, write_folder
from core.verbs.outcome import DONE, REFUSED, Outcome, UsageFault
from core.verbs.running import Surroundings

_TOLD = 100
"""Differences that ``hub check`` names; their number is told whole."""


def _file_key(options: argparse.Namespace) -> bytes:
    """Return what opens SQLite's file; PostgreSQL needs none."""
    from hub.engine import is_sqlite
    from hub.keyfile import key_for

    return key_for(options.db, options.key_file) if is_sqlite(options.db) else b""


def verify(options: argparse.Namespace, around: Surroundings) -> Outcome:
    """``verify-log``: exit 1 with log_tampered, naming the check and the position; Ctrl-C ends it calmly."""
    try:
        return _verify(options, around)
    except KeyboardInterrupt:
        raise Cancelled() from None


def _verify(options: argparse.Namespace, around: Surroundings) -> Outcome:
    if (options.db, options.dir, options.proof).count(None) != 2:
        raise UsageFault("usage", why="one of --db, --dir, --proof")
    hub_key = read_hub_key(options.hub_key)
    old = read_old(options.checkpoint or (), hub_key)
    if options.proof is not None:
        return check_proof(options.proof, hub_key, old)
    if options.dir is not None:
        folder = options.dir
        return check(
            offices_in(folder), options.office, lambda o: read_folder(folder, o), hub_key, old, around.tell
        )
    from hub.log_copy import copy_of, offices_of, reading

    with reading(options.db, _file_key(options)) as connection:
        there = offices_of(connection)
        return check(there, options.office, lambda o: copy_of(connection, o), hub_key, old, around.tell)


def export(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub export-log``: one folder an office below ``--out``."""
    from hub.log_copy import copy_of, offices_of, reading

    del around
    with reading(options.db, _file_key(options)) as connection:
        there = offices_of(connection)
        wanted = there if options.office == "all" else [options.office]
        if not set(wanted) <= set(there):
            raise UserError("log_unknown")
        out = make_folder(options.out)
        lines = []
        for office in wanted:
            copy = copy_of(connection, office)
            write_folder(copy, out)
            lines.append({"office": office, "entries": len(copy.entries)})
    return {"offices": lines, "folder": str(options.out)}


def compare(options: argparse.Namespace, around: Surroundings) -> Outcome:
    """``hub check``: exit 1 with record_differs when a lookup is not what the record makes of it."""
    from hub.checking import differences
    from hub.log_copy import looking, offices_of
    from hub.trust_verbs import opened

    with opened(options) as hub, looking(hub.database) as connection:
        there = offices_of(connection)
        if options.office not in ("all", *there):
            raise UserError("log_unknown")
        found, lines = [], []
        for office in there if options.office == "all" else [options.office]:
            mine = list(differences(hub.sealed, connection, office))
            around.tell(json.dumps({"office": office, "differences": len(mine)}))
            lines.append({"office": office, "differences": len(mine)})
            found += mine
    body = {"offices": lines, "differences": [each.line() for each in found[:_TOLD]], "ok": not found}
    if not found:
        return Outcome(DONE, body)
    first = found[0]
    fault = Refusal("record_differs", count=len(found), office=first.office, table=first.table)
    return Outcome(REFUSED, {"fault": fault, **body})
