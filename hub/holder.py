"""The holder page: plain files under a strict policy, the typed code, and the glyphs of rare names."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.errors import UserError
from hub.glyphs import cut_font
from hub.limits import Bucket
from hub.reverse_claims import WaitingPhones
from hub.scenarios import known_matters
from hub.setup import Hub
from hub.short_codes import ShortCodes
from hub.web import NO_STORE, Answer, Work, answering, json_answer, read_body, refuse
from resources import resource_path

SMALL = 4096
MATTERS_FILE = "matters.js"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_STATUS = {"short_unknown": 404, "too_many": 429, "glyphs_missing": 404, "reverse_gone": 404}


def _problem(fault: UserError) -> Answer:
    return Answer(
        _STATUS.get(fault.code, 400),
        {"error": fault.code, "error_description": fault.code, "params": fault.params},
    )


class HolderPage:
    """The page's endpoints. The files are read once; nothing else can be asked for."""

    def __init__(self, hub: Hub, work: Work, short_codes: ShortCodes) -> None:
        self._hub = hub
        self._work = work
        self._short_codes = short_codes
        self._phones = WaitingPhones(hub)
        folder = resource_path("holder")
        self._files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        self._policy = self._files.pop("csp.txt").decode("ascii").strip()
        self._glyph_rate = Bucket(burst=20, per_minute=60, now=hub.now)

    def routes(self) -> list[Route]:
        """Return the routes below the issuer's path."""
        path = self._hub.path
        gets: list[tuple[str, Callable[[Request], Any]]] = [
            (f"{path}/", self.page),
            (f"{path}/c", self.page),
            (f"{path}/sw.js", self.worker),
            (f"{path}/holder/{{name}}", self.file),
        ]
        posts: list[tuple[str, Callable[[Request], Any]]] = [
            (f"{path}/api/v1/holder/short", self.short),
            (f"{path}/api/v1/holder/reverse", self.reverse),
            (f"{path}/api/v1/holder/reverse/poll", self.reverse_poll),
            (f"{path}/api/v1/holder/glyphs", self.glyphs),
        ]
        return [
            *(Route(place, answering(endpoint), methods=["GET"]) for place, endpoint in gets),
            *(Route(place, answering(endpoint), methods=["POST"]) for place, endpoint in posts),
        ]

    def _file(self, name: str, cache: str) -> Response:
        data = self._files.get(name)
        if data is None:
            raise refuse(404, "not_found")
        return self._served(data, name, cache)

    def _served(self, data: bytes, name: str, cache: str) -> Response:
        suffix = name[name.rfind(".") :]
        kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        headers = {
            "Content-Security-Policy": self._policy,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": cache,
            "Content-Type": kind,
        }
        return Response(data, headers=headers)

    async def page(self, request: Request) -> Response:
        """GET / and /c: the page itself; its address may hold a claim code, so nobody stores it."""
        return self._file("index.html", "no-store")

    async def worker(self, request: Request) -> Response:
        """GET /sw.js: at the top, because a worker rules only what lies below it."""
        return self._file("sw.js", "no-cache")

    async def file(self, request: Request) -> Response:
        """GET /holder/NAME: scripts, style, icon. The names of matters are those of the list kept here."""
        name = request.path_params["name"]
        if name == MATTERS_FILE:
            return self._served(await self._work.run(self._matters), name, "no-cache")
        return self._file(name, "no-cache")

    def _matters(self) -> bytes:
        with self._hub.database.read() as connection:
            names = {code: matter.name for code, matter in known_matters(connection).items()}
        return f"export const MATTERS = {json.dumps(names)};\n".encode("ascii")

    async def _text(self, request: Request, name: str) -> str:
        try:
            value = json.loads(await read_body(request, SMALL))[name]
        except (ValueError, KeyError, TypeError, RecursionError) as fault:
            raise refuse(400, "body_malformed") from fault
        if not isinstance(value, str) or len(value) > 256:
            raise refuse(400, "body_malformed")
        return value

    async def short(self, request: Request) -> Response:
        """POST /api/v1/holder/short {"code"}: the claim code behind eight typed characters."""
        typed = await self._text(request, "code")
        try:
            code = await self._work.run(lambda: self._short_codes.resolve(typed))
        except UserError as fault:
            raise _problem(fault) from fault
        return json_answer({"credential_offer_uri": f"{self._hub.issuer}/o/{code}"})

    async def reverse(self, request: Request) -> Response:
        """POST /api/v1/holder/reverse {}: a short code for the clerk to type, and a ticket to ask by."""
        await read_body(request, SMALL)
        try:
            opened = await self._work.run(self._phones.open)
        except UserError as fault:
            raise _problem(fault) from fault
        return json_answer(opened)

    async def reverse_poll(self, request: Request) -> Response:
        """POST /api/v1/holder/reverse/poll {"ticket"}: whether a desk has sent a claim code."""
        ticket = await self._text(request, "ticket")
        try:
            told = await self._work.run(lambda: self._phones.poll(ticket))
        except UserError as fault:
            raise _problem(fault) from fault
        return json_answer(told)

    async def glyphs(self, request: Request) -> Response:
        """POST /api/v1/holder/glyphs {"text"}: a WOFF font of those characters."""
        text = await self._text(request, "text")
        if not self._glyph_rate.take():
            raise _problem(UserError("too_many"))
        try:
            font = await self._work.run(lambda: cut_font(text))
        except UserError as fault:
            raise _problem(fault) from fault
        return Response(font, headers={**NO_STORE, "Content-Type": "font/woff"})
