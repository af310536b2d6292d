"""A holder in the tests: a phone that keeps one credential and speaks the holder page's requests."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from joserfc.jwk import ECKey

from core.claims.offer import DELEGATION
from core.clock import china_date
from core.credentials.jose import Sign, b64u
from core.credentials.key_binding import bind
from core.credentials.x509 import es256_signer
from tests.hub.conftest import Station
from tests.hub.wallet import Reply, Wallet, http


@dataclass
class Holder:
    """A phone with a claimed certificate or delegation."""

    station: Station
    wallet: Wallet
    sd_jwt: str
    digits: str = field(default="")

    def presentation(self, audience: str, nonce: str = "", *, fields: tuple[str, ...] = ()) -> str:
        """The credential with the disclosures of these claim names, and this phone's proof."""
        jws, *disclosures, _ = self.sd_jwt.split("~")
        chosen = [text for text in disclosures if _name_of(text) in fields]
        head = "~".join([jws, *chosen, ""])
        now = int(self.station.hands().timestamp())
        return bind(head, audience, nonce or self.wallet.nonce(), now, signer_of(self.wallet.key))

    def ask(self, name: str, wanted: Mapping[str, Any] | None = None, **changed: Any) -> Reply:
        """One proven request; ``changed`` overrides parts of the body."""
        issuer = self.station.hub.issuer
        text = json.dumps(dict(wanted or {}), ensure_ascii=False)
        digest = b64u(hashlib.sha256(text.encode()).digest())
        audience = f"{issuer}/api/v1/holder/{name}#{digest}"
        body = {"presentation": self.presentation(audience), "request": text, **changed}
        address = f"{issuer}/api/v1/holder/{name}"
        return http(address, json.dumps(body).encode(), Content_Type="application/json")

    def grant(self, **wanted: Any) -> Reply:
        """Grant; what is left out is a user until tomorrow and every matter."""
        day = china_date(self.station.hands())
        period = {"valid_from": day.isoformat(), "valid_to": (day + timedelta(days=1)).isoformat()}
        full = {"role": "user", "matters": ["*"], **period, **wanted}
        return self.ask("grant", full)

    def show(self, *fields: str) -> Reply:
        """Show the credential with these claims."""
        issuer = self.station.hub.issuer
        body = {"presentation": self.presentation(f"{issuer}/v", fields=fields)}
        address = f"{issuer}/api/v1/holder/show"
        return http(address, json.dumps(body).encode(), Content_Type="application/json")


def signer_of(jwk: Mapping[str, str]) -> Sign:
    """An ES256 signature by a private P-256 JWK."""
    key = ECKey.import_key(dict(jwk))
    pem = key.as_pem(private=True)
    return es256_signer(pem)


def _name_of(disclosure: str) -> str:
    return str(json.loads(base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4)))[1])


def code_of(offered: Reply) -> str:
    """The code inside an offered link."""
    return str(offered.json["link"].rsplit("/", 1)[1])


def take(station: Station, offered: Reply) -> Holder:
    """Claim an offer on another phone."""
    wallet = station.wallet()
    code = code_of(offered)
    assert wallet.offer(code).status == 200
    assert wallet.ask_token(code, offered.json["digits"]).status == 200
    body = {"credential_configuration_id": DELEGATION, "proofs": {"jwt": [wallet.proof()]}}
    reply = wallet.post("/credential", body)
    assert reply.status == 200, reply.body
    return Holder(station, wallet, reply.json["credentials"][0]["credential"])
