"""``claim mint``, ``claim reverse`` and ``claim void``."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.claims.offer import code_in
from core.clock import to_stamp
from core.documents import qr
from core.services import applications, claims
from core.services.hub_link import hub_of
from core.services.session import Session
from core.verbs.expected import expected_claims, printed
from core.verbs.files import make_folder, read_text, write_json, write_private
from core.verbs.papers import render
from core.verbs.syncing import hub_awake

_PIXELS = 8
"""Of one module in claim.png."""


def run_mint(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``claim mint``."""
    return mint(session, options.case, options.out)


def mint(session: Session, number_or_id: str, out: Path) -> dict[str, Any]:
    """Mint a code without any network and write all of it to ``out``, owner-only.

    The six digits stand in ``pin.txt`` alone; they are in no other file and not in the answer.
    """
    view = applications.get_case(session, number_or_id)
    sheet = render(session, view)
    # Before minting: a code that cannot be written down would void the one before it for nothing.
    make_folder(out)
    about = {view.case.form: printed(sheet), "claims": expected_claims(view)}
    write_json(out / "case.json", about)
    minted = claims.mint_claim(session, view.case.id)
    write_private(out / "offer.txt", minted.link)
    write_private(out / "offer-by-value.txt", minted.by_value)
    write_private(out / "pin.txt", minted.pin)
    write_private(out / "claim.png", qr.png(qr.matrix(minted.link), _PIXELS))
    return {
        "claim": minted.claim,
        "case": minted.case,
        "jti": minted.jti,
        "out": str(out),
        "expires_at": to_stamp(datetime.fromtimestamp(minted.expires_at, UTC)),
        "clock_warning": minted.clock_warning,
    }


def reverse(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``claim reverse``: what ``claim mint`` wrote to a folder goes to the phone that shows a short code."""
    code = code_in(read_text(options.folder / "offer.txt", "offer.txt"))
    with hub_awake(session):
        claims.send_to_phone(session, hub_of(session, options.ca), code, options.short)
    return {"sent": True}


def void(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``claim void``."""
    case = applications.get_case(session, options.case).case.id
    return {"case": case, "voided": claims.void_claims(session, case)}
