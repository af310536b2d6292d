"""``certificate print``: the signed sheet of a claimed case."""

from __future__ import annotations

import argparse
from typing import Any

from core.services.certificate_paper import certificate_paper
from core.services.hub_link import hub_of
from core.services.session import Session
from core.verbs.files import write_private
from core.verbs.syncing import hub_awake


def run_print(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``certificate print ID --out PDF``."""
    with hub_awake(session):
        pdf = certificate_paper(session, hub_of(session, options.ca), options.case)
    write_private(options.out, pdf)
    return {"file": str(options.out), "bytes": len(pdf)}
