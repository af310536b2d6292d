"""Closing the day: the sheet for the paper ledger, and the newest checkpoint to be kept elsewhere."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from core.clock import CHINA, from_stamp, to_stamp
from core.documents.closing_sheet import PrintedHead, render_closing_sheet
from core.documents.notices import Office
from core.errors import UserError
from core.services.device_certificates import certificate_or_refuse
from core.services.office_papers import office_face
from core.services.session import Session
from core.services.sync import desk_of
from core.store.checkpoints import Checkpoints, KeptCheckpoint
from core.store.day_counts import count_day
from core.sync.witness import cosigned, signed_head

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
