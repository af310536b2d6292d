"""``checkpoint export``: what an auditor keeps elsewhere, so that no later rewriting goes unseen."""

from __future__ import annotations

import argparse
from typing import Any

from core.services.closing import newest_checkpoint
from core.services.session import Session
from core.tlog.checkpoint import claimed_origin, claimed_size
from core.verbs.files import reserve, write_private


def export(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``checkpoint export``: writes the note; an existing file is kept (``file_exists``)."""
    note = newest_checkpoint(session)
    reserve(options.out)
    write_private(options.out, note)
    return {"file": str(options.out), "log": claimed_origin(note), "entries": claimed_size(note)}
