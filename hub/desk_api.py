"""The desk endpoints as HTTP: bodies in and out, compression, and a status for each refusal.

What is asked and answered is :mod:`hub.desk_requests`; nothing here reads an envelope.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import UserError
from core.sync.compress import compress, decompress
from hub import enrolments
from hub.desk_handler import SMALL
from hub.desk_requests import HANDLERS, answer
from hub.desks import Desk
from hub.refusals import ClaimRefused
from hub.setup import Hub
from hub.shown import Shown, shown_by
from hub.turns import ASKING, Busy, Who
from hub.web import NO_STORE, Answer, Work, answering, body_size, busy, json_answer, read_body, refuse

PATHS = {
    "/actions": "actions",
    "/feed": "feed",
    "/claims/progress": "claim-progress",
    "/claims/short": "claim-short",
    "/claims/reverse": "claim-reverse",
}
"""Address below ``/api/v1`` and the type of request it serves; any other type is served below its name."""

_STATUS = {
    "body_encoding": 415,
    "envelope_too_large": 413,
    "device_unknown": 401,
    "signature_wrong": 401,
    "request_stale": 401,
    "enrolment_forged": 401,
    "device_revoked": 403,
    "client_certificate_missing": 403,
    "client_certificate_differs": 403,
    "office_certificate_expired": 403,
    "device_foreign": 403,
    "epoch_old": 409,
    "desk_outdated": 409,
    "chain_gap": 409,
    "chain_broken": 409,
    "chain_forked": 409,
    "office_exists": 409,
    "rehearsal_mismatch": 409,
    "enrolments_full": 429,
    "scan_quota": 429,
    "reverse_unknown": 404,
    "reverse_used": 409,
    "too_many": 429,
    "role_missing": 403,
    "request_replayed": 409,
    "budget_spent": 429,
}


def _answer_for(fault: UserError) -> Answer:
    if isinstance(fault, Busy):
        return busy(fault)
    if isinstance(fault, ClaimRefused):
        return refuse(400, "claim_refused", word=fault.code, detail=fault.tell)
    return refuse(_STATUS.get(fault.code, 400), fault.code, **fault.params)


class DeskApi:
    """The desk endpoints of one hub."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub = hub
        self._work = work

    def routes(self) -> list[Route]:
        """Return the routes, below the issuer's path and, if that is not empty, also below the root."""
        table: list[tuple[str, Callable[[Request], Any]]] = [("/enrolments", self.enrolments)]
        named = {kind: path for path, kind in PATHS.items()}
        table += [(named.get(kind, f"/{kind}"), self._endpoint(kind)) for kind in HANDLERS]
        places = dict.fromkeys((self._hub.path, ""))
        return [
            Route(f"{place}/api/v1{name}", answering(endpoint), methods=["POST"])
            for place in places
            for name, endpoint in table
        ]

    async def enrolments(self, request: Request) -> Response:
        """POST /api/v1/enrolments."""
        async with self._work.place(body_size(request, SMALL)):
            data = await read_body(request, SMALL)
            try:
                answer = await self._work.in_turn(lambda: enrolments.request(self._hub, data))
            except UserError as fault:
                raise _answer_for(fault) from fault
        return json_answer(answer, 202 if answer["state"] == "pending" else 200)

    def _endpoint(self, kind: str) -> Callable[[Request], Any]:
        limit = HANDLERS[kind].limit

        async def endpoint(request: Request) -> Response:
            # A place before the body: what is refused for want of one costs no memory.
            async with self._work.place(body_size(request, limit)):
                body = await read_body(request, limit)
                encoding = request.headers.get("content-encoding", "identity").strip().lower()
                packed = accepts_zstd(request.headers.get("accept-encoding", ""))
                shown, asking = shown_by(request.scope), ASKING.get()
                job = partial(self._serve, kind, body, encoding, packed, shown, asking)
                try:
                    data = await self._work.in_turn(job)
                except UserError as fault:
                    raise _answer_for(fault) from fault
            # One address, two spellings of the answer: whatever stands between must not mix them up.
            headers = {**NO_STORE, "Vary": "Accept-Encoding"}
            if packed:
                headers["Content-Encoding"] = "zstd"
            return Response(data, headers=headers, media_type="application/json")

        return endpoint

    def _serve(
        self, kind: str, body: bytes, encoding: str, packed: bool, shown: Shown | None, asking: Who
    ) -> bytes:
        if encoding == "zstd":
            body = decompress(body, HANDLERS[kind].limit)
        elif encoding != "identity":
            raise UserError("body_encoding")

        def held(desk: Desk) -> AbstractContextManager[None]:
            return self._work.turns.known(asking, desk.key)

        data = answer(self._hub, kind, body, fresh=True, shown=shown, held=held)
        return compress(data) if packed else data


def accepts_zstd(header: str) -> bool:
    """Tell whether an ``Accept-Encoding`` names zstd and does not forbid it (``q=0``)."""
    for part in header.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "zstd":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
