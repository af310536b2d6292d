"""An invented relying department for the tests: a key, a profile, and requests signed by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from core.credentials.jose import b64u, public_jwk
from core.credentials.key_proof import new_holder_key
from core.ids import system_random
from core.records.uses import FUNCTIONS
from core.rehearsal.people import make_people
from hub.parties import Party, add_party
from hub.party_answers import Told, answer
from hub.party_profile import BASIC_FIELDS
from hub.party_requests import sign_request
from hub.setup import Hub
from tests.hub.wallet import Reply, http

OPERATOR = {"name": "核验员演练", "number": "HR-000731"}
PLENTY = {"minute": 6000, "day": 1_000_000}


def es256(private: Mapping[str, str]) -> Any:
    """A signer of a private JWK."""
    key: Any = ECKey.import_key(dict(private)).private_key

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


@dataclass
class Department:
    """A department with one purpose of every function unless told otherwise."""

    hub: Hub
    id: str = field(default_factory=lambda: f"dept-{system_random(4).hex()}")
    key: dict[str, str] = field(default_factory=new_holder_key)
    sent: int = 0

    def profile(self, **changed: Any) -> dict[str, Any]:
        """The profile as a file holds it."""
        purpose = {
            "id": "social",
            "name": "社会保险登记",
            "functions": list(FUNCTIONS),
            "fields": ["unit.uscc", "unit.name", "representative.name"],
            "matters": ["SOCIAL"],
        }
        return {
            "id": self.id,
            "name": "演练市人力资源和社会保障局",
            "kind": "人力资源和社会保障部门",
            "key": public_jwk({k: v for k, v in self.key.items() if k != "d"}),
            "purposes": [purpose],
            "budgets": dict.fromkeys(FUNCTIONS, PLENTY),
            "retention": "查验结果当场使用，不留存证书信息。",
            "valid_until": "2028-12-31",
            **changed,
        }

    def register(self, **changed: Any) -> Party:
        """Have the hub register the profile."""
        return add_party(self.hub, json.dumps(self.profile(**changed), ensure_ascii=False).encode())

    def request(self, **fields: Any) -> dict[str, Any]:
        """A request's fields; the common ones filled in."""
        self.sent += 1
        common = {
            "purpose": "social",
            "reason": "办理社会保险登记",
            "serial": f"SB-{self.sent:06}",
            "operator": OPERATOR,
        }
        return {**common, **fields}

    def header(self, function: str, data: bytes, /, **changed: Any) -> str:
        """The ``Authorization`` header; ``changed`` overrides how it is made."""
        made = {
            "kid": self.id,
            "sign": es256(self.key),
            "audience": f"{self.hub.issuer}/api/v1/verify/{function}",
            "body": data,
            "issued_at": self.hub.now(),
            "jti": b64u(system_random(16)),
            **changed,
        }
        return sign_request(**made)

    def ask(self, function: str, **fields: Any) -> Told:
        """Ask the functions of the hub without HTTP."""
        body = json.dumps(self.request(**fields), ensure_ascii=False).encode()
        return answer(self.hub, function, self.header(function, body), body)

    def post(self, function: str, request: Any, **changed: Any) -> Reply:
        """Ask over HTTP."""
        body = request if isinstance(request, bytes) else json.dumps(request, ensure_ascii=False).encode()
        headers = {
            "Content_Type": "application/json",
            "Authorization": self.header(function, body, **changed),
        }
        return http(f"{self.hub.issuer}/api/v1/verify/{function}", body, **headers)


def strangers(count: int) -> list[dict[str, str]]:
    """People who have nothing to do with any unit."""
    people = make_people(Random(77), count, date(2026, 11, 29))
    return [{"name": each.name, "id_number": each.id_number} for each in people]


ALL_FIELDS = list(BASIC_FIELDS)
