"""From the stick: the hub's answers, through the very doors that a network uses.

An answer is believed for its signature and because it names this desk; it may be days old, come twice, or
after a newer one. Facts (receipts, pages of the feed) are the same whenever they come; what the hub says
of the *present* (revocations, certificates, halts) counts in the newest answer only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.clock import from_stamp, to_stamp
from core.errors import Cancelled, CertDeskError, EnvironmentFault, Refusal, UserError
from core.keys.signer import Signer
from core.services.device_certificates import certificate_or_refuse, take_certificates
from core.services.offices import enrol, is_enrolled
from core.services.register import finish_words
from core.services.session import Session
from core.services.sync import desk_of, leave_taken_generation
from core.services.verification import BUNDLE, keep_bundle
from core.store.scan_rows import GONE, OPEN, REFUSED, THERE, Transfer
from core.sync import stick as on
from core.sync.comparing import start_over, whole
from core.sync.desk import ASKED_AGAIN, FORKS, HUB_FAULTS, clear_halt, find_halt, hub_offset, keep_halt
from core.sync.device_certificate import ASKING
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import unwrap
from core.sync.inbox import reading_answer, take_feed, take_receipts
from core.sync.scans import begun, keep_chunk, read_status

Progress = Callable[[int, int], None]

_OF_THE_FILE = frozenset({"hub_answer_damaged", "hub_answer_forged", "receipts_incomplete", "feed_gap"})
"""Faults that are one file's; the others of the environment are everybody's and end the import."""

_CERTIFICATE_BYTES = 1 << 16
_HEARD = "stick_heard"
_LONG_AGO = "1970-01-01T00:00:00.000Z"


class Importer:
    """One import. ``progress`` hears (files done, files in all)."""

    def __init__(
        self, session: Session, stick: Path, progress: Progress, cancelled: Callable[[], bool]
    ) -> None:
        self._session, self._stick = session, stick
        self._progress, self._cancelled = progress, cancelled
        self._certificate = certificate_or_refuse(session)
        self._desk = desk_of(session)
        self._lane = on.Lane(stick, self._desk.office, self._desk.device, on.TO_DESK)
        self._heard = self._newest = self._last_heard()
        self._shipments: dict[int, _Shipment] = {}
        self._files = self._confirmed = self._scans = self._pulled = 0
        self._rejected: list[tuple[str, str]] = []
        self._faults: list[on.StickFault] = []
        self._halt: EnvironmentFault | None = None

    def run(self) -> on.StickReport:
        """Take in what is there for this desk, each file whole or not at all."""
        found = on.lanes(self._stick, on.TO_DESK)
        foreign = sum(len(lane.places()) for lane in found if lane != self._lane)
        places = self._lane.places()
        for done, place in enumerate(places, 1):
            if self._cancelled():
                raise Cancelled()
            self._take(place)
            if self._halt is not None:  # nothing more of what the hub says fits this desk
                raise self._halt
            self._progress(done, len(places))
        self._name_gaps()
        with self._session.begin() as uow:
            leave_taken_generation(self._session, uow)
            pending = uow.outbox.count(self._desk.device)
        finish_words(self._session, self._cancelled)  # an office that only knows the stick has no other cycle
        return on.StickReport(
            files=self._files,
            actions=self._confirmed,
            scans=self._scans,
            pulled=self._pulled,
            rejected=tuple(self._rejected),
            foreign=foreign,
            pending=pending,
            faults=tuple(self._faults),
        )

    def _last_heard(self) -> datetime:
        """Return the hub's newest moment that this desk knows, by stick or by network."""
        with self._session.read() as uow:
            stick, network = uow.find_meta(_HEARD), uow.find_meta("last_sync")
            offset = timedelta(seconds=hub_offset(uow))
        heard = from_stamp(stick or _LONG_AGO)
        return max(heard, from_stamp(network) + offset) if network else heard

    # --- one file -----------------------------------------------------------------------------

    def _take(self, place: on.Place) -> None:
        try:
            answer = self._opened(place)
            self._act(place, answer)
        except (Refusal, UserError) as fault:
            if fault.code == "desk_locked":
                raise
            self._fault(place, fault)
        except EnvironmentFault as fault:
            if fault.code in FORKS | HUB_FAULTS:
                self._stop(fault)
            elif fault.code in _OF_THE_FILE:
                self._fault(place, fault)
            else:
                raise
        else:
            self._files += 1

    def _fault(self, place: on.Place, fault: CertDeskError) -> None:
        code = "stick_gap" if fault.code == "feed_gap" else fault.code
        self._faults.append(on.StickFault(self._lane.told(place), code, dict(fault.params)))

    def _stop(self, fault: EnvironmentFault) -> None:
        with self._session.begin() as uow:
            halt = keep_halt(uow, self._desk, fault.code, fault.params)
        self._halt = EnvironmentFault(halt.code, **halt.params)

    def _opened(self, place: on.Place) -> dict[str, Any]:
        data = self._lane.read(place, self._desk.exchange_secret)
        opened = unwrap(data)
        key = bytes.fromhex(self._certificate.hub_key)
        if opened.kid != self._certificate.hub_kid or not opened.verify(key):
            raise EnvironmentFault("hub_answer_forged")
        answer = opened.payload
        if (answer.get("office"), answer.get("device")) != (self._desk.office, self._desk.device):
            raise Refusal("stick_foreign")
        with reading_answer():
            mark = answer["stick"]
            if mark["number"] != place.number or mark["page"] != place.page:
                raise ValueError("another file")
            shipment = self._shipments.setdefault(int(mark["first"]), _Shipment())
            shipment.add(place, bool(mark["last"]), bool(mark["end"]))
        return answer

    def _act(self, place: on.Place, answer: dict[str, Any]) -> None:
        with reading_answer():
            moment = from_stamp(answer["hub_time"])
        late = moment < self._heard
        if late:
            answer = {name: value for name, value in answer.items() if name != "revoked"}
        kind = answer["type"]
        if kind == "receipts":
            self._receipts(answer, late)
        elif kind == "feed":
            self._feed(place, answer, late)
        elif kind == "scan-fetch":
            self._fetched(answer)
        elif not late and kind in (ASKING, BUNDLE, "scan-chunk", on.REFUSED):
            self._present(kind, answer)
        if moment > self._newest:
            self._newest = moment
            with self._session.begin() as uow:
                uow.set_meta(_HEARD, to_stamp(moment))

    def _present(self, kind: str, answer: dict[str, Any]) -> None:
        """What only the newest answer can tell."""
        if kind == ASKING:
            take_certificates(self._session, answer)
            self._certificate = certificate_or_refuse(self._session)
        elif kind == BUNDLE:
            keep_bundle(self._session, answer)
        elif kind == "scan-chunk":
            self._sent(answer)
        else:
            self._refused(answer)

    # --- what it says -------------------------------------------------------------------------

    def _receipts(self, answer: dict[str, Any], late: bool) -> None:
        with reading_answer():
            told = {str(item["hash"]): str(item["action"]) for item in answer["receipts"]}
            stopped = answer.get("stopped")
        with self._session.read() as uow:
            known = uow.ledger.known(told)
            waiting = known - set(uow.ledger.receipts_of(known))
        if known != set(told):
            return  # this desk was restored meanwhile and lacks some; the feed brings them
        answer = dict(answer)
        if stopped is not None and stopped.get("error") == "chain_gap":  # a file was missing, nothing worse
            del answer["stopped"]
        store, desk = self._session.store, self._desk
        taken = take_receipts(store, desk, self._certificate, told, answer, live=False, old=late)
        self._confirmed += len(waiting)
        refused = {told[name] for name in waiting}
        self._rejected += [item for item in taken.rejected if item[0] in refused]
        if taken.stopped is not None:
            self._halt = EnvironmentFault(taken.stopped.code, **taken.stopped.params)

    def _feed(self, place: on.Place, answer: dict[str, Any], late: bool) -> None:
        with reading_answer():
            after = int(answer["next"]) - len(answer["items"])
            mark = answer["stick"]
            asked, last = int(mark["asked"]), bool(mark["last"])
        store, desk = self._session.store, self._desk
        self._pulled += take_feed(store, desk, self._certificate, answer, after, live=False, old=late)
        if last and not late:
            self._compare(answer, asked)

    def _compare(self, answer: dict[str, Any], asked: int) -> None:
        """After the last page both sides hold the same, or the whole feed is asked for once more."""
        with self._session.begin() as uow:
            if whole(uow, answer):
                halt = find_halt(uow)
                if halt is not None and halt.code in ASKED_AGAIN:
                    clear_halt(uow)
                moment = from_stamp(answer["hub_time"]) - timedelta(seconds=hub_offset(uow))
                uow.set_meta("last_sync", to_stamp(moment))
                return
            start_over(uow)
        if asked == 0:
            raise EnvironmentFault("log_diverged")
        raise Refusal("stick_again")

    def _sent(self, answer: dict[str, Any]) -> None:
        with reading_answer():
            told = answer["scan"]
            status = read_status(told, str(told["scan"]))
        with self._session.begin() as uow:
            case, size = uow.scans.case_of(status["scan"]), uow.scans.size_of(status["scan"])
            known = uow.scans.find(status["scan"])
            if case is None or (known is not None and known.state != OPEN):
                return
            state = {"there": THERE, "erased": GONE, "refused": REFUSED}.get(status["state"], OPEN)
            known = replace(known or Transfer(status["scan"], case), size=size or 0)
            known = replace(known, state=state, attempt=status["attempt"], done=status["have"])
            uow.scans.note(known)
        self._scans += state == THERE

    def _fetched(self, answer: dict[str, Any]) -> None:
        with reading_answer():
            told = answer["scan"]
            status = read_status(told, str(told["scan"]))
            start, case = answer.get("start", -1), str(answer["case"])
        folder = self._session.folder.attachments
        with self._session.begin() as uow:
            if uow.find_attachment(status["scan"]) is not None:
                return
            known = begun(uow, case, status["scan"])
            if status["state"] == "erased":
                uow.scans.note(replace(known, state=GONE, code="scan_erased"))
            if status["state"] != "there" or start != known.done:
                return
            grown = keep_chunk(uow, folder, self._desk, known, answer)
        self._scans += grown.state == THERE

    def _refused(self, answer: dict[str, Any]) -> None:
        """The hub could not take a file in; halts are for this generation only."""
        with reading_answer():
            code, epoch = str(answer["error"])[:60], answer["stick"].get("epoch")
            params = dict(answer["params"])
        if epoch is not None and epoch != self._desk.epoch:
            return
        if code in (FORKS | HUB_FAULTS) - {"chain_gap"}:
            raise EnvironmentFault(code, **params)

    def _name_gaps(self) -> None:
        named = {fault.file for fault in self._faults}
        for first, shipment in sorted(self._shipments.items()):
            files = (self._lane.told(place) for place in shipment.missing(first))
            self._faults += [on.StickFault(file, "stick_gap") for file in files if file not in named]


class _Answered:
    """A hub that has said one thing and cannot be asked another."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def enrol(self, request: bytes) -> dict[str, Any]:
        """Return what the stick holds."""
        del request
        return self._answer

    def ask(
        self, path: str, payload: Mapping[str, Any], signer: Signer, certificate: OfficeCertificate
    ) -> dict[str, Any]:
        """Nobody listens."""
        raise EnvironmentFault("hub_unreachable")


def take_enrolment(session: Session, stick: Path) -> on.StickReport:
    """Take the office certificate. Raises ``UserError('not_enrolled')`` while there is none."""
    on.lanes(stick, on.TO_DESK)
    path = on.Lane(stick, session.office, session.device.id, on.TO_DESK).clear_file(on.ANSWER)
    if not path.is_file():
        raise UserError("not_enrolled")
    try:
        answer = dict(json.loads(on.read_carefully(path, _CERTIFICATE_BYTES)))
    except (ValueError, TypeError, RecursionError) as fault:
        raise Refusal("stick_damaged") from fault
    try:
        enrol(session, _Answered(answer))
    except EnvironmentFault:  # the device certificate comes with the next stick
        if not is_enrolled(session):
            raise
    if not is_enrolled(session):
        raise UserError("not_enrolled")
    return on.StickReport(files=1)


class _Shipment:
    """Which answers to one export have been seen."""

    def __init__(self) -> None:
        self._pages: dict[int, set[int]] = {}
        self._last: dict[int, int] = {}
        self._end: int | None = None

    def add(self, place: on.Place, last: bool, end: bool) -> None:
        """Note a file; ``last`` page of its number, ``end`` of the shipment."""
        self._pages.setdefault(place.number, set()).add(place.page)
        if last:
            self._last[place.number] = place.page
        if end:
            self._end = place.number

    def missing(self, first: int) -> list[on.Place]:
        """Return the files that should be there and are not."""
        lost = [on.Place(number, 1) for number in on.gaps(self._pages, first, self._end)]
        for number, pages in self._pages.items():
            lost += [on.Place(number, page) for page in on.gaps(pages, 1, self._last.get(number))]
        return sorted(lost)
