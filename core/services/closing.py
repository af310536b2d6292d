"""Closing the day: the sheet for the paper ledger, and the newest checkpoint to be kept elsewhere."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from core.clock import CHINA, from_stamp, to_stamp
from core.documents.closing_sheet import PrintedHead, render_closing_sheet
from core.documents.notices import Office
from core.errors import UserError
from core.services import applications
from core.services.device_certificates import certificate_or_refuse
from core.services.office_papers import office_face
from core.services.session import Session
from core.services.sync import desk_of
from core.store.checkpoints import Checkpoints, KeptCheckpoint
from core.store.day_counts import count_day
from core.sync.witness import cosigned, head_of, receipt_proofs, signed_head
from core.tlog.proof import ReceiptProof

_HASH = re.compile("[0-9a-f]{64}", re.ASCII)
_APPROVED = ("case_approved", "case_approved_single")


def closing_sheet(session: Session, day: date) -> bytes:
    """Return the PDF of a day's closing sheet (days are China's)."""
    face = office_face(session)
    start = datetime.combine(day, time(), CHINA)
    with session.read() as uow:
        counted = count_day(uow.connection, to_stamp(start), to_stamp(start + timedelta(days=1)))
        pending = uow.outbox.count(session.device.id)
        newest = Checkpoints(uow.connection).newest()
    standing = counted.standing
    counts = (
        ("受理", standing.get("case_filed", 0)),
        ("退回", standing.get("case_returned", 0)),
        ("核准", sum(standing.get(kind, 0) for kind in _APPROVED)),
        ("领取码", standing.get("claim_minted", 0)),
        ("待同步", pending),
        ("被退", counted.refused),
    )
    head = None if newest is None else _printed(session, newest)
    return render_closing_sheet(
        Office(face.office), day.isoformat(), counts, head, rehearsal=face.rehearsal
    ).pdf


def _printed(session: Session, kept: KeptCheckpoint) -> PrintedHead:
    origin = signed_head(certificate_or_refuse(session), kept.note).origin
    moment = from_stamp(kept.hub_time).astimezone(CHINA)
    return PrintedHead(origin, kept.size, kept.root, f"{moment:%Y-%m-%d %H:%M:%S}", kept.note)


def newest_head(session: Session) -> KeptCheckpoint | None:
    """Return the newest head this desk found right, None before there is one."""
    with session.read() as uow:
        return Checkpoints(uow.connection).newest()


def newest_checkpoint(session: Session) -> str:
    """Return the newest checked head with this desk's cosignature, to be kept outside of this house.

    Raises ``UserError`` not_enrolled, or checkpoint_none before the first sync.
    """
    certificate = certificate_or_refuse(session)
    with session.read() as uow:
        note = cosigned(uow, desk_of(session), certificate)
    if not note:
        raise UserError("checkpoint_none")
    return note


def proofs(session: Session, wanted: str, under: str = "") -> list[ReceiptProof]:
    """Return the proofs that a case's actions (or the action with this hash) are in the office's log.

    ``under`` is a checkpoint that was kept elsewhere, by default the newest one here. Raises ``UserError``
    not_enrolled, case_unknown, checkpoint_newer, proof_none; as :func:`core.sync.witness.head_of`.
    """
    certificate = certificate_or_refuse(session)
    case = None if _HASH.fullmatch(wanted) else applications.get_case(session, wanted).case
    with session.read() as uow:
        head = head_of(uow, certificate, under) if under else None
        entries = [] if case is None else uow.ledger.entries("case", case.id)
        found = receipt_proofs(uow, [entry.hash for entry in entries] or [wanted], head)
    if not found:
        raise UserError("proof_none")
    return found
