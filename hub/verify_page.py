"""The public verification page: ``{issuer}/v``, ``{issuer}/v/{ref}``, and the one question it asks.

Anonymous, so it answers authenticity and present status only, of what the holder chose to show; it is
rate limited and keeps nothing. Departments have an interface of their own (docs/api.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.credentials.certificate_claims import BY_PATH
from core.credentials.delegation_claims import CLAIMS
from core.credentials.verifier import LIMIT, RESOLVED_SECONDS, Asked, Verdict, judge, kind_of, open_trust
from core.errors import UserError
from core.forms.matters import Matter, matters_text
from hub.bundle import bundle
from hub.limits import Bucket
from hub.scenarios import known_matters
from hub.setup import Hub
from hub.showing import take
from hub.verification_words import refusal_sentence
from hub.web import Answer, Work, answering, json_answer, read_body, refuse
from resources import resource_path

BODY_LIMIT: Final = LIMIT + 4096
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_TERMS: Final = {spec.path: spec.term for spec in CLAIMS} | {
    path: spec.term for path, spec in BY_PATH.items()
}
_PRINTED: Final = {
    "uscc": "统一社会信用代码",
    "name": "名称",
    "address": "住所",
    "representative": "法定代表人",
    "office_name": "登记管理机关",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
}
_ROLES: Final = {
    "manager": "其他管理人",
    "user": "使用人",
    "representative": "法定代表人本人",
    "appointed": "经授权",
}


def judge_shown(hub: Hub, body: dict[str, Any]) -> dict[str, Any]:
    """Answer ``{"ref"}`` or ``{"text"}``: the judgement, the kind and what was shown, as labelled texts.

    Raises ``Refusal('shown_expired')`` and ``UserError('body_malformed')``.
    """
    text, asked = body.get("text"), Asked()
    if set(body) == {"ref"} and isinstance(body["ref"], str):
        with hub.database.read() as connection:
            text = take(hub, connection, body["ref"])
        asked = Asked(max_age=RESOLVED_SECONDS)
    if not isinstance(text, str) or not set(body) < {"ref", "text"} or not text.strip():
        raise UserError("body_malformed")
    now = hub.clock()
    verdict = judge(text, open_trust([hub.root_pem], bundle(hub), now), now, asked)
    with hub.database.read() as connection:
        told = facts(verdict, known_matters(connection))
    return {**verdict.judgement.as_json(), "kind": verdict.kind or kind_of(text), "facts": told}


def facts(verdict: Verdict, matters: Mapping[str, Matter]) -> list[tuple[str, str]]:
    """Return label and text of everything the holder disclosed."""
    terms = _PRINTED if verdict.kind == "printed" else _TERMS
    shown = verdict.shown
    return [(term, _text(name, shown[name], matters)) for name, term in terms.items() if name in shown]


def _text(name: str, value: Any, matters: Mapping[str, Matter]) -> str:
    if name == "matters" and isinstance(value, list):
        return matters_text([str(each) for each in value], matters)
    return _ROLES.get(str(value), str(value)) if name in ("role", "manager.role") else str(value)


class VerifyPage:
    """The page's endpoints; its files are read once, nothing else can be asked for."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub, self._work = hub, work
        folder = resource_path("verify")
        files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
        self._policy = files.pop("csp.txt").decode("ascii").strip()
        self._page = files.pop("index.html").replace(b"{base}", hub.path.encode("ascii"))
        self._files = files
        # A verification costs a few signatures; what comes faster is no person.
        self._rate = Bucket(burst=60, per_minute=300, now=hub.now)

    def routes(self) -> list[Route]:
        """Return the routes below the issuer's path."""
        path = self._hub.path
        return [
            Route(f"{path}/v", answering(self.page), methods=["GET"]),
            Route(f"{path}/v/{{ref}}", answering(self.page), methods=["GET"]),
            Route(f"{path}/verify/{{name}}", answering(self.file), methods=["GET"]),
            Route(f"{path}/api/v1/verify/shown", answering(self.shown), methods=["POST"]),
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
        try:
            return json_answer(await self._work.run(lambda: judge_shown(self._hub, body)))
        except UserError as fault:
            raise _refused(400, fault.code) from fault


def _refused(status: int, code: str, **params: int) -> Answer:
    """Return a refusal with its sentence, as departments get it."""
    return Answer(status, {"error": code, "message": refusal_sentence(code, params), "params": params})
