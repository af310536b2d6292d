"""Enrolment: an office asks, the authority above it answers with an office certificate.

The request carries the founding action (signed by the first administrator) and is signed by the
desk's device key. The answer, the office certificate (登记机关证书), is signed by the hub's own key:
it names the office, its device keys, the hub's issuer URL and keys, and whether the office may work
with a single clerk; no local switch can.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from core.canonical import canonical, digest
from core.errors import Refusal
from core.keys.signer import Signer, verify


@dataclass(frozen=True)
class OfficeCertificate:
    """What the hub says of an office. Keys are hex; moments are UTC stamps (core.clock)."""

    office: str
    code: str
    name: str
    device: str
    kid: str
    device_key: str
    exchange_key: str
    single_clerk: bool
    rehearsal: bool
    issuer: str
    hub_kid: str
    hub_algorithm: str
    hub_key: str
    hub_exchange_key: str
    not_before: str
    not_after: str
    purposes: tuple[int, ...] = (1, 2)

    def body(self) -> dict[str, Any]:
        """Return the signed JSON object."""
        return {**self.__dict__, "purposes": list(self.purposes), "type": "office-certificate/1"}


def sign_certificate(certificate: OfficeCertificate, signer: Signer) -> dict[str, Any]:
    """Return the certificate as the hub hands it out: body and signature (hex)."""
    body = certificate.body()
    return {"body": body, "signature": signer.sign(digest("office-certificate/1", canonical(body))).hex()}


def read_certificate(data: Any) -> OfficeCertificate:
    """Read and check an office certificate against the hub key inside it.

    The caller pins that key on first sight (trust on enrolment) and compares it ever after.
    Raises ``Refusal('certificate_malformed')`` or ``Refusal('certificate_forged')``.
    """
    try:
        body = dict(data["body"])
        signature = bytes.fromhex(data["signature"])
        if body.pop("type") != "office-certificate/1":
            raise ValueError("type")
        purposes = tuple(int(purpose) for purpose in body.pop("purposes"))
        certificate = OfficeCertificate(**body, purposes=purposes)
        key = bytes.fromhex(certificate.hub_key)
        signed = digest("office-certificate/1", canonical(certificate.body()))
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("certificate_malformed") from fault
    if not verify(certificate.hub_algorithm, key, signature, signed):
        raise Refusal("certificate_forged")
    return certificate


def fingerprint(request: bytes) -> str:
    """Return the request's fingerprint as people compare it by voice: eight groups of four hex digits."""
    text = hashlib.sha256(request).hexdigest()[:32]
    return "-".join(text[index : index + 4] for index in range(0, 32, 4))
