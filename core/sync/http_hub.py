"""The hub over HTTP. Plain http only to this machine itself; every answer's signature is checked."""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import EnvironmentFault, Refusal, UserError
from core.keys.signer import Signer
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import MAX_ENVELOPE_BYTES, unwrap, wrap

TIMEOUT_SECONDS = 15


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpHub:
    """Speaks to one hub URL. ``ca_file`` pins the authority that signed its server certificate."""

    def __init__(self, url: str, ca_file: Path | None = None) -> None:
        try:
            parts = urlsplit(url)
            known = parts.scheme in ("http", "https") and parts.port != 0
            (parts.hostname or "").encode("idna")
        except ValueError as fault:
            raise UserError("hub_url_wrong") from fault
        if not known or not parts.hostname:
            raise UserError("hub_url_wrong")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise UserError("hub_url_insecure")
        self._parts = parts
        self._ca_file = ca_file

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        context = ssl.create_default_context(cafile=None if self._ca_file is None else str(self._ca_file))
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)

    def _post(self, path: str, body: bytes) -> bytes:
        status, data = self._exchange(path, body)
        if status not in (200, 202):
            raise _refused(status, data)
        return data

    def _exchange(self, path: str, body: bytes) -> tuple[int, bytes]:
        connection: http.client.HTTPConnection | None = None
        try:
            connection = self._connect()
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
            connection.request("POST", self._parts.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            return response.status, response.read(MAX_ENVELOPE_BYTES + 1)
        except (OSError, http.client.HTTPException, ssl.SSLError) as fault:
            code = "hub_untrusted" if isinstance(fault, ssl.SSLCertVerificationError) else "hub_unreachable"
            raise EnvironmentFault(code) from fault
        finally:
            if connection is not None:
                connection.close()

    def enrol(self, request: bytes) -> dict[str, Any]:
        """Hand in an enrolment request."""
        return _object(self._post("/api/v1/enrolments", request))

    def ask(
        self, path: str, payload: Mapping[str, Any], signer: Signer, certificate: OfficeCertificate
    ) -> dict[str, Any]:
        """Send a signed envelope; a cut or forged answer is a fault, never a success."""
        data = self._post(path, wrap(payload, signer))
        try:
            opened = unwrap(data)
        except Refusal as fault:
            raise EnvironmentFault("hub_answer_damaged") from fault
        if opened.kid != certificate.hub_kid or not opened.verify(bytes.fromhex(certificate.hub_key)):
            raise EnvironmentFault("hub_answer_forged")
        return opened.payload


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault
    if not isinstance(value, dict):
        raise EnvironmentFault("hub_answer_damaged")
    return value


def _refused(status: int, data: bytes) -> EnvironmentFault:
    try:
        code = str(_object(data).get("error", ""))
    except EnvironmentFault:
        code = ""
    if status >= 500:
        return EnvironmentFault("hub_failing", status=status)
    return EnvironmentFault("hub_refused", status=status, reason=code[:60])
