"""What desks ask the hub: enrolment, actions, feed, claim progress, typed codes. Envelopes both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.clock import from_stamp
from core.errors import Refusal, UserError
from core.sync.envelope import (
    BATCH_ACTIONS,
    MAX_ENVELOPE_BYTES,
    PROTOCOL,
    Opened,
    seal_private,
    unwrap,
    wrap,
)
from hub import enrolments, tables
from hub.claim_codes import TRIES
from hub.desks import Desk, find_desk, set_clock_offset, set_epoch
from hub.engine import lock_office
from hub.ledger import Ledger
from hub.refusals import ClaimRefused
from hub.setup import Hub
from hub.short_codes import ShortCodes
from hub.web import NO_STORE, Answer, Work, answering, json_answer, read_body, refuse

SMALL = 64 * 1024
STALE_SECONDS = 15 * 60
FEED_BYTES = 4 * 1024 * 1024
MAX_JTI = 200

_STATUS = {
    "envelope_too_large": 413,
    "device_unknown": 401,
    "signature_wrong": 401,
    "request_stale": 401,
    "enrolment_forged": 401,
    "device_revoked": 403,
    "device_foreign": 403,
    "epoch_old": 409,
    "chain_gap": 409,
    "chain_broken": 409,
    "chain_forked": 409,
    "office_exists": 409,
    "rehearsal_mismatch": 409,
    "enrolments_full": 429,
}

Payload = dict[str, Any]


def _answer_for(fault: UserError) -> Answer:
    if isinstance(fault, ClaimRefused):
        return refuse(400, "claim_refused", word=fault.code, detail=fault.tell)
    return refuse(_STATUS.get(fault.code, 400), fault.code, **fault.params)


class DeskApi:
    """The desk endpoints of one hub."""

    def __init__(self, hub: Hub, work: Work, short_codes: ShortCodes) -> None:
        self._hub = hub
        self._work = work
        self._short_codes = short_codes

    def routes(self) -> list[Route]:
        """Return the routes, below the issuer's path and, if that is not empty, also below the root."""
        table: list[tuple[str, Callable[[Request], Any]]] = [
            ("/enrolments", self.enrolments),
            ("/actions", self._endpoint("actions", self._actions, MAX_ENVELOPE_BYTES, fresh=False)),
            ("/feed", self._endpoint("feed", self._feed, SMALL)),
            ("/claims/progress", self._endpoint("claim-progress", self._progress, SMALL)),
            ("/claims/short", self._endpoint("claim-short", self._short, SMALL)),
        ]
        places = dict.fromkeys((self._hub.path, ""))
        return [
            Route(f"{place}/api/v1{name}", answering(endpoint), methods=["POST"])
            for place in places
            for name, endpoint in table
        ]

    # --- enrolment --------------------------------------------------------------------------------

    async def enrolments(self, request: Request) -> Response:
        """POST /api/v1/enrolments."""
        data = await read_body(request, SMALL)
        try:
            answer = await self._work.run(lambda: enrolments.request(self._hub, data))
        except UserError as fault:
            raise _answer_for(fault) from fault
        return json_answer(answer, 202 if answer["state"] == "pending" else 200)

    # --- envelopes --------------------------------------------------------------------------------

    def _endpoint(
        self, kind: str, act: Callable[[Payload, Desk], Payload], limit: int, *, fresh: bool = True
    ) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            data = await read_body(request, limit)
            try:
                sealed = await self._work.run(lambda: self._serve(data, kind, act, fresh))
            except UserError as fault:
                raise _answer_for(fault) from fault
            return Response(sealed, headers=NO_STORE, media_type="application/json")

        return endpoint

    def _serve(self, data: bytes, kind: str, act: Callable[[Payload, Desk], Payload], fresh: bool) -> bytes:
        opened = unwrap(data)
        payload = opened.payload
        if payload.get("type") != kind:
            raise Refusal("envelope_malformed")
        with self._hub.database.read() as connection:
            desk = self._authenticate(connection, opened)
        sent = _sent_at(payload)
        offset = int((sent - self._hub.clock()).total_seconds())
        if fresh and abs(offset) > STALE_SECONDS:
            raise Refusal("request_stale", seconds=offset, hub_time=self._hub.stamp())
        answer = act(payload, desk)
        head = {"type": kind, "protocol": PROTOCOL, "office": desk.office, "device": desk.device}
        tail = {"hub_time": self._hub.stamp(), "nonce": payload.get("nonce", "")}
        return wrap({**head, **tail, **answer}, self._hub.signer)

    def _authenticate(self, connection: Connection, opened: Opened) -> Desk:
        """Find the desk that the payload names and check that its registered key signed."""
        office, device = opened.payload.get("office"), opened.payload.get("device")
        if not isinstance(office, str) or not isinstance(device, str) or "\x00" in office + device:
            raise Refusal("envelope_malformed")
        desk = find_desk(connection, office, device)
        if desk is None:
            raise Refusal("device_unknown")
        if opened.algorithm != desk.algorithm or not opened.verify(desk.key):
            raise Refusal("signature_wrong")
        if desk.revoked_at is not None:
            raise Refusal("device_revoked")
        return desk

    # --- actions ----------------------------------------------------------------------------------

    def _actions(self, payload: Payload, desk: Desk) -> Payload:
        items, epoch = payload.get("actions"), payload.get("device_epoch")
        if not isinstance(items, list) or type(epoch) is not int or not 0 <= epoch < 2**31:
            raise Refusal("envelope_malformed")
        if len(items) > BATCH_ACTIONS:
            raise Refusal("batch_too_large", limit=BATCH_ACTIONS)
        with self._hub.database.write() as connection:
            lock_office(connection, desk.office)
            # Read again: another request may have revoked or restored this desk meanwhile.
            present = find_desk(connection, desk.office, desk.device)
            if present is None or present.revoked_at is not None:
                raise Refusal("device_revoked")
            if epoch < present.epoch:
                raise Refusal("epoch_old", epoch=present.epoch)
            set_epoch(connection, present, epoch)
            self._note_clock(connection, present, payload)
            done = Ledger(self._hub, connection, desk.office).take(items, desk.device, epoch)
        if done.fault is not None and not done.receipts:
            raise done.fault
        answer: Payload = {"type": "receipts", "receipts": [receipt.body() for receipt in done.receipts]}
        if done.fault is not None:
            answer["stopped"] = {"error": done.fault.code, "params": done.fault.params}
        return answer

    def _note_clock(self, connection: Connection, desk: Desk, payload: Payload) -> None:
        offset = int((_sent_at(payload) - self._hub.clock()).total_seconds())
        if abs(offset) < 86_400:
            set_clock_offset(connection, desk, offset)

    # --- feed -------------------------------------------------------------------------------------

    def _feed(self, payload: Payload, desk: Desk) -> Payload:
        after, limit = payload.get("after"), payload.get("limit", BATCH_ACTIONS)
        if type(after) is not int or type(limit) is not int or not 0 <= after < 2**53 or limit < 1:
            raise Refusal("envelope_malformed")
        table, size = tables.action, 0
        items: list[Payload] = []
        with self._hub.database.read() as connection:
            rows = connection.execute(
                select(table)
                .where(table.c.office == desk.office, table.c.position > after)
                .order_by(table.c.position)
                .limit(min(limit, BATCH_ACTIONS))
            ).all()
            for row in rows:
                sealed = self._reseal(connection, desk, row.hash)
                size += len(row.body) + len(sealed)
                if items and size > FEED_BYTES:
                    break
                items.append(_feed_item(row, sealed))
        return {"items": items, "next": items[-1]["position"] if items else after}

    def _reseal(self, connection: Connection, desk: Desk, action_hash: str) -> str:
        private = self._hub.sealed.get(connection, desk.office, action_hash)
        if not private:
            return ""
        return seal_private(private, desk.exchange_key, action_hash, self._hub.random)

    # --- claims -----------------------------------------------------------------------------------

    def _progress(self, payload: Payload, desk: Desk) -> Payload:
        wanted = payload.get("jti")
        if not isinstance(wanted, list) or len(wanted) > MAX_JTI:
            raise Refusal("envelope_malformed")
        if not all(isinstance(jti, str) and len(jti) == 24 and jti.isalnum() for jti in wanted):
            raise Refusal("envelope_malformed")
        table = tables.claim_code
        with self._hub.database.read() as connection:
            rows = connection.execute(
                select(table).where(table.c.office == desk.office, table.c.jti.in_(wanted))
            ).all()
        known = {row.jti: row for row in rows}
        return {"claims": [_claim_state(jti, known.get(jti)) for jti in dict.fromkeys(wanted)]}

    def _short(self, payload: Payload, desk: Desk) -> Payload:
        code = payload.get("code")
        if not isinstance(code, str):
            raise Refusal("envelope_malformed")
        return self._short_codes.register(desk, code)


def _sent_at(payload: Payload) -> datetime:
    try:
        return from_stamp(payload["sent_at"])
    except (KeyError, ValueError, TypeError, AttributeError) as fault:
        raise Refusal("envelope_malformed") from fault


def _feed_item(row: Any, sealed: str) -> Payload:
    return {
        "position": row.position,
        "action": json.loads(row.body),
        "algorithm": row.algorithm,
        "signature": row.signature,
        "sealed": sealed,
    }


def _claim_state(jti: str, row: Any) -> Payload:
    if row is None:
        return {"jti": jti, "state": "waiting", "tries_left": TRIES, "code": "", "at": ""}
    return {
        "jti": jti,
        "state": row.state,
        "tries_left": max(0, TRIES - row.tries),
        "code": row.code,
        "at": row.at,
    }
