"""Onto the stick: everything this desk has for the hub, and the questions whose answers it wants.

Nothing is taken from the outbox by it. What was exported stays pending until a receipt has come, so a lost
stick costs nothing but the way, and the next export holds everything again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import Cancelled, EnvironmentFault
from core.services.device_certificates import certificate_or_refuse
from core.services.offices import enrolment_request
from core.services.session import Session
from core.services.sync import desk_of
from core.services.verification import BUNDLE
from core.store.attachments import read_attachment
from core.store.scan_rows import OPEN, Unsent
from core.store.unit_of_work import UnitOfWork
from core.sync.desk import ASKED_AGAIN, Desk, find_halt
from core.sync.device_certificate import ASKING
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import BATCH_LIMITS, PROTOCOL, wrap
from core.sync.outbox import next_pull, next_push
from core.sync.scan_wire import CHUNK, OFFERED
from core.sync.scans import begun, chunk_fields, message
from core.sync.stick import REQUEST, TO_DESK, TO_HUB, Lane, Place, StickFault, StickReport, write_durably

FETCHED = 200
"""Scans of other desks that one export asks for."""
_TURN = 900_000_000
"""Beyond this, numbers begin anew; nobody gets there but a file made to annoy."""

Progress = Callable[[int, int], None]


class Exporter:
    """One export. ``progress`` hears (parts done, parts known of in all)."""

    def __init__(
        self, session: Session, stick: Path, progress: Progress, cancelled: Callable[[], bool]
    ) -> None:
        self._session, self._progress, self._cancelled = session, progress, cancelled
        self._certificate: OfficeCertificate = certificate_or_refuse(session)
        self._desk: Desk = desk_of(session)
        self._lane = Lane(stick, self._desk.office, self._desk.device, TO_HUB)
        self._answers = Lane(stick, self._desk.office, self._desk.device, TO_DESK)
        self._first = self._next = 0
        self._written: list[Place] = []
        self._done = self._total = self._actions = self._scans = 0
        self._faults: list[StickFault] = []

    def run(self) -> StickReport:
        """Write a new shipment beside the former one, then take the former one away."""
        if not self._lane.stick.is_dir():
            raise EnvironmentFault("stick_gone")
        former = self._lane.places()
        newest = max((place.number for place in (*former, *self._answers.places())), default=0)
        self._first = self._next = newest + 1 if newest < _TURN else 1
        self._lane.sweep()
        try:
            with self._session.read() as uow:
                self._require_able(uow)
                self._fill(uow)
                pending = uow.outbox.count(self._desk.device)
        except BaseException:
            self._lane.remove(self._written)
            raise
        self._lane.remove(former)
        with suppress(OSError):  # the wish to be enrolled has been heard
            self._lane.clear_file(REQUEST).unlink(missing_ok=True)
        return StickReport(
            files=len(self._written),
            actions=self._actions,
            scans=self._scans,
            pending=pending,
            faults=tuple(self._faults),
        )

    def _require_able(self, uow: UnitOfWork) -> None:
        halt = find_halt(uow)
        if halt is not None and halt.code not in ASKED_AGAIN:
            raise EnvironmentFault(halt.code, **halt.params)

    def _fill(self, uow: UnitOfWork) -> None:
        self._total = self._count(uow)
        # Certificates first: what follows them may be answered under a key that only they name.
        self._put(message(self._desk, uow, ASKING, {}))
        self._put(message(self._desk, uow, BUNDLE, {}))
        self._put_actions(uow)
        self._put_scans(uow)
        for case, scan in uow.scans.wanted(FETCHED):
            start = begun(uow, case, scan).done
            fields = {"case": case, "scan": scan, "start": start}
            self._put(message(self._desk, uow, "scan-fetch", fields))
        self._put(next_pull(uow, self._desk), end=True)

    def _count(self, uow: UnitOfWork) -> int:
        to_send, to_fetch = uow.scans.count_waiting()
        return uow.outbox.count(self._desk.device) + to_send + min(to_fetch, FETCHED) + 3

    def _put(self, payload: dict[str, Any], parts: int = 1, *, end: bool = False) -> None:
        if self._cancelled():
            raise Cancelled()
        place = Place(self._next)
        mark = {"first": self._first, "number": place.number, "end": end}
        envelope = wrap({**payload, "stick": mark}, self._desk.signer)
        self._written.append(place)  # before it is written: a half-written one has to go, too
        receiver = bytes.fromhex(self._certificate.hub_exchange_key)
        self._lane.write(place, envelope, receiver, self._desk.random)
        self._next += 1
        self._done += parts
        self._progress(min(self._done, self._total), self._total)

    # --- what is sent -------------------------------------------------------------------------

    def _put_actions(self, uow: UnitOfWork) -> None:
        while True:
            most = BATCH_LIMITS[PROTOCOL]
            push = next_push(uow, self._desk, self._certificate, most, self._actions)
            if not push.sent:
                return
            self._put(push.payload, len(push.sent))
            self._actions += len(push.sent)

    def _put_scans(self, uow: UnitOfWork) -> None:
        before = 0
        while found := uow.scans.unsent(before, OFFERED):
            before = found[-1].row
            for item in found:
                self._put_scan(uow, item)

    def _put_scan(self, uow: UnitOfWork, item: Unsent) -> None:
        key = uow.ledger.find_subject_key(item.subject)
        if key is None:
            return
        try:
            data = read_attachment(self._session.folder.attachments, key, item.name, item.scan)
        except EnvironmentFault as fault:
            self._faults.append(StickFault(item.scan, fault.code))
            return
        known = uow.scans.find(item.scan)
        attempt = known.attempt if known else 0
        start = known.done if known and known.state == OPEN and known.size == len(data) else 0
        for place in range(start, len(data), CHUNK):
            fields = chunk_fields(self._desk, self._certificate, item, attempt, place, data)
            self._put(message(self._desk, uow, "scan-chunk", fields), 0)
        self._scans += 1
        self._done += 1


def ask_to_enrol(session: Session, stick: Path) -> StickReport:
    """Write the enrolment request: all that an office without a certificate can say."""
    if not stick.is_dir():
        raise EnvironmentFault("stick_gone")
    lane = Lane(stick, session.office, session.device.id, TO_HUB)
    write_durably(lane.clear_file(REQUEST), enrolment_request(session))
    return StickReport(files=1)
