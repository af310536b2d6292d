"""A stick at the hub: take in what desks sent, write the answers back to the same stick.

Each file is a signed envelope like any that a network brings, and goes through the same door
(``hub.desk_requests``). Whatever lies on a stick may be old, copied or doubled: the ledger and the scans'
lane know what they have, so nothing changes twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from core.canonical import canonical
from core.errors import Cancelled, Refusal, UserError
from core.sync.enrolment import fingerprint
from core.sync.envelope import Opened, unwrap
from core.sync.stick import (
    ANSWER,
    REFUSED,
    REQUEST,
    TO_DESK,
    TO_HUB,
    Lane,
    Place,
    StickFault,
    StickReport,
    gaps,
    lanes,
    read_carefully,
    write_durably,
)
from hub import enrolments
from hub.desk_handler import Payload, Request
from hub.desk_requests import HANDLERS, read_request, reply
from hub.desks import Desk, find_desk
from hub.engine import retrying
from hub.setup import Hub

TAKEN = ("device-certificate", "status-bundle", "actions", "scan-chunk", "scan-fetch", "feed")
"""Types of request that a stick may carry; the others are about this very moment."""

_TOLD = frozenset({"chain_forked", "chain_broken", "epoch_old", "device_revoked"})
"""Refusals that the desk has to hear of; for the others its people are told here, by file."""

_OF_THE_FILE = frozenset({"stick_damaged", "stick_foreign", "envelope_malformed", "signature_wrong"})

Progress = Callable[[int, int], None]


def import_stick(
    hub: Hub,
    stick: Path,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> StickReport:
    """Take in every file for this hub, and write the answers. ``progress`` hears (files done, in all).

    Files of offices that are not enrolled here are counted and left alone. Raises ``EnvironmentFault``
    stick_gone, stick_empty, disk_full (what was taken in stays; run it again), ``Cancelled``.
    """
    found = [(lane, lane.places()) for lane in lanes(stick, TO_HUB)]
    total = sum(len(places) for _, places in found)
    report = StickReport()
    done = 0

    def step() -> None:
        nonlocal done
        if cancelled():
            raise Cancelled()
        done += 1
        progress(done, total)

    for lane, places in found:
        report = _add(report, _enrolment(hub, lane))
        with hub.database.read() as connection:
            desk = find_desk(connection, lane.office, lane.device)
        if desk is None:
            report = _add(report, StickReport(foreign=len(places)))
        else:
            report = _add(report, _Intake(hub, lane, desk).run(places, step))
    return report


def _add(one: StickReport, two: StickReport) -> StickReport:
    names = ("files", "actions", "scans", "rejected", "foreign", "replies", "enrolments", "faults")
    return StickReport(**{name: getattr(one, name) + getattr(two, name) for name in names})


def _enrolment(hub: Hub, lane: Lane) -> StickReport:
    """Take in an office's wish to be enrolled, and write what has been decided so far."""
    asked, answer = lane.clear_file(REQUEST), lane.clear_file(ANSWER)
    if not asked.is_file():
        return StickReport()
    try:
        data = read_carefully(asked, enrolments.MAX_REQUEST_BYTES)
        told = retrying(lambda: enrolments.request(hub, data))
    except UserError as fault:
        name = f"{lane.office}/{lane.device}/{REQUEST}"
        return StickReport(faults=(StickFault(name, fault.code, dict(fault.params)),))
    write_durably(answer, canonical(told))
    return StickReport(files=1, replies=1, enrolments=((fingerprint(data), str(told["state"])),))


class _Intake:
    """The files of one desk."""

    def __init__(self, hub: Hub, lane: Lane, desk: Desk) -> None:
        self._hub, self._lane, self._desk = hub, lane, desk
        self._answers = Lane(lane.stick, lane.office, lane.device, TO_DESK)
        self._written: list[Place] = []
        self._shipments: dict[int, tuple[list[int], int | None]] = {}
        self._files = self._actions = self._scans = self._foreign = 0
        self._rejected: list[tuple[str, str]] = []
        self._faults: list[StickFault] = []

    def run(self, places: list[Place], step: Callable[[], None]) -> StickReport:
        """Take the files in order; afterwards only the answers to these lie on the stick."""
        former = self._answers.places()
        self._answers.sweep()
        for place in places:
            self._take(place)
            step()
        named = {fault.file for fault in self._faults}
        for first, (numbers, end) in sorted(self._shipments.items()):
            for number in gaps(numbers, first, end):
                if self._lane.told(Place(number)) not in named:
                    self._fault(Place(number), "stick_gap", {})
        if any(end is not None for _, end in self._shipments.values()):
            self._answers.remove(set(former) - set(self._written))
        return StickReport(
            files=self._files,
            actions=self._actions,
            scans=self._scans,
            rejected=tuple(self._rejected),
            foreign=self._foreign,
            replies=len(self._written),
            faults=tuple(self._faults),
        )

    def _fault(self, place: Place, code: str, params: dict[str, Any]) -> None:
        # A batch that does not follow the one before: a file between them was missing or damaged.
        code = "stick_gap" if code == "chain_gap" else code
        self._faults.append(StickFault(self._lane.told(place), code, params))

    # --- one file -------------------------------------------------------------------------------

    def _take(self, place: Place) -> None:
        try:
            data = self._lane.read(place, self._hub.exchange_secret)
            opened = unwrap(data)
            mark = self._mark(place, opened)
        except UserError as fault:
            self._fault(place, fault.code if fault.code in _OF_THE_FILE else "stick_damaged", {})
            return
        try:
            self._serve(place, str(opened.payload["type"]), data, mark)
        except UserError as fault:
            self._fault(place, fault.code, dict(fault.params))
            if fault.code in _TOLD:
                self._tell(place, opened, mark, fault)
        else:
            self._files += 1

    def _mark(self, place: Place, opened: Opened) -> Payload:
        """Read which shipment a file belongs to, and note that it is there."""
        payload, mark = opened.payload, opened.payload.get("stick")
        if (payload.get("office"), payload.get("device")) != (self._lane.office, self._lane.device):
            raise Refusal("stick_foreign")
        if opened.algorithm != self._desk.algorithm or not opened.verify(self._desk.key):
            raise Refusal("signature_wrong")
        if payload.get("type") not in TAKEN or not isinstance(mark, dict):
            raise Refusal("stick_damaged")
        first, end = mark.get("first"), mark.get("end")
        if type(first) is not int or not 0 < first <= place.number or type(end) is not bool:
            raise Refusal("stick_damaged")
        if mark.get("number") != place.number:
            raise Refusal("stick_damaged")
        numbers, known = self._shipments.setdefault(first, ([], None))
        self._shipments[first] = ([*numbers, place.number], place.number if end else known)
        return {"first": first, "end": end}

    def _serve(self, place: Place, kind: str, data: bytes, mark: Payload) -> None:
        request = read_request(self._hub, kind, data, fresh=False)
        mark = {**mark, "asked": request.payload.get("after", 0)}
        page, last = 1, False
        pages = self._answers_to(request, kind)
        told = next(pages)
        while not last:
            after = next(pages, None)
            last = after is None
            self._count(place, told)
            self._write(request, kind, Place(place.number, page), told, {**mark, "last": last})
            told, page = after or {}, page + 1

    def _answers_to(self, request: Request, kind: str) -> Iterator[Payload]:
        """Yield the answer, and what a desk on a network would go on to ask for."""
        act, payload = HANDLERS[kind].act, request.payload
        while True:
            asked = Request(request.hub, request.desk, payload, request.protocol, live=False)
            told = retrying(partial(act, asked))
            yield told
            if kind == "feed" and told["items"]:
                payload = {**payload, "after": told["next"]}
            elif kind == "scan-fetch" and told.get("size", 0) > payload["start"] + told.get("length", 0) > 0:
                payload = {**payload, "start": payload["start"] + told["length"]}
            else:
                return

    def _count(self, place: Place, told: Payload) -> None:
        receipts = told.get("receipts", [])
        self._actions += len(receipts)
        refused = (item for item in receipts if item["verdict"] == "rejected")
        self._rejected += [(item["action"], item["code"]) for item in refused]
        if "stopped" in told:
            self._fault(place, told["stopped"]["error"], dict(told["stopped"]["params"]))
        if "scan" in told and "data" not in told:
            self._scans += told["scan"]["state"] == "there"

    def _write(self, request: Request, kind: str, place: Place, told: Payload, mark: Payload) -> None:
        named = {**mark, "number": place.number, "page": place.page}
        envelope = reply(request, kind, {**told, "stick": named})
        self._answers.write(place, envelope, self._desk.exchange_key, self._hub.random)
        self._written.append(place)

    def _tell(self, place: Place, opened: Opened, mark: Payload, fault: UserError) -> None:
        request = Request(self._hub, self._desk, opened.payload, opened.protocol, live=False)
        params = {name: value for name, value in fault.params.items() if isinstance(value, (int, str))}
        told = {"type": REFUSED, "error": fault.code, "params": params}
        epoch = opened.payload.get("device_epoch")
        self._write(request, REFUSED, Place(place.number, 1), told, {**mark, "last": True, "epoch": epoch})
