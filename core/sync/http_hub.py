"""The hub over HTTP. Plain http only to this machine itself, and only when asked for; answers are signed.

Over https both sides show certificates: the hub one of the authority that is pinned, the desk its own.
"""

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
from core.sync.compress import compress, decompress
from core.sync.enrolment import OfficeCertificate
from core.sync.envelope import MAX_ENVELOPE_BYTES, OLDEST_PROTOCOL, PROTOCOL, PROTOCOLS, unwrap, wrap
from core.sync.identity import Identity

TIMEOUT_SECONDS = 15
WORTH_PACKING = 1024
"""Bytes from which a request is compressed."""
BUSY = frozenset({"desk_busy", "hub_busy"})
"""What a hub says that has no turn for us now: nothing was looked at, nothing is wrong."""
FIRST_WAIT, LONGEST_WAIT = 5, 300
"""Seconds to wait where the hub does not say, and at most."""
NOT_THERE = 404
"""A hub of a former release says this, in its web server's words, of a question that it does not know."""


def is_loopback(host: str) -> bool:
    """Tell whether a host name means this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpHub:
    """Speaks to one hub URL. ``ca_file`` pins the authority that signed its server certificate.

    A hub that has no turn for this desk is ``EnvironmentFault('hub_busy', seconds)``: ask again then.

    ``identity`` is what this desk shows over https; without one only its certificates can be asked for.
    ``plain_http``: somebody chose plain http on this machine. Raises ``UserError`` hub_url_wrong,
    hub_url_insecure (http to another machine, always), hub_http_not_chosen.
    """

    def __init__(
        self,
        url: str,
        ca_file: Path | None = None,
        identity: Identity | None = None,
        *,
        plain_http: bool = False,
    ) -> None:
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
        if parts.scheme == "http" and not plain_http:
            raise UserError("hub_http_not_chosen")
        self._parts = parts
        self._ca_file = ca_file
        self._identity = identity
        self._context: ssl.SSLContext | None = None
        self._protocol = PROTOCOL
        self._packs = True

    def present(self, identity: Identity | None) -> None:
        """Show this from now on; equal to what is shown already, it changes nothing."""
        if identity != self._identity:
            self._identity, self._context = identity, None

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            cafile = None if self._ca_file is None else str(self._ca_file)
            context = ssl.create_default_context(cafile=cafile)
            context.minimum_version = ssl.TLSVersion.TLSv1_3  # decision 033
            if self._identity is not None:
                self._identity.show_in(context)
            self._context = context
        return self._context

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=self._tls())

    def _post(self, path: str, body: bytes, pack: bool = False) -> bytes:
        """Send; a hub that does not know zstd (the release before) gets the same once more without."""
        packed = pack and self._packs and len(body) > WORTH_PACKING
        status, data, wait = self._exchange(path, compress(body) if packed else body, packed)
        if packed and status in (400, 415) and _reason(data) in ("envelope_malformed", "body_encoding"):
            self._packs = False
            status, data, wait = self._exchange(path, body, False)
        if status not in (200, 202):
            raise _refused(status, data, wait)
        return data

    def _exchange(self, path: str, body: bytes, packed: bool) -> tuple[int, bytes, str]:
        """Return status, body, and when to come again as the hub says it (``Retry-After``)."""
        connection: http.client.HTTPConnection | None = None
        try:
            connection = self._connect()
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
            headers |= {"Accept-Encoding": "zstd"} | ({"Content-Encoding": "zstd"} if packed else {})
            connection.request("POST", self._parts.path.rstrip("/") + path, body, headers)
            response = connection.getresponse()
            data = response.read(MAX_ENVELOPE_BYTES + 1)
            if response.length and len(data) <= MAX_ENVELOPE_BYTES:  # a sized read says nothing of a cut line
                raise EnvironmentFault("hub_answer_damaged")
            if response.headers.get("Content-Encoding", "") == "zstd":
                data = decompress(data, MAX_ENVELOPE_BYTES)
            return response.status, data, response.headers.get("Retry-After", "")
        except (OSError, http.client.HTTPException, ssl.SSLError) as fault:
            raise EnvironmentFault(_line_fault(fault)) from fault
        except Refusal as fault:
            raise EnvironmentFault("hub_answer_damaged") from fault
        finally:
            if connection is not None:
                connection.close()

    def enrol(self, request: bytes) -> dict[str, Any]:
        """Hand in an enrolment request."""
        return _object(self._post("/api/v1/enrolments", request))

    def ask(
        self, path: str, payload: Mapping[str, Any], signer: Signer, certificate: OfficeCertificate
    ) -> dict[str, Any]:
        """Send a signed envelope; a cut or forged answer is a fault, never a success.

        A hub that does not speak this protocol is asked again in the newest that both know.
        """
        payload = {**payload, "protocol": min(self._protocol, payload["protocol"])}
        try:
            data = self._post(path, wrap(payload, signer), pack=True)
        except EnvironmentFault as fault:
            older = _older(fault, payload["protocol"])
            if older is None:
                raise
            self._protocol = older
            return self.ask(path, payload, signer, certificate)
        try:
            opened = unwrap(data)
        except Refusal as fault:
            raise EnvironmentFault("hub_answer_damaged") from fault
        if opened.kid != certificate.hub_kid or not opened.verify(bytes.fromhex(certificate.hub_key)):
            raise EnvironmentFault("hub_answer_forged")
        return opened.payload


def _line_fault(fault: BaseException) -> str:
    """Return the code for a connection that did not come about: whose certificate it was, if it was one."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "hub_untrusted"
    alert = str(getattr(fault, "reason", "")) if isinstance(fault, ssl.SSLError) else ""
    ours = "ALERT" in alert and any(word in alert for word in ("CERT", "UNKNOWN_CA", "ACCESS_DENIED"))
    return "desk_certificate_refused" if ours else "hub_unreachable"


def _older(fault: EnvironmentFault, spoken: int) -> int | None:
    """Return the newest protocol below ``spoken`` that hub and desk know, None if that was not the matter."""
    if fault.code != "hub_refused" or fault.params.get("reason") != "protocol_unknown":
        return None
    told = fault.params.get("told", {}).get("supported")
    # The release before named none.
    supported = told if isinstance(told, list) else [OLDEST_PROTOCOL]
    return max((each for each in PROTOCOLS if each < spoken and each in supported), default=None)


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault
    if not isinstance(value, dict):
        raise EnvironmentFault("hub_answer_damaged")
    return value


def _reason(data: bytes) -> str:
    try:
        return str(_object(data).get("error", ""))[:60]
    except EnvironmentFault:
        return ""


def _refused(status: int, data: bytes, wait: str = "") -> EnvironmentFault:
    if status in (429, 503) and _reason(data) in BUSY:
        seconds = int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else FIRST_WAIT
        return EnvironmentFault("hub_busy", seconds=max(1, min(seconds, LONGEST_WAIT)))
    if status >= 500:
        return EnvironmentFault("hub_failing", status=status)
    reason = _reason(data)
    if not reason and status != NOT_THERE:
        # Every refusal of the hub names its reason: this one was cut, or somebody on the way spoke.
        return EnvironmentFault("hub_answer_damaged")
    told = _object(data).get("params") if reason else None
    detail = {"told": told} if isinstance(told, dict) and told else {}
    return EnvironmentFault("hub_refused", status=status, reason=reason, **detail)
