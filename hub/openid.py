"""The public endpoints that any conformant wallet or verifier speaks to (OpenID4VCI 1.0)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.claims.offer import CONFIGURATION, DELEGATION, PRE_AUTHORIZED
from core.credentials.status import MEDIA_TYPE
from core.errors import UserError
from hub import claims, delegation_offers, delivery, metadata
from hub.nonces import make_nonce
from hub.refusals import ClaimRefused
from hub.setup import Hub
from hub.status_lists import TTL, list_token
from hub.web import NO_STORE, Answer, Endpoint, Work, answering, json_answer, read_body

FORM_LIMIT = 16 * 1024
JSON_LIMIT = 32 * 1024
_KNOWN = ("grant_type", "pre-authorized_code", "tx_code", "authorization_details")
_DETAILS_TYPE = "openid_credential"


def _problem(error: str, description: str = "", status: int = 400) -> Answer:
    body = {"error": error}
    if description:
        body["error_description"] = description
    return Answer(status, body, NO_STORE)


def _unauthorized(error: str = "") -> Answer:
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Answer(401, {"error": error or "invalid_token"}, {**NO_STORE, "WWW-Authenticate": challenge})


def _bearer(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise _unauthorized()
    return secret.strip()[:512]


async def _form(request: Request) -> dict[str, str]:
    """Read the form by hand: unknown parameters are ignored, repeated known ones refused."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise _problem("invalid_request", "form expected")
    try:
        pairs = parse_qsl(
            (await read_body(request, FORM_LIMIT)).decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=50,
        )
    except ValueError as fault:
        raise _problem("invalid_request", "form unreadable") from fault
    known = [pair for pair in pairs if pair[0] in _KNOWN]
    if len(dict(known)) != len(known):
        raise _problem("invalid_request", "parameter repeated")
    return dict(known)


async def _json(request: Request) -> dict[str, Any]:
    try:
        value = json.loads(await read_body(request, JSON_LIMIT))
    except (ValueError, RecursionError) as fault:
        raise _problem("invalid_credential_request", "json expected") from fault
    if not isinstance(value, dict):
        raise _problem("invalid_credential_request", "object expected")
    return value


def _details_of(text: str, configuration: str) -> list[dict[str, Any]]:
    """Read a token request's ``authorization_details`` (OpenID4VCI 1.0, 6.1.1) and return the answer's.

    A wallet that asks this way has to be told identifiers; one that does not must not be (6.2).
    """
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise _problem("invalid_authorization_details", "json expected") from fault
    wanted = {"type": _DETAILS_TYPE, "credential_configuration_id": configuration}
    for item in asked if isinstance(asked, list) else [None]:
        if not isinstance(item, dict) or any(item.get(name) != value for name, value in wanted.items()):
            raise _problem("invalid_authorization_details", "unknown type or credential configuration")
    return [{**wanted, "credential_identifiers": [configuration]}] if asked else []


def _check_wanted(body: dict[str, Any], configuration: str) -> None:
    """A token leads to one certificate; both ways of naming it are taken, but not at once."""
    if "credential_identifier" in body:
        if "credential_configuration_id" in body:
            raise _problem("invalid_credential_request", "identifier and configuration")
        if body["credential_identifier"] != configuration:
            raise _problem("unknown_credential_identifier")
    elif "credential_configuration_id" not in body:
        raise _problem("invalid_credential_request", "credential_configuration_id is required")
    elif body["credential_configuration_id"] != configuration:
        raise _problem("unknown_credential_configuration")


def _proof_of(body: dict[str, Any], configuration: str) -> str:
    _check_wanted(body, configuration)
    if body.get("credential_response_encryption") is not None:
        raise _problem("invalid_encryption_parameters", "not supported")
    proofs, single = body.get("proofs"), body.get("proof")
    if proofs is None and isinstance(single, dict) and single.get("proof_type") == "jwt":
        # The drafts' spelling; wallets that still send it understand everything else of ours.
        proofs = {"jwt": [single.get("jwt")]}
    if not isinstance(proofs, dict) or set(proofs) != {"jwt"}:
        raise _problem("invalid_proof", "proofs.jwt expected")
    given = proofs["jwt"]
    if not isinstance(given, list) or len(given) != 1 or not isinstance(given[0], str):
        raise _problem("invalid_proof", "one proof expected")
    return given[0]


def _refused(fault: UserError) -> Answer:
    if isinstance(fault, delivery.TokenUnknown):
        return _unauthorized("invalid_token")
    if isinstance(fault, ClaimRefused):
        return _problem("credential_request_denied", fault.description)
    errors = {
        "proof_invalid": "invalid_proof",
        "nonce_invalid": "invalid_nonce",
        "transaction_unknown": "invalid_transaction_id",
        "notification_unknown": "invalid_notification_id",
    }
    return _problem(errors.get(fault.code, "invalid_credential_request"), str(fault.params.get("why", "")))


def _delivered(outcome: delivery.Delivered, *, notify: bool = True) -> Response:
    if outcome.transaction:
        wait = {"transaction_id": outcome.transaction, "interval": delivery.INTERVAL}
        # Ours beside the standard's members: how far the case has come, for the page's ladder.
        return json_answer({**wait, "received": outcome.received}, 202)
    body: dict[str, Any] = {"credentials": [{"credential": outcome.sd_jwt}]}
    if notify:
        body["notification_id"] = outcome.notification
    return json_answer(body)


def _asked(endpoint: Endpoint) -> Endpoint:
    """Answer an OPTIONS request that is no browser's preflight without running the endpoint."""

    async def asked(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=NO_STORE)
        return await endpoint(request)

    return asked


class OpenId:
    """The endpoints of one hub."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub = hub
        self._work = work

    def routes(self) -> list[Route]:
        """Return the routes, with the well-known ones between host and path."""
        path, known, server = self._hub.path, "/.well-known", metadata.authorization_server
        table: list[tuple[str, Endpoint, str]] = [
            (f"{known}/openid-credential-issuer{path}", self._metadata(metadata.credential_issuer), "GET"),
            (f"{known}/oauth-authorization-server{path}", self._metadata(server), "GET"),
            (f"{known}/jwt-vc-issuer{path}", self._metadata(metadata.jwt_vc_issuer), "GET"),
            (f"{path}/o/{{code}}", self.offer, "GET"),
            (f"{path}/token", self.token, "POST"),
            (f"{path}/nonce", self.nonce, "POST"),
            (f"{path}/credential", self.credential, "POST"),
            (f"{path}/deferred", self.deferred, "POST"),
            (f"{path}/notification", self.notification, "POST"),
            (f"{path}/status/{{number:int}}", self.status, "GET"),
        ]
        # A wallet may live in a web page of its own; there are no cookies that this could expose.
        cors = Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["WWW-Authenticate"],
        )
        return [
            Route(place, _asked(answering(endpoint)), methods=[method, "OPTIONS"], middleware=[cors])
            for place, endpoint, method in table
        ]

    def _metadata(self, make: Callable[[Hub], dict[str, Any]]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return json_answer(make(self._hub), headers={"Cache-Control": "max-age=60"})

        return endpoint

    async def offer(self, request: Request) -> Response:
        """GET /o/CODE: the offer, or 404 with the reason."""
        code = request.path_params["code"]
        try:
            make = delegation_offers.offer if delegation_offers.is_ours(code) else claims.offer
            return json_answer(await self._work.run(lambda: make(self._hub, code)))
        except ClaimRefused as refused:
            raise _problem(refused.error, refused.description, 404) from refused

    async def token(self, request: Request) -> Response:
        """POST /token."""
        form = await _form(request)
        if form.get("grant_type") != PRE_AUTHORIZED:
            raise _problem("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
        code = form.get("pre-authorized_code")
        if not code:
            raise _problem("invalid_request", "pre-authorized_code is required")
        ours = delegation_offers.is_ours(code)
        asked = form.get("authorization_details")
        details = _details_of(asked, DELEGATION if ours else CONFIGURATION) if asked else []
        exchange = delegation_offers.token if ours else claims.token
        try:
            granted = await self._work.run(lambda: exchange(self._hub, code, form.get("tx_code")))
        except ClaimRefused as refused:
            raise _problem(refused.error, refused.description) from refused
        body: dict[str, Any] = {
            "access_token": granted.token,
            "token_type": "Bearer",
            "expires_in": granted.expires_in,
        }
        if details:
            body["authorization_details"] = details
        return json_answer(body)

    async def nonce(self, request: Request) -> Response:
        """POST /nonce; needs no token and stores nothing."""
        await read_body(request, FORM_LIMIT)
        return json_answer({"c_nonce": make_nonce(self._hub)})

    async def credential(self, request: Request) -> Response:
        """POST /credential: the certificate or delegation, or 202 and a transaction."""
        hub, secret = self._hub, _bearer(request)
        ours = delegation_offers.is_our_token(secret)
        check = delegation_offers.check_token if ours else delivery.check_token
        give = delegation_offers.credential if ours else delivery.credential
        try:
            await self._work.run(lambda: check(hub, secret))
            proof = _proof_of(await _json(request), DELEGATION if ours else CONFIGURATION)
            return _delivered(await self._work.run(lambda: give(hub, secret, proof)))
        except UserError as fault:
            raise _refused(fault) from fault

    async def deferred(self, request: Request) -> Response:
        """POST /deferred: the certificate once the office's facts have arrived."""
        hub, secret = self._hub, _bearer(request)
        body = await _json(request)
        transaction = body.get("transaction_id")
        if not isinstance(transaction, str):
            raise _problem("invalid_transaction_id")
        try:
            outcome = await self._work.run(lambda: delivery.deferred(hub, secret, transaction))
            # Optional here (9.2), and a much used client (@openid4vc/openid4vci 0.4.6) refuses the whole
            # answer if a deferred certificate comes with one: the claim counts for more than the notice.
            return _delivered(outcome, notify=False)
        except UserError as fault:
            raise _refused(fault) from fault

    async def notification(self, request: Request) -> Response:
        """POST /notification: what the wallet did with the certificate."""
        hub, secret = self._hub, _bearer(request)
        body = await _json(request)
        known, event = body.get("notification_id"), body.get("event")
        if not isinstance(known, str) or not isinstance(event, str) or event not in delivery.EVENTS:
            raise _problem("invalid_notification_request")
        try:
            note = delegation_offers.notify if delegation_offers.is_our_token(secret) else delivery.notify
            await self._work.run(lambda: note(hub, secret, known, event))
        except UserError as fault:
            raise _refused(fault) from fault
        return Response(status_code=204, headers=NO_STORE)

    async def status(self, request: Request) -> Response:
        """GET /status/N: the signed list."""
        number = request.path_params["number"]
        text = await self._work.run(lambda: list_token(self._hub, number) if number < 10**6 else None)
        if text is None:
            raise _problem("not_found", status=404)
        return Response(text, headers={"Cache-Control": f"max-age={TTL}", "Content-Type": MEDIA_TYPE})
