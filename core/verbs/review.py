"""``case approve`` and ``case return``."""

from __future__ import annotations

import argparse
from typing import Any

from core.errors import UserError
from core.services import applications, review
from core.services.session import Session
from core.verbs.files import read_text
from core.verbs.outcome import UsageFault

_LONGEST_REMARK = 500


def approve(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``case approve``."""
    return approve_case(session, options.case)


def approve_case(session: Session, number_or_id: str) -> dict[str, Any]:
    """Approve a case as it is now."""
    case = applications.get_case(session, number_or_id).case.id
    approval = review.approve(session, case)
    view = applications.get_case(session, case)
    return {"case": case, "approval": approval, "lifecycle": view.case.lifecycle, "single": view.case.single}


def send_back(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``case return``."""
    unknown = [reason for reason in options.reason if reason not in review.RETURN_REASONS]
    if unknown:
        raise UsageFault("reason_unknown", reasons=list(review.RETURN_REASONS))
    remark = "" if options.remark_file is None else read_text(options.remark_file, "remark").strip()
    if len(remark) > _LONGEST_REMARK:
        raise UserError("too_long", field="remark", limit=_LONGEST_REMARK, length=len(remark))
    case = applications.get_case(session, options.case).case.id
    review.return_for_correction(session, case, options.reason, remark)
    return {"case": case, "lifecycle": applications.get_case(session, case).case.lifecycle}
