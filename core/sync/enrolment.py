"""Enrolment: an office asks, the authority above it answers with an office certificate.

The request carries the founding action (signed by the first administrator) and is signed by the
desk's device key. The answer, the office certificate (登记机关证书), names the office, its first
device's keys, the hub's issuer URL and keys, and whether the office may work with a single clerk; no
local switch can. Issue 2 is signed by the province's root, issue 1 (still read, and still given to
programs that know no other) by the hub's own key. docs/trust.md tells who vouches for whom.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from core.canonical import canonical, digest
from core.errors import Refusal
from core.keys.signer import Signer, verify

_FIRST, _SECOND = "office-certificate/1", "office-certificate/2"


@dataclass(frozen=True)
class OfficeCertificate:
    """What the province says of an office. Keys are hex; moments are UTC stamps (core.clock).

    ``root_key`` is the province root that signed issue 2, empty in issue 1.
    """

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
    purposes: tuple[int, ...] = (1, 2, 3)
    root_algorithm: str = ""
    root_key: str = ""

    @property
    def issue(self) -> int:
        """Return 2 if the province root signs it, else 1."""
        return 2 if self.root_key else 1

    @property
    def type(self) -> str:
        """Return the name under which it is signed."""
        return _SECOND if self.root_key else _FIRST

    @property
    def root_fingerprint(self) -> str:
        """Return the root's fingerprint as people compare it, empty in issue 1."""
        return key_fingerprint(bytes.fromhex(self.root_key)) if self.root_key else ""

    def body(self) -> dict[str, Any]:
        """Return the signed JSON object."""
        body = {**self.__dict__, "purposes": list(self.purposes), "type": self.type}
        if not self.root_key:
            del body["root_key"], body["root_algorithm"]
        return body

    def signed_bytes(self) -> bytes:
        """Return what a signature covers."""
        return digest(self.type, canonical(self.body()))


def sign_certificate(
    certificate: OfficeCertificate, signer: Signer, hub: Signer | None = None
) -> dict[str, Any]:
    """Return the certificate as the hub hands it out: body and signature (hex).

    ``signer`` is the root for issue 2 and the hub's key for issue 1. ``hub`` signs issue 2 beside the
    root, so that a desk which knows only the hub's key learns the root from one it trusts.
    """
    signed = certificate.signed_bytes()
    data = {"body": certificate.body(), "signature": signer.sign(signed).hex()}
    return data if hub is None else data | {"hub_signature": hub.sign(signed).hex()}


def read_certificate(data: Any) -> OfficeCertificate:
    """Read and check an office certificate against the key that signs its issue, which it names itself.

    The caller pins that key on first sight (trust on enrolment) and compares it ever after.
    Raises ``Refusal('certificate_malformed')`` or ``Refusal('certificate_forged')``.
    """
    try:
        body = dict(data["body"])
        signature = bytes.fromhex(data["signature"])
        kind = body.pop("type")
        purposes = tuple(int(purpose) for purpose in body.pop("purposes"))
        certificate = OfficeCertificate(**body, purposes=purposes)
        if kind != certificate.type:
            raise ValueError("type")
        root = certificate.issue == 2
        algorithm = certificate.root_algorithm if root else certificate.hub_algorithm
        key = bytes.fromhex(certificate.root_key if root else certificate.hub_key)
        signed = certificate.signed_bytes()
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("certificate_malformed") from fault
    if not verify(algorithm, key, signature, signed):
        raise Refusal("certificate_forged")
    return certificate


def may_follow(known: OfficeCertificate, fresh: OfficeCertificate, data: Any) -> bool:
    """Tell whether ``fresh`` (read from ``data``) may take the place of a certificate already trusted.

    Under one root the hub may change its keys, but nothing goes back to an earlier certificate; a root
    unknown so far is believed only if the hub key trusted until now signed it as well.
    """
    if fresh.issuer != known.issuer or fresh.issue < known.issue or fresh.not_before < known.not_before:
        return False
    if known.issue == 2:
        return (fresh.root_key, fresh.root_algorithm) == (known.root_key, known.root_algorithm)
    if (fresh.hub_key, fresh.hub_algorithm) != (known.hub_key, known.hub_algorithm):
        return False
    return fresh.issue == 1 or _vouched(known, fresh, data)


def _vouched(known: OfficeCertificate, fresh: OfficeCertificate, data: Any) -> bool:
    try:
        signature = bytes.fromhex(data["hub_signature"])
    except (LookupError, TypeError, ValueError):
        return False
    return verify(known.hub_algorithm, bytes.fromhex(known.hub_key), signature, fresh.signed_bytes())


def first_issue(certificate: OfficeCertificate) -> OfficeCertificate:
    """Return the same certificate as issue 1, for a program that reads no other."""
    return replace(certificate, root_key="", root_algorithm="")


def fingerprint(request: bytes) -> str:
    """Return the request's fingerprint as people compare it by voice: eight groups of four hex digits."""
    text = hashlib.sha256(request).hexdigest()[:32]
    return "-".join(text[index : index + 4] for index in range(0, 32, 4))


def key_fingerprint(public_key: bytes) -> str:
    """Return a public key's fingerprint in the same spelling."""
    return fingerprint(public_key)
