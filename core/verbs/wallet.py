"""A small phone: a conformant OpenID4VCI 1.0 client, so that the demo ends where a holder's phone would.

Pre-authorized code with ``tx_code``, offers by reference and by value, one ``jwt`` proof, deferred
issuance, notification. It knows nothing of our hub but what the specification says.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from core.claims.offer import PRE_AUTHORIZED
from core.credentials.key_proof import make_proof, new_holder_key
from core.errors import EnvironmentFault, UserError
from core.sync.http_hub import is_loopback

_TIMEOUT = 20
_LIMIT = 1024 * 1024
_LONGEST_WAIT = 60
"""Seconds we wait for a deferred certificate."""


@dataclass(frozen=True)
class Reply:
    """Status and body of an HTTP answer."""

    status: int
    data: bytes

    def object(self) -> dict[str, Any]:
        """Return the body as a JSON object. Raises ``UserError('wallet_answer_malformed')``."""
        try:
            value = json.loads(self.data)
        except ValueError as fault:
            raise UserError("wallet_answer_malformed") from fault
        if not isinstance(value, dict):
            raise UserError("wallet_answer_malformed")
        return value

    def expect(self, *statuses: int) -> Reply:
        """Return itself, or raise ``UserError('claim_refused', status, error, word)``.

        ``word`` is the first word of the description: the reason as programs read it. Remote text is
        cut down to plain ASCII words.
        """
        if self.status in statuses:
            return self
        try:
            said = self.object()
        except UserError:
            said = {}
        word = str(said.get("error_description", "")).split(" ")[0]
        raise UserError(
            "claim_refused", status=self.status, error=_plain(said.get("error")), word=_plain(word)
        )


def _plain(word: Any) -> str:
    text = str(word or "")[:60]
    return text if text.isascii() and text.replace("_", "").isalnum() else ""


class Line:
    """HTTP to one place; https against ``ca``, plain http to this machine only."""

    def __init__(self, ca: Path | None) -> None:
        self._context = ssl.create_default_context(cafile=None if ca is None else str(ca))

    def get(self, url: str) -> Reply:
        """GET."""
        return self._send("GET", url, None, {"Accept": "application/json"})

    def post(self, url: str, body: str, kind: str, bearer: str = "") -> Reply:
        """POST ``body`` with media type ``kind``."""
        headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        return self._send("POST", url, body.encode("utf-8"), headers)

    def post_json(self, url: str, value: Mapping[str, Any], bearer: str = "") -> Reply:
        """POST a JSON object."""
        return self.post(url, json.dumps(value), "application/json", bearer)

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                host, parts.port, timeout=_TIMEOUT, context=self._context
            )
        elif parts.scheme == "http" and is_loopback(host):
            connection = http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT)
        else:
            raise UserError("hub_url_insecure")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            return Reply(response.status, response.read(_LIMIT))
        except ssl.SSLCertVerificationError as fault:
            raise EnvironmentFault("hub_untrusted") from fault
        except (OSError, http.client.HTTPException) as fault:
            raise EnvironmentFault("hub_unreachable") from fault
        finally:
            connection.close()


@dataclass(frozen=True)
class Claimed:
    """What the phone holds afterwards: the certificate (SD-JWT) and its private key (JWK)."""

    certificate: str
    key: dict[str, str]


def well_known(issuer: str, name: str) -> str:
    """Return a metadata address: the well-known part goes between host and path (RFC 8615, 8414)."""
    parts = urlsplit(issuer)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{name}{parts.path}"


def read_offer(line: Line, text: str) -> dict[str, Any]:
    """Return the offer in a scanned text, fetching it when it comes by reference."""
    query = parse_qs(urlsplit(text.strip()).query)
    by_value, by_reference = query.get("credential_offer"), query.get("credential_offer_uri")
    if by_value and not by_reference:
        return Reply(200, by_value[0].encode("utf-8")).object()
    if by_reference and not by_value:
        return line.get(by_reference[0]).expect(200).object()
    raise UserError("offer_malformed")


def claim(offer_text: str, pin: str, ca: Path | None = None) -> Claimed:
    """Claim a certificate with what was scanned and the six digits that were said.

    Raises ``UserError`` claim_refused, offer_malformed, wallet_answer_malformed, hub_url_insecure;
    ``EnvironmentFault`` hub_unreachable, hub_untrusted.
    """
    line = Line(ca)
    try:
        offer = read_offer(line, offer_text)
        issuer = str(offer["credential_issuer"])
        metadata = line.get(well_known(issuer, "openid-credential-issuer")).expect(200).object()
        server = line.get(well_known(issuer, "oauth-authorization-server")).expect(200).object()
        if metadata["credential_issuer"] != issuer or server["issuer"] != issuer:
            raise UserError("wallet_answer_malformed")
        token = _token(line, str(server["token_endpoint"]), offer, pin)
        return _credential(line, metadata, str(offer["credential_configuration_ids"][0]), token)
    except (KeyError, TypeError, IndexError) as fault:
        raise UserError("wallet_answer_malformed") from fault


def _token(line: Line, endpoint: str, offer: Mapping[str, Any], pin: str) -> str:
    form = {
        "grant_type": PRE_AUTHORIZED,
        "pre-authorized_code": offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"],
        "tx_code": pin,
    }
    reply = line.post(endpoint, urlencode(form), "application/x-www-form-urlencoded")
    return str(reply.expect(200).object()["access_token"])


def _credential(line: Line, metadata: Mapping[str, Any], configuration: str, token: str) -> Claimed:
    key = new_holder_key()
    nonce = str(
        line.post(str(metadata["nonce_endpoint"]), "", "application/json").expect(200).object()["c_nonce"]
    )
    proof = make_proof(key, str(metadata["credential_issuer"]), nonce, int(time.time()))
    request = {"credential_configuration_id": configuration, "proofs": {"jwt": [proof]}}
    reply = line.post_json(str(metadata["credential_endpoint"]), request, token).expect(200, 202)
    deadline = time.monotonic() + _LONGEST_WAIT
    while reply.status == 202:
        waiting = reply.object()
        if time.monotonic() > deadline:
            raise EnvironmentFault("claim_deferred")
        time.sleep(min(max(float(waiting.get("interval", 5)), 0.1), 5))
        body = {"transaction_id": waiting["transaction_id"]}
        reply = line.post_json(str(metadata["deferred_credential_endpoint"]), body, token).expect(200, 202)
    answer = reply.object()
    certificate = str(answer["credentials"][0]["credential"])
    notification = answer.get("notification_id")
    if notification and "notification_endpoint" in metadata:
        event = {"notification_id": notification, "event": "credential_accepted"}
        line.post_json(str(metadata["notification_endpoint"]), event, token).expect(204)
    return Claimed(certificate, key)
