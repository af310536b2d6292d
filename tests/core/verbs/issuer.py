"""An issuer that obeys OpenID4VCI as far as a wallet can see, with one thing wrong when asked."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from core.claims.offer import PRE_AUTHORIZED
from core.credentials.key_proof import verify_proof
from core.errors import UserError

CODE, PIN, TOKEN, NONCE, CERTIFICATE = "code-1", "012345", "token-1", "nonce-1", "a.b.c~d~"
PATH = "/tenant"


class Issuer:
    """State of the issuer; ``waits`` is how often a deferred certificate is not ready yet."""

    def __init__(self, *, waits: int = 0, wrong: str = "") -> None:
        self.waits, self.wrong = waits, wrong
        self.url = ""
        self.told: list[str] = []

    def offer(self) -> dict[str, Any]:
        grant = {"pre-authorized_code": CODE, "tx_code": {"length": 6}}
        return {
            "credential_issuer": self.url,
            "credential_configuration_ids": ["c"],
            "grants": {PRE_AUTHORIZED: grant},
        }

    def answer(self, method: str, path: str, body: bytes, bearer: str) -> tuple[int, Any]:
        known: dict[tuple[str, str], Any] = {
            ("GET", f"{PATH}/o/{CODE}"): self.offer(),
            ("GET", f"/.well-known/openid-credential-issuer{PATH}"): self._metadata(),
            ("GET", f"/.well-known/oauth-authorization-server{PATH}"): {
                "issuer": self.url,
                "token_endpoint": f"{self.url}/token",
            },
            ("POST", f"{PATH}/nonce"): {"c_nonce": NONCE},
        }
        if (method, path) in known:
            return 200, known[method, path]
        if (method, path) == ("POST", f"{PATH}/token"):
            return self._token(parse_qs(body.decode()))
        if bearer != f"Bearer {TOKEN}":
            return 401, {"error": "invalid_token"}
        return self._deliver(path, json.loads(body))

    def _metadata(self) -> dict[str, Any]:
        issuer = self.url + "x" if self.wrong == "issuer" else self.url
        names = ("credential", "nonce", "deferred_credential", "notification")
        return {"credential_issuer": issuer} | {
            f"{name}_endpoint": f"{self.url}/{name.removesuffix('_credential')}" for name in names
        }

    def _token(self, form: dict[str, list[str]]) -> tuple[int, Any]:
        expected = {"grant_type": [PRE_AUTHORIZED], "pre-authorized_code": [CODE], "tx_code": [PIN]}
        if form != expected:
            return 400, {"error": "invalid_grant", "error_description": "pin_wrong 4 left"}
        return 200, [] if self.wrong == "token" else {"access_token": TOKEN}

    def _deliver(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path == f"{PATH}/notification":
            self.told.append(body["event"])
            return 204, None
        if path == f"{PATH}/credential":
            try:
                import time

                verify_proof(body["proofs"]["jwt"][0], self.url, lambda n: n == NONCE, int(time.time()))
            except UserError:
                return 400, {"error": "invalid_proof"}
        if self.waits:
            self.waits -= 1
            return 202, {"transaction_id": "t", "interval": 0.1}
        return 200, {"credentials": [{"credential": CERTIFICATE}], "notification_id": "n"}


@contextlib.contextmanager
def running(issuer: Issuer) -> Iterator[Issuer]:
    """Serve an issuer on the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            return

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            bearer = self.headers.get("Authorization", "")
            status, value = issuer.answer(self.command, self.path, body, bearer)
            data = b"" if value is None else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _do

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}{PATH}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
