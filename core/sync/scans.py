"""The scans' own lane: bytes after facts, in chunks that can be cut anywhere and go on where they stopped.

An action has committed to a scan's SHA-256 long before; the lane carries the bytes, sealed chunk by chunk
to whoever receives them, inside signed envelopes. How far each scan is says the receiver; what is
written down here is for showing and for the chunks that have arrived.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.clock import to_stamp
from core.errors import Cancelled, CertDeskError, EnvironmentFault, UserError
from core.keys.sealing import open_sealed, seal_to
from core.store.attachments import read_attachment, write_attachment
from core.store.scan_rows import GONE, OPEN, REFUSED, THERE, Transfer, Unsent
from core.store.unit_of_work import Store, UnitOfWork
from core.sync.desk import Desk, hub_now
from core.sync.enrolment import OfficeCertificate
from core.sync.hub import Hub
from core.sync.scan_wire import CHUNK, OFFERED, SPEAKS_SCANS, chunk_aad

_MOST = 20 << 20
"""Bytes of a scan (core.intake.limits): what is told to be larger is not believed."""


@dataclass(frozen=True)
class ScanReport:
    """What a run of the lane did: scans ``sent`` and ``fetched``, those that still wait, what stopped some.

    ``failed`` holds (scan id, code). ``interrupted``: it gave way to something new that was done.
    """

    sent: int = 0
    fetched: int = 0
    waiting: int = 0
    failed: tuple[tuple[str, str], ...] = ()
    interrupted: bool = False

    def joined(self, later: ScanReport) -> ScanReport:
        """Return what this run and a later one did together."""
        failed = tuple(dict.fromkeys(self.failed + later.failed))
        sent, fetched = self.sent + later.sent, self.fetched + later.fetched
        return ScanReport(sent, fetched, later.waiting, failed, later.interrupted)


Progress = Callable[[int, int], None]
"""Told (bytes moved, bytes known of in all)."""


def message(desk: Desk, uow: UnitOfWork, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of one of the lane's requests, stamped by the hub's clock as last heard."""
    return {
        "type": kind,
        "protocol": SPEAKS_SCANS,
        "office": desk.office,
        "device": desk.device,
        "sent_at": to_stamp(hub_now(uow, desk)),
        "nonce": desk.random(16).hex(),
        **fields,
    }


def chunk_fields(
    desk: Desk, certificate: OfficeCertificate, unsent: Unsent, attempt: int, start: int, data: bytes
) -> dict[str, Any]:
    """Return the fields of the chunk of ``data`` (the whole scan) that begins at ``start``."""
    aad = chunk_aad(desk.office, unsent.scan, start)
    key = bytes.fromhex(certificate.hub_exchange_key)
    sealed = seal_to(key, data[start : start + CHUNK], aad, desk.random)
    place = {"case": unsent.subject, "scan": unsent.scan, "attempt": attempt, "start": start}
    return {**place, "size": len(data), "data": base64.b64encode(sealed).decode("ascii")}


class _Stop(Exception):
    """This scan does not go on for now; ``code`` says why, empty when there is nothing to tell."""

    def __init__(self, code: str = "", state: str = OPEN) -> None:
        super().__init__(code)
        self.code, self.state = code, state


class Lane:
    """One run of the lane for one desk against one hub.

    ``interrupted`` is asked before each chunk: True ends the run early (actions go first). Every method
    raises ``EnvironmentFault`` hub_* when the line is gone, ``Cancelled``.
    """

    def __init__(
        self,
        store: Store,
        folder: Path,
        desk: Desk,
        hub: Hub,
        certificate: OfficeCertificate,
        progress: Progress = lambda done, total: None,
        cancelled: Callable[[], bool] = lambda: False,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._store, self._folder, self._desk = store, folder, desk
        self._hub, self._certificate = hub, certificate
        self._progress, self._cancelled, self._interrupted = progress, cancelled, interrupted
        self._moved = self._total = self._sent = self._fetched = 0
        self._failed: list[tuple[str, str]] = []

    def run(self) -> ScanReport:
        """Send what the hub has not, then fetch what open cases lack."""
        interrupted = False
        try:
            self._send_all()
            self._fetch_all()
        except _Stop as stop:
            interrupted = not stop.code
        with self._store.read() as uow:
            waiting = sum(uow.scans.count_waiting())
        return ScanReport(self._sent, self._fetched, waiting, tuple(self._failed), interrupted)

    def fetch(self, case: str, scan: str) -> None:
        """Fetch one scan now. Raises ``UserError`` scan_not_here_yet, scan_erased, scan_differs."""
        try:
            self._fetch(case, scan)
        except _Stop as stop:
            raise UserError(stop.code or "scan_not_here_yet") from None

    # --- asking -------------------------------------------------------------------------------

    def _ask(self, kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        with self._store.read() as uow:
            payload = message(self._desk, uow, kind, fields)
        answer = self._hub.ask(f"/api/v1/{kind}", payload, self._desk.signer, self._certificate)
        if answer.get("type") != kind or answer.get("nonce") != payload["nonce"]:
            raise EnvironmentFault("hub_answer_damaged")
        return answer

    def _breathe(self) -> None:
        if self._cancelled():
            raise Cancelled()
        if self._interrupted():
            raise _Stop()

    def _note(self, transfer: Transfer) -> None:
        with self._store.begin() as uow:
            uow.scans.note(transfer)

    # --- sending ------------------------------------------------------------------------------

    def _send_all(self) -> None:
        before = 0
        while True:
            with self._store.read() as uow:
                offered = uow.scans.unsent(before, OFFERED)
            if not offered:
                return
            before = offered[-1].row
            self._total += sum(item.size for item in offered)
            for item, status in zip(offered, self._offer(offered), strict=True):
                self._breathe()
                self._settle(item, status)

    def _offer(self, offered: list[Unsent]) -> list[dict[str, Any]]:
        asked = [{"case": item.subject, "scan": item.scan} for item in offered]
        told = self._ask("scan-offer", {"scans": asked}).get("scans")
        if not isinstance(told, list) or len(told) != len(offered):
            raise EnvironmentFault("hub_answer_damaged")
        return [read_status(item, scan.scan) for item, scan in zip(told, offered, strict=True)]

    def _settle(self, item: Unsent, status: dict[str, Any]) -> None:
        try:
            state = self._send(item, status)
        except _Stop as stop:
            if stop.code:
                self._failed.append((item.scan, stop.code))
            if stop.code == "scan_quota":  # the next scan would meet the same wall
                raise
        else:
            self._sent += state == THERE

    def _send(self, item: Unsent, status: dict[str, Any]) -> str:
        """Send one scan from where the hub has it. Raises :class:`_Stop` where it does not go on."""
        transfer = Transfer(item.scan, item.subject, OPEN, status["attempt"], status["have"], item.size)
        state = {"there": THERE, "erased": GONE, "refused": REFUSED}.get(status["state"])
        if state is not None:
            code = "scan_refused" if state == REFUSED else ""
            self._note(replace(transfer, state=state, code=code))
            if state == REFUSED:
                raise _Stop(code)
            return state
        if status["state"] != "partial":
            return OPEN  # its action has not been recorded yet
        try:
            return self._send_bytes(transfer, item)
        except _Stop as stop:
            if stop.code:
                self._note(replace(transfer, state=stop.state, code=stop.code))
            raise

    def _send_bytes(self, transfer: Transfer, item: Unsent) -> str:
        data = self._bytes_of(item)
        if data is None:
            self._note(replace(transfer, state=GONE))
            return GONE
        attempt, start, state = transfer.attempt, transfer.done, OPEN
        while state == OPEN:
            self._breathe()
            if start >= len(data):
                raise _Stop("scan_stuck")
            fields = chunk_fields(self._desk, self._certificate, item, attempt, start, data)
            told = read_status(self._chunk(fields), item.scan)
            state = {"there": THERE, "partial": OPEN, "erased": GONE}.get(told["state"], REFUSED)
            if told["attempt"] != attempt or state == REFUSED:
                raise _Stop("scan_differs", state)
            if state == OPEN and told["have"] <= start:
                raise _Stop("scan_stuck")
            self._moved += max(0, told["have"] - start)
            start = told["have"]
            self._note(replace(transfer, state=state, done=start, size=len(data)))
            self._progress(self._moved, max(self._total, self._moved))
        return state

    def _chunk(self, fields: dict[str, Any]) -> Any:
        try:
            return self._ask("scan-chunk", fields).get("scan")
        except EnvironmentFault as fault:
            reason = str(fault.params.get("reason", ""))
            if fault.code == "hub_refused" and reason.startswith("scan_"):
                raise _Stop(reason) from fault
            raise

    def _bytes_of(self, item: Unsent) -> bytes | None:
        """Return the scan, None when the case was erased here."""
        with self._store.read() as uow:
            key = uow.ledger.find_subject_key(item.subject)
        if key is None:
            return None
        try:
            return read_attachment(self._folder, key, item.name, item.scan)
        except EnvironmentFault as fault:
            raise _Stop(fault.code) from fault

    # --- fetching -----------------------------------------------------------------------------

    def _fetch_all(self) -> None:
        with self._store.read() as uow:
            wanted = uow.scans.wanted(10_000)
        for case, scan in wanted:
            self._breathe()
            try:
                self._fetch(case, scan)
            except _Stop as stop:
                if not stop.code:
                    raise
                if stop.code != "scan_not_here_yet":
                    self._failed.append((scan, stop.code))

    def _fetch(self, case: str, scan: str) -> None:
        with self._store.read() as uow:
            known = begun(uow, case, scan)
        while True:
            self._breathe()
            fields = {"case": case, "scan": scan, "start": known.done}
            answer = self._ask("scan-fetch", fields)
            status = read_status(answer.get("scan"), scan)
            if status["state"] != "there":
                self._absent(known, status["state"])
            known = self._keep(known, answer)
            self._progress(self._moved, max(self._total, self._moved))
            if known.state == THERE:
                self._fetched += 1
                return

    def _absent(self, known: Transfer, state: str) -> None:
        if state == "erased":
            self._note(replace(known, state=GONE, code="scan_erased"))
            raise _Stop("scan_erased")
        raise _Stop("scan_not_here_yet")

    def _keep(self, known: Transfer, answer: dict[str, Any]) -> Transfer:
        with self._store.begin() as uow:
            grown = keep_chunk(uow, self._folder, self._desk, known, answer)
        if grown.code:
            raise _Stop(grown.code)
        self._moved += grown.done - known.done
        return grown


def begun(uow: UnitOfWork, case: str, scan: str) -> Transfer:
    """Return how far a scan to be fetched has come; one that failed, or was to be sent, begins anew."""
    known = None if uow.find_attachment(scan) else uow.scans.find(scan)
    return known if known and known.state == OPEN and not known.code else Transfer(scan, case)


def keep_chunk(
    uow: UnitOfWork, folder: Path, desk: Desk, known: Transfer, answer: dict[str, Any]
) -> Transfer:
    """Write the next chunk and how far it got; with the last one, the whole scan.

    The transfer that is returned has a ``code`` when the whole was not what the record commits to. Raises
    ``EnvironmentFault`` hub_answer_damaged, disk_*.
    """
    data, size = _opened(desk, known, answer)
    grown = replace(known, state=OPEN, done=known.done + len(data), size=size, code="")
    if not data or grown.done > size:
        raise EnvironmentFault("hub_answer_damaged")
    key = uow.ledger.attachment_key(known.subject)
    if not known.done:
        uow.scans.drop_parts(known.scan)
    uow.scans.add_part(key, known.scan, known.done, data)
    if grown.done == size:
        grown = _keep_whole(uow, folder, grown, desk.random)
    uow.scans.note(grown)
    return grown


def _opened(desk: Desk, known: Transfer, answer: dict[str, Any]) -> tuple[bytes, int]:
    aad = chunk_aad(desk.office, known.scan, known.done)
    try:
        size, start = answer["size"], answer["start"]
        if type(size) is not int or not 0 < size <= _MOST or start != known.done:
            raise ValueError("place")
        if known.done and size != known.size:
            raise ValueError("size")
        blob = base64.b64decode(answer["data"], validate=True)
        return open_sealed(desk.exchange_secret, blob, aad), size
    except (LookupError, TypeError, ValueError, binascii.Error, CertDeskError) as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault


def _keep_whole(uow: UnitOfWork, folder: Path, grown: Transfer, random: Callable[[int], bytes]) -> Transfer:
    """Make a scan of its parts if they are what the record commits to; else begin anew, with the code."""
    case = uow.projection.case(grown.subject)
    scans = () if case is None else case.scans
    signed = next((item for item in scans if item.id == grown.scan), None)
    key = uow.ledger.attachment_key(grown.subject)
    data = b"".join(uow.scans.parts(key, grown.scan))
    uow.scans.drop_parts(grown.scan)
    if signed is None or hashlib.sha256(data).hexdigest() != signed.sha256:
        return replace(grown, state=OPEN, done=0, size=0, code="scan_differs")
    name = write_attachment(folder, key, data, grown.scan, random)
    uow.scans.drop_attachment(grown.scan)
    uow.add_attachment(grown.scan, grown.subject, name, signed.media_type, len(data))
    return replace(grown, state=THERE)


def read_status(told: Any, scan: str) -> dict[str, Any]:
    """Check what the hub says of a scan; anything odd is a damaged answer."""
    numbers = isinstance(told, dict) and all(type(told.get(name)) is int for name in ("attempt", "have"))
    if not numbers or told.get("scan") != scan or not isinstance(told.get("state"), str):
        raise EnvironmentFault("hub_answer_damaged")
    if told["attempt"] < 0 or told["have"] < 0:
        raise EnvironmentFault("hub_answer_damaged")
    return dict(told)
