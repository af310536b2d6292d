"""The departments' interface over HTTP: ``POST {issuer}/api/v1/verify/<function>`` and its document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import UserError
from hub import party_answers
from hub.limits import Bucket
from hub.openapi import document
from hub.refusals import RequestRefused
from hub.setup import Hub
from hub.verification_shapes import BODY_LIMIT, PROFILE, TITLES
from hub.verification_words import refusal_sentence
from hub.web import Answer, Work, answering, json_answer, read_body

STATUS: Final = {
    "request_unsigned": 401,
    "party_unknown": 401,
    "request_forged": 401,
    "request_unnumbered": 401,
    "request_old": 401,
    "request_elsewhere": 401,
    "request_body_differs": 401,
    "request_replayed": 409,
    "party_disabled": 403,
    "party_expired": 403,
    "purpose_unknown": 403,
    "function_not_registered": 403,
    "matter_not_registered": 403,
    "body_too_large": 413,
    "body_type": 415,
    "uscc_wrong": 422,
    "id_number_wrong": 422,
    "unit_ref_unknown": 422,
    "shown_expired": 422,
    "matter_unknown": 422,
    "budget_spent": 429,
    "tries_spent": 429,
    "strangers_busy": 429,
    "hub_busy": 503,
    "hub_unavailable": 503,
}
"""HTTP status of a refusal; any other code is 400."""

STRANGERS_BURST, STRANGERS_PER_MINUTE = 60, 120


def refused(fault: UserError) -> Answer:
    """Return the answer a department's program gets for a refusal: code, sentence, parameters."""
    words = {
        "error": fault.code,
        "message": refusal_sentence(fault.code, fault.params),
        "params": fault.params,
    }
    headers = {"WWW-Authenticate": "Bearer"} if STATUS.get(fault.code) == 401 else {}
    return Answer(STATUS.get(fault.code, 400), words, headers)


class VerificationApi:
    """The departments' endpoints of one hub."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub = hub
        self._work = work
        self._strangers = Bucket(STRANGERS_BURST, STRANGERS_PER_MINUTE, hub.now)

    def routes(self) -> list[Route]:
        """Return the routes below the issuer's path."""
        base = f"{self._hub.path}/api/v1"
        table = [(f"{base}/verify/{name}", self._endpoint(name)) for name in TITLES]
        return [
            *(Route(place, answering(endpoint), methods=["POST"]) for place, endpoint in table),
            Route(f"{base}/openapi.json", answering(self.openapi), methods=["GET"]),
        ]

    def _endpoint(self, function: str) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            try:
                body = await read_body(request, BODY_LIMIT)
            except Answer as long:
                raise refused(RequestRefused("body_too_large", limit=BODY_LIMIT)) from long
            header = request.headers.get("authorization", "")
            kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
            told = await self._serve(function, header, body, kind == "application/json")
            return json_answer(told.body)

        return endpoint

    async def _serve(self, function: str, header: str, body: bytes, is_json: bool) -> party_answers.Told:
        if not self._strangers.has_room():
            raise refused(RequestRefused("strangers_busy"))
        serve = party_answers.own_profile if function == PROFILE else party_answers.answer
        job = lambda: serve(self._hub, function, header, body, json_type=is_json)  # noqa: E731
        try:
            told = await self._work.run(job)
        except UserError as fault:
            self._strangers.take()
            raise refused(fault) from fault
        except Answer as busy:
            words = refused(RequestRefused(str(busy.body["error"])))
            raise Answer(words.status, words.body, busy.headers) from busy
        if told.refusal is not None:
            raise refused(told.refusal)
        return told

    async def openapi(self, request: Request) -> Response:
        """GET /api/v1/openapi.json."""
        return json_answer(document(self._hub.issuer), headers={"Cache-Control": "max-age=300"})
