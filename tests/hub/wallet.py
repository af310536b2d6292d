"""A wallet of our own for the tests: urllib and a software key, nothing from the hub."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from core.claims.offer import CONFIGURATION, PRE_AUTHORIZED
from core.clock import Clock
from core.credentials.key_proof import make_proof, new_holder_key


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def http(url: str, data: bytes | None = None, **headers: str) -> Reply:
    """One request on the loopback; refusals are answers, not exceptions."""
    request = urllib.request.Request(url, data, {k.replace("_", "-"): v for k, v in headers.items()})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as response:
            return _reply(response.status, response)
    except urllib.error.HTTPError as refused:
        with refused:
            return _reply(refused.code, refused)


def _reply(status: int, answer: Any) -> Reply:
    return Reply(status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())


@dataclass
class Wallet:
    """A phone with a key."""

    issuer: str
    clock: Clock
    key: dict[str, str] = field(default_factory=new_holder_key)
    token: str = ""

    def offer(self, code: str) -> Reply:
        """Fetch the offer."""
        return http(f"{self.issuer}/o/{code}")

    def ask_token(self, code: str, tx_code: str | None, **more: str) -> Reply:
        """Exchange the code; the token is kept when there is one."""
        form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code, **more}
        if tx_code is not None:
            form["tx_code"] = tx_code
        reply = http(
            f"{self.issuer}/token",
            urlencode(form).encode(),
            Content_Type="application/x-www-form-urlencoded",
        )
        if reply.status == 200:
            self.token = reply.json["access_token"]
        return reply

    def nonce(self) -> str:
        """Fetch a nonce."""
        return str(http(f"{self.issuer}/nonce", b"").json["c_nonce"])

    def proof(self, nonce: str | None = None, audience: str = "") -> str:
        """Prove the key."""
        now = int(self.clock().timestamp())
        return make_proof(self.key, audience or self.issuer, nonce or self.nonce(), now)

    def post(self, path: str, body: Any) -> Reply:
        """Post JSON with the token."""
        return http(
            f"{self.issuer}{path}",
            json.dumps(body).encode(),
            Content_Type="application/json",
            Authorization=f"Bearer {self.token}",
        )

    def ask_credential(self, proof: str = "") -> Reply:
        """Ask for the certificate."""
        body = {"credential_configuration_id": CONFIGURATION, "proofs": {"jwt": [proof or self.proof()]}}
        return self.post("/credential", body)

    def claim(self, code: str, tx_code: str) -> str:
        """Claim from code to certificate."""
        assert self.ask_token(code, tx_code).status == 200
        reply = self.ask_credential()
        assert reply.status == 200, (reply.status, reply.body)
        return str(reply.json["credentials"][0]["credential"])
