"""What every endpoint shares: bounded bodies, bounded work in threads, answers without surprises.

Nothing of a request is ever logged but the kind of failure and the line it came from: paths hold claim
codes, and the texts of exceptions can quote bodies.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import CertDeskError, EnvironmentFault
from hub.engine import retrying

log = logging.getLogger("certdesk.hub")

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]

THREADS = 12
QUEUE = 300

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


class Answer(Exception):
    """A refusal on its way to the client: HTTP status and JSON body."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body
        self.headers = headers or {}


def refuse(status: int, code: str, **params: Any) -> Answer:
    """Return the answer desks get: ``{"error": code, "params": {…}}``."""
    return Answer(status, {"error": code, "params": params})


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON answer that nobody may store."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(
        text.encode("utf-8"), status, {**NO_STORE, **(headers or {})}, media_type="application/json"
    )


class Work:
    """Runs blocking work in few threads, and refuses when too much is waiting already."""

    def __init__(self, threads: int = THREADS, queue: int = QUEUE) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="hub")
        self._queue = queue
        self._waiting = 0

    async def run(self, job: Callable[[], T]) -> T:
        """Run ``job`` in a thread, again if it lost to another (:func:`hub.engine.retrying`).

        Raises :class:`Answer` 503 when the queue is full.
        """
        if self._waiting >= self._queue:
            raise refuse(503, "hub_busy")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, retrying, job)
        finally:
            self._waiting -= 1


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body. Raises :class:`Answer` 413 before reading what is announced as too long."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > limit:
        raise refuse(413, "body_too_large", limit=limit)
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise refuse(413, "body_too_large", limit=limit)
    return bytes(data)


def answering(endpoint: Endpoint) -> Endpoint:
    """Turn a raised :class:`Answer` into the response, inside of whatever else wraps the endpoint."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Answer as answer:
            return json_answer(answer.body, answer.status, answer.headers)
        except EnvironmentFault as fault:
            _log(fault)
            return json_answer({"error": "hub_unavailable", "params": {}}, 503)

    return answered


class Guard:
    """Outermost layer: common headers, and an answer also for what nobody foresaw."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def add_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", []), *_ALWAYS]}
            await send(message)

        try:
            await self._app(scope, receive, add_headers)
        except ClientDisconnect:
            return  # whoever asked left in the middle of a sentence: nobody's fault, and nobody to answer
        except Exception as fault:
            answer = _answer_for(fault)
            if not started:
                response = json_answer(answer.body, answer.status, answer.headers)
                await response(scope, receive, add_headers)


def _answer_for(fault: Exception) -> Answer:
    if isinstance(fault, Answer):
        return fault
    _log(fault)
    if isinstance(fault, (SQLAlchemyError, EnvironmentFault)):
        return refuse(503, "hub_unavailable")
    return refuse(500, "hub_failed")


def _log(fault: Exception) -> None:
    place, trace = "", fault.__traceback__
    while trace is not None:
        place = f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
        trace = trace.tb_next
    code = fault.code if isinstance(fault, CertDeskError) else ""
    log.error("failed: %s %s at %s", type(fault).__name__, code, place)
