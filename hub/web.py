"""What every endpoint shares: bounded bodies, bounded work in threads, answers without surprises.

Nothing of a request is ever logged but the kind of failure and the line it came from: paths hold claim
codes, and the texts of exceptions can quote bodies.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.errors import CertDeskError, EnvironmentFault
from hub.engine import retrying
from hub.turns import ASKING, PAUSE_SECONDS, THREADS, Busy, Turns, Who, who_asks

log = logging.getLogger("certdesk.hub")

T = TypeVar("T")
Endpoint = Callable[[Request], Awaitable[Response]]

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


def busy(fault: Busy) -> Answer:
    """Return the answer "not now": 503, which every desk takes for "later", with when to come again."""
    answer = refuse(503, fault.code, **fault.params)
    return Answer(answer.status, answer.body, {"Retry-After": str(fault.params["seconds"])})


class Work:
    """Runs blocking work in few threads, in fair turns, and refuses when too much is under way already."""

    def __init__(self, turns: Turns[tuple[Future[Any], Callable[[], Any]]] | None = None) -> None:
        self.turns = turns or Turns()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="hub")

    @asynccontextmanager
    async def place(self, size: int) -> AsyncIterator[None]:
        """Hold a place for a request with a body of ``size`` bytes.

        Raises :class:`Answer` 503, after a pause in which nothing of the body is read: who tries again at
        once, on however many connections, gets no more of us than one refusal a pause and connection.
        """
        with ExitStack() as held:
            try:
                held.enter_context(self.turns.place(ASKING.get(), size))
            except Busy as fault:
                await asyncio.sleep(PAUSE_SECONDS)
                raise busy(fault) from fault
            yield

    async def run(self, job: Callable[[], T]) -> T:
        """Hold a place and run ``job`` as :meth:`in_turn` does. Raises :class:`Answer` 503."""
        async with self.place(0):
            return await self.in_turn(job)

    async def in_turn(self, job: Callable[[], T]) -> T:
        """Run ``job`` in a thread when its turn comes, again if it lost to another.

        For one who holds a place; :func:`hub.engine.retrying` says what is run again.
        """
        told: Future[T] = Future()
        self.turns.put(ASKING.get(), (told, job))
        self._start()
        return await asyncio.wrap_future(told)

    def _start(self) -> None:
        while (found := self.turns.next()) is not None:
            self._pool.submit(self._serve, *found)

    def _serve(self, who: Who, work: tuple[Future[Any], Callable[[], Any]]) -> None:
        told, job = work
        try:
            if told.set_running_or_notify_cancel():
                told.set_result(retrying(job))
        except BaseException as fault:
            told.set_exception(fault)
        finally:
            self.turns.done(who)
            self._start()


def body_size(request: Request, limit: int) -> int:
    """Return how many bytes a body is announced with, ``limit`` where nothing is said. Raises 413."""
    announced = request.headers.get("content-length", "")
    if (announced and not announced.isdigit()) or int(announced or 0) > limit:
        raise refuse(413, "body_too_large", limit=limit)
    return int(announced or limit)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body. Raises :class:`Answer` 413 before reading what is announced as too long."""
    body_size(request, limit)
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
        ASKING.set(who_asks(scope))

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
