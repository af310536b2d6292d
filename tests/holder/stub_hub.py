"""A small real hub for the holder page: OpenID4VCI 1.0 over loopback http, with the product's own
credentials, and a switch for everything that can go wrong. All data in it is invented.

The true hub takes its place in the end-to-end tests.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from core.claims import short_code
from core.claims.offer import CONFIGURATION, PRE_AUTHORIZED, offer_object
from core.credentials.certificate_claims import build_always, build_claims, configuration
from core.credentials.key_proof import verify_proof
from core.credentials.sdjwt import issue
from core.credentials.status import MEDIA_TYPE, StatusList, StatusReference, make_token
from core.credentials.x509 import es256_signer, make_leaf, make_root, x5c
from core.errors import UserError
from tests.holder.glyph_font import glyph_font
from tests.servers import let_go

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "resources" / "holder"
FONTS = ROOT / "resources" / "fonts"
LADDER = (FONTS / "NotoSerifSC-Regular.ttf", FONTS / "HanaMinB-Rare.ttf")
HEADERS = {
    "Content-Security-Policy": (PAGE / "csp.txt").read_text("utf-8").strip(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
PIN = "042917"
UNIT = {
    "uscc": "12460000MB0A00017C",
    "name": "海南省示范文化馆（虚构）",
    "second_name": "海南省示范非物质文化遗产保护中心",
    "purpose": "组织群众文化活动，繁荣群众文化事业。群众文艺创作与辅导；非物质文化遗产的收集、整理与保护。",
    "address": "海南省海口市示范区演练大道 88 号",
    "funding_source": "财政补助",
    "starting_capital": "600万元",
    "sponsor": "海南省示范文化厅",
    "office_name": "海南省示范事业单位登记管理局",
    "valid_from": "2026-01-01",
    "valid_to": "2031-01-01",
}
REPRESENTATIVE = "符示范"
MANAGER = "吉𬱖𠮷㐱"


@dataclass
class Claim:
    """One claim code and how the hub shall treat it."""

    code: str
    tries: int = 5
    used: bool = False
    arrived: bool = True
    received: bool = False
    refuse: str = ""  # error_description of the token answer
    refuse_offer: str = ""  # … of the offer
    unit: dict[str, str] = field(default_factory=lambda: dict(UNIT))


@dataclass
class Issued:
    claim: Claim
    sd_jwt: str = ""
    index: int = 0


class StubHub:
    """Everything the page can ask, in memory. Tests change the public fields while it serves."""

    def __init__(self, issuer: str, rehearsal: bool) -> None:
        self.issuer, self.rehearsal = issuer, rehearsal
        now = datetime.now(UTC)
        root_key, root = make_root("示范根", 3650, now, rehearsal)
        self.key_pem, leaf = make_leaf(root_key, root, "示范签发", issuer, 1800, now)
        self.sign, self.x5c, self.root = es256_signer(self.key_pem), x5c(leaf), root
        self.claims: dict[str, Claim] = {}
        self.shorts: dict[str, str] = {}
        self.waiting: dict[str, str] = {}  # short code on a phone -> claim code sent to it
        self.reverse_seconds = 300
        self.reverse_away = False
        self.tokens: dict[str, Issued] = {}
        self.nonces: set[str] = set()
        self.statuses = StatusList(4000)
        self.status_issued_at: int | None = None  # fixed to serve an old list
        self.status_lifetime = 3600
        self.status_away = False
        self.notifications: list[str] = []
        self.glyph_requests: list[str] = []
        self.paths: list[str] = []
        self.damage = ""  # "signature", "disclosure", "holder"
        self.reject_nonces = 0
        self.rate_limited = False

    def open_claim(self, **options: Any) -> Claim:
        claim = Claim(secrets.token_urlsafe(156), **options)
        self.claims[claim.code] = claim
        return claim

    def link(self, claim: Claim) -> str:
        return f"{self.issuer}/c?credential_offer_uri={self.issuer}/o/{claim.code}"

    def short(self, claim: Claim) -> str:
        code = short_code.make()
        self.shorts[code] = claim.code
        return code

    # -- what the page is made of ---------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        return FileResponse(PAGE / "index.html", headers=HEADERS)

    async def asset(self, request: Request) -> Response:
        path = PAGE / request.path_params["name"]
        types = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
        return FileResponse(path, headers=HEADERS, media_type=types.get(path.suffix))

    async def worker(self, request: Request) -> Response:
        return FileResponse(PAGE / "sw.js", headers=HEADERS, media_type="text/javascript")

    # -- the protocol -----------------------------------------------------------------------------

    async def issuer_metadata(self, request: Request) -> Response:
        at = self.issuer
        return JSONResponse(
            {
                "credential_issuer": at,
                "credential_endpoint": f"{at}/credential",
                "nonce_endpoint": f"{at}/nonce",
                "deferred_credential_endpoint": f"{at}/deferred",
                "notification_endpoint": f"{at}/notification",
                "credential_configurations_supported": {CONFIGURATION: configuration(self.rehearsal)},
            }
        )

    async def server_metadata(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "token_endpoint": f"{self.issuer}/token",
                "grant_types_supported": [PRE_AUTHORIZED],
                "pre-authorized_grant_anonymous_access_supported": True,
            }
        )

    async def offer(self, request: Request) -> Response:
        claim = self.claims.get(request.path_params["code"])
        if claim is None or claim.refuse_offer:
            return refused("invalid_grant", claim.refuse_offer if claim else "malformed", 404)
        return JSONResponse(offer_object(self.issuer, claim.code), headers={"Cache-Control": "no-store"})

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("ascii")))
        claim = self.claims.get(form.get("pre-authorized_code", ""))
        if claim is None or form.get("grant_type") != PRE_AUTHORIZED:
            return refused("invalid_grant", "malformed characters")
        if claim.refuse:
            return refused("invalid_grant", claim.refuse)
        if claim.used:
            return refused("invalid_grant", "used already redeemed")
        if claim.tries <= 0:
            return refused("invalid_grant", "locked five wrong codes")
        if form.get("tx_code") != PIN:
            claim.tries -= 1
            word = f"pin_wrong {claim.tries} left" if claim.tries else "locked five wrong codes"
            return refused("invalid_grant", word)
        claim.used = True
        token = secrets.token_urlsafe(24)
        self.tokens[token] = Issued(claim)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300})

    async def nonce(self, request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        self.nonces.add(nonce)
        return JSONResponse({"c_nonce": nonce}, headers={"Cache-Control": "no-store"})

    def _issued(self, request: Request) -> Issued | None:
        return self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    def _take_nonce(self, nonce: str) -> bool:
        if self.reject_nonces > 0:
            self.reject_nonces -= 1
            return False
        try:
            self.nonces.remove(nonce)
        except KeyError:
            return False
        return True

    async def credential(self, request: Request) -> Response:
        issued, body = self._issued(request), await request.json()
        if issued is None:
            return refused("invalid_token", "", 401)
        if body["credential_configuration_id"] != CONFIGURATION:
            return refused("invalid_credential_request", "")
        try:
            jwk = verify_proof(body["proofs"]["jwt"][0], self.issuer, self._take_nonce, int(time.time()))
        except UserError as error:
            return refused("invalid_nonce" if error.code == "nonce_invalid" else "invalid_proof", error.code)
        issued.sd_jwt = self._issue(issued, jwk)
        if not issued.claim.arrived:
            return JSONResponse({"transaction_id": "t-" + issued.claim.code[:8], "interval": 1}, 202)
        return self._answer(issued)

    async def deferred(self, request: Request) -> Response:
        issued, body = self._issued(request), await request.json()
        if issued is None or body["transaction_id"] != "t-" + issued.claim.code[:8]:
            return refused("invalid_transaction_id", "")
        if issued.claim.refuse:
            return refused("credential_request_denied", issued.claim.refuse)
        if not issued.claim.arrived:
            wait = {"transaction_id": body["transaction_id"], "interval": 1}
            return JSONResponse({**wait, "received": issued.claim.received}, 202)
        return self._answer(issued)

    def _answer(self, issued: Issued) -> Response:
        credential = issued.sd_jwt
        return JSONResponse(
            {"credentials": [{"credential": credential}], "notification_id": f"n-{issued.index}"}
        )

    def _issue(self, issued: Issued, jwk: dict[str, str]) -> str:
        issued.index = secrets.randbelow(4000)
        if self.damage == "holder":
            jwk = {**jwk, "x": jwk["y"], "y": jwk["x"]}
        now = int(time.time())
        status = StatusReference(f"{self.issuer}/status/1", issued.index)
        always = build_always(self.issuer, now, now, now + 86400 * 1500, jwk, status, self.rehearsal)
        role = "representative" if issued.claim.unit["uscc"] != UNIT["uscc"] else "appointed"
        content = build_claims(issued.claim.unit, REPRESENTATIVE, 1, MANAGER, role)
        sd_jwt = issue(content, None, always, self.sign, self.x5c)
        if self.damage == "signature":
            head, rest = sd_jwt.split("~", 1)
            sd_jwt = head[:-4] + ("AAAA" if head[-4:] != "AAAA" else "BBBB") + "~" + rest
        if self.damage == "disclosure":
            sd_jwt += sd_jwt.split("~")[1][:-6] + "WyJ4Il0~"
        return sd_jwt

    async def notification(self, request: Request) -> Response:
        self.notifications.append((await request.json())["event"])
        return Response(status_code=204)

    async def status(self, request: Request) -> Response:
        if self.status_away:
            return Response(status_code=503)
        at = self.status_issued_at or int(time.time())
        uri = f"{self.issuer}/status/1"
        token = make_token(self.statuses, uri, at, at + self.status_lifetime, 60, self.sign, self.x5c)
        return Response(token, media_type=MEDIA_TYPE)

    # -- the page's own two calls -----------------------------------------------------------------

    async def glyphs(self, request: Request) -> Response:
        text = (await request.json())["text"]
        self.glyph_requests.append(text)
        return Response(glyph_font(text, LADDER), media_type="font/ttf")

    async def short_offer(self, request: Request) -> Response:
        if self.rate_limited:
            return JSONResponse({"error": "slow_down", "error_description": "too_many"}, 429)
        code = self.shorts.get((await request.json())["code"])
        if code is None:
            return refused("invalid_grant", "short_unknown", 404)
        return JSONResponse({"credential_offer_uri": f"{self.issuer}/o/{code}"})

    async def reverse(self, request: Request) -> Response:
        if self.rate_limited:
            return JSONResponse({"error": "slow_down", "error_description": "too_many"}, 429)
        short = short_code.make()
        self.waiting[short] = ""
        return JSONResponse({"short": short, "ticket": f"ticket-{short}", "expires_in": self.reverse_seconds})

    async def reverse_poll(self, request: Request) -> Response:
        if self.reverse_away:
            return JSONResponse({}, 503)
        code = self.waiting.get((await request.json())["ticket"].removeprefix("ticket-"))
        if code is None:
            return refused("reverse_gone", "reverse_gone", 404)
        if not code:
            return JSONResponse({"waiting": True})
        return JSONResponse({"credential_offer_uri": f"{self.issuer}/o/{code}"})

    def app(self) -> Any:
        routes = [
            Route("/", self.page),
            Route("/c", self.page),
            Route("/holder/{name}", self.asset),
            Route("/sw.js", self.worker),
            Route("/.well-known/openid-credential-issuer", self.issuer_metadata),
            Route("/.well-known/oauth-authorization-server", self.server_metadata),
            Route("/o/{code}", self.offer),
            Route("/token", self.token, methods=["POST"]),
            Route("/nonce", self.nonce, methods=["POST"]),
            Route("/credential", self.credential, methods=["POST"]),
            Route("/deferred", self.deferred, methods=["POST"]),
            Route("/notification", self.notification, methods=["POST"]),
            Route("/status/1", self.status),
            Route("/api/v1/holder/glyphs", self.glyphs, methods=["POST"]),
            Route("/api/v1/holder/short", self.short_offer, methods=["POST"]),
            Route("/api/v1/holder/reverse", self.reverse, methods=["POST"]),
            Route("/api/v1/holder/reverse/poll", self.reverse_poll, methods=["POST"]),
        ]
        inner = Starlette(routes=routes)

        async def recorded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                query = scope["query_string"].decode()
                self.paths.append(scope["path"] + (f"?{query}" if query else ""))
            await inner(scope, receive, send)

        return recorded


def refused(error: str, description: str, status: int = 400) -> Response:
    """An OAuth error; the first word of the description is the hub's code word."""
    body = {"error": error, "error_description": description}
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})


class Served:
    """A stub hub that listens; ``stop`` takes it away, ``start`` brings it back at the same address."""

    def __init__(self, rehearsal: bool = False) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.hub = StubHub(f"http://127.0.0.1:{self.port}", rehearsal)
        self.start()

    def start(self) -> None:
        config = uvicorn.Config(
            self.hub.app(),
            "127.0.0.1",
            self.port,
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=asyncio.run, args=(self._serve(),), daemon=True)
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)

    async def _serve(self) -> None:
        await self._server.serve()
        # Closed transports let go of their sockets in the loop's next rounds.
        for _ in range(3):
            await asyncio.sleep(0)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        let_go()


@contextmanager
def serving(rehearsal: bool = False) -> Iterator[Served]:
    """A served stub hub, stopped at the end."""
    served = Served(rehearsal)
    try:
        yield served
    finally:
        served.stop()


if __name__ == "__main__":
    with serving() as running:
        print(json.dumps({"link": running.hub.link(running.hub.open_claim()), "pin": PIN}))
        threading.Event().wait()
