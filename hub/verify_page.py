"""The public verification page: ``{issuer}/v``, ``{issuer}/v/{ref}``, and the two questions it asks.

Anonymous, so it answers only about what somebody has in hand (:mod:`hub.shown_answers`); it is rate limited
and keeps nothing. Departments have an interface of their own (docs/api.md).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.credentials.verifier import LIMIT
from core.errors import UserError
from core.intake.limits import LIMITS
from hub.limits import Bucket
from hub.setup import Hub
from hub.shown_answers import ShownAnswers
from hub.verification_words import refusal_sentence
from hub.web import Answer, Work, answering, json_answer, read_body, refuse
from resources import resource_path

BODY_LIMIT: Final = LIMIT + 4096
FILE_SECONDS: Final = 60
"""In which a file has to have arrived."""
FILES_AT_ONCE: Final = 4
"""Files that are received or parsed at a time: each may take 20 MiB here and a child of 512 MiB."""
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_STATUS: Final = {"compare_spent": 429}


class VerifyPage:
    """The page's endpoints; its files are read once, nothing else can be asked for."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub, self._work = hub, work
        self._answers = ShownAnswers(hub)
        folder = resource_path("verify")
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        self._policy = files.pop("csp.txt").decode("ascii").strip()
        self._page = files.pop("index.html").replace(b"{base}", hub.path.encode("ascii"))
        self._files = files
        # A verification costs a few signatures; what comes faster is no person.
        self._rate = Bucket(burst=60, per_minute=300, now=hub.now)
        self._file_rate = Bucket(burst=10, per_minute=30, now=hub.now)
        self._files_now = 0

    def routes(self) -> list[Route]:
        """Return the routes below the issuer's path."""
        path = self._hub.path
        return [
            Route(f"{path}/v", answering(self.page), methods=["GET"]),
            Route(f"{path}/v/{{ref}}", answering(self.page), methods=["GET"]),
            Route(f"{path}/verify/{{name}}", answering(self.file), methods=["GET"]),
            Route(f"{path}/api/v1/verify/shown", answering(self.shown), methods=["POST"]),
            Route(f"{path}/api/v1/verify/file", answering(self.sent_file), methods=["POST"]),
        ]

    def _answer(self, data: bytes, kind: str, cache: str) -> Response:
        headers = {
            "Content-Security-Policy": self._policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": cache,
            "Content-Type": kind,
        }
        return Response(data, headers=headers)

    async def page(self, request: Request) -> Response:
        """GET /v and /v/REF: the page; its address may hold a reference, so nobody stores it."""
        return self._answer(self._page, "text/html; charset=utf-8", "no-store")

    async def file(self, request: Request) -> Response:
        """GET /verify/NAME: script and style."""
        name = request.path_params["name"]
        if name not in self._files:
            raise refuse(404, "not_found")
        return self._answer(self._files[name], _TYPES[name[name.rfind(".") :]], "no-cache")

    async def shown(self, request: Request) -> Response:
        """POST /api/v1/verify/shown."""
        if not self._rate.take():
            raise _refused(429, "too_many")
        try:
            body = json.loads(await read_body(request, BODY_LIMIT))
        except Answer as long:
            raise _refused(long.status, "body_too_large", limit=BODY_LIMIT) from long
        except (ValueError, RecursionError) as fault:
            raise _refused(400, "body_malformed") from fault
        if not isinstance(body, dict):
            raise _refused(400, "body_malformed")
        return await self._answered(lambda: self._answers.of_question(body))

    async def sent_file(self, request: Request) -> Response:
        """POST /api/v1/verify/file: the bytes of a PDF or picture."""
        if self._files_now >= FILES_AT_ONCE or not self._file_rate.take():
            raise _refused(429, "too_many")
        self._files_now += 1
        try:
            async with asyncio.timeout(FILE_SECONDS):
                data = await read_body(request, LIMITS.size)
            return await self._answered(lambda: self._answers.of_file(data))
        except Answer as fault:
            if fault.body["error"] == "body_too_large":
                raise _refused(413, "file_too_large", limit=LIMITS.size) from fault
            raise
        except TimeoutError as late:
            raise _refused(408, "file_slow") from late
        finally:
            self._files_now -= 1

    async def _answered(self, job: Callable[[], dict[str, Any]]) -> Response:
        try:
            return json_answer(await self._work.run(job))
        except UserError as fault:
            raise _refused(_STATUS.get(fault.code, 400), fault.code, **fault.params) from fault


def _refused(status: int, code: str, **params: Any) -> Answer:
    """Return a refusal with its sentence, as departments get it."""
    return Answer(status, {"error": code, "message": refusal_sentence(code, params), "params": params})
