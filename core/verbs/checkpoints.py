"""``checkpoint export``: what an auditor keeps elsewhere, so that no later rewriting goes unseen.

``checkpoint proof``: that what a receipt says was recorded stands in the log, for who has only that file.
"""

from __future__ import annotations

import argparse
from typing import Any

from core.services.closing import newest_checkpoint, proofs
from core.services.session import Session
from core.tlog.checkpoint import claimed_origin, claimed_size
from core.verbs.files import make_folder, reserve, write_private
from core.verbs.log_check import note_in


def export(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``checkpoint export``: writes the note; an existing file is kept (``file_exists``)."""
    note = newest_checkpoint(session)
    reserve(options.out)
    write_private(options.out, note)
    return {"file": str(options.out), "log": claimed_origin(note), "entries": claimed_size(note)}


def prove(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``checkpoint proof``: one file an action, named by its place in the log."""
    found = proofs(session, options.case, note_in(options.under) if options.under else "")
    folder, lines = make_folder(options.out), []
    for proof in found:
        file = folder / f"{proof.index + 1}.tlog-proof"
        reserve(file)
        write_private(file, proof.text())
        lines.append({"file": str(file), "position": proof.index + 1, "action": proof.hash})
    head = found[0].note
    return {"proofs": lines, "log": claimed_origin(head), "entries": claimed_size(head)}
