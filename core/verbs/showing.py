"""``case show``: what is known of a case; whoever it is about stays covered unless asked for."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from core.forms.kinds import masked
from core.forms.registry import latest
from core.forms.spec import FormSpec, Grade
from core.services import applications, claims
from core.services.applications import CaseView
from core.services.session import Session
from core.verbs.filing import still_missing

_COVERED = "***"


def show(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``case show``."""
    view = applications.get_case(session, options.case)
    case = view.case
    with session.read() as uow:
        lines = [line for line in uow.lists.cases_of_unit(case.unit) if line.case == case.id]
    return {
        "case": case.id,
        "case_no": case.case_no,
        "form": case.form,
        "lifecycle": case.lifecycle,
        "delivery": lines[0].delivery if lines else None,
        "unit": {
            "id": view.unit.id,
            **_shown(latest("unit-record"), view.unit.values, ("uscc", "name"), True),
        },
        "values": _shown(view.form, case.values, case.values, options.reveal),
        "revealed": options.reveal,
        "content": case.content,
        "printed": case.printed.get(case.content, 0),
        "paper_stale": case.paper_stale(),
        "scans": _scans(view),
        "papers": {name: dict(tick) for name, tick in case.papers.items()},
        "missing": still_missing(view),
        "approval": case.approval,
        "single": case.single,
        "reasons": list(case.reasons),
        "remark": case.remark if options.reveal or not case.remark else _COVERED,
        "claims": _claims(session, case.id),
        "filed_at": case.filed_at,
        "changed_at": case.changed_at,
    }


def _shown(form: FormSpec, values: Any, names: Iterable[str], reveal: bool) -> dict[str, str]:
    wanted, shown = set(names), {}
    for field in form.fields():
        if field.id in wanted and values.get(field.id):
            plain = reveal or field.grade is Grade.PUBLIC
            shown[field.id] = values[field.id] if plain else masked(field, values[field.id])
    return shown


def _scans(view: CaseView) -> list[dict[str, Any]]:
    return [
        {
            "scan": scan.id,
            "role": scan.role,
            "media_type": scan.media_type,
            "pages": scan.pages,
            "current": scan.content == view.case.content,
        }
        for scan in view.case.scans
    ]


def _claims(session: Session, case: str) -> list[dict[str, Any]]:
    return [
        {
            "claim": claim.id,
            "jti": claim.jti,
            "purpose": claim.purpose,
            "issued_at": claim.issued_at,
            "expires_at": claim.expires_at,
            "voided": claim.voided,
        }
        for claim in claims.claims_of(session, case)
    ]
