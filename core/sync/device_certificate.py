"""The device certificate: the hub says, for ninety days, that this desk belongs to that office.

The desk asks with an envelope signed by its device key and gets three things at once: the office
certificate as it stands, its own device certificate signed by the hub, and the same said in X.509, which
it shows when it opens a TLS connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from core.canonical import canonical, digest
from core.errors import Refusal
from core.keys.signer import Signer, verify
from core.sync.enrolment import OfficeCertificate

VALID: Final = timedelta(days=90)
RENEW: Final = timedelta(days=30)
"""A desk asks for a new one when less than this is left."""

ASKING: Final = "device-certificate"
"""``type`` of the envelope that asks."""

_TYPE: Final = "device-certificate/1"


@dataclass(frozen=True)
class DeviceCertificate:
    """What the hub says of a desk. Keys are hex; moments are UTC stamps."""

    office: str
    device: str
    kid: str
    algorithm: str
    key: str
    exchange_key: str
    issuer: str
    rehearsal: bool
    not_before: str
    not_after: str

    def body(self) -> dict[str, Any]:
        """Return the signed JSON object."""
        return {**self.__dict__, "type": _TYPE}


def sign_device_certificate(certificate: DeviceCertificate, signer: Signer) -> dict[str, Any]:
    """Return the certificate as the hub hands it out: body and signature (hex)."""
    body = certificate.body()
    return {"body": body, "signature": signer.sign(digest(_TYPE, canonical(body))).hex()}


def read_device_certificate(data: Any, office: OfficeCertificate) -> DeviceCertificate:
    """Read a device certificate and check it against the hub key that the office certificate names.

    Raises ``Refusal`` certificate_malformed / certificate_forged / certificate_foreign.
    """
    try:
        body = dict(data["body"])
        signature = bytes.fromhex(data["signature"])
        if body.pop("type") != _TYPE:
            raise ValueError("type")
        certificate = DeviceCertificate(**body)
        signed = digest(_TYPE, canonical(certificate.body()))
        key = bytes.fromhex(office.hub_key)
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("certificate_malformed") from fault
    if not verify(office.hub_algorithm, key, signature, signed):
        raise Refusal("certificate_forged")
    if (certificate.office, certificate.issuer) != (office.office, office.issuer):
        raise Refusal("certificate_foreign")
    return certificate
