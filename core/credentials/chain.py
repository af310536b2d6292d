"""Whether a signature hangs below a root that the verifier trusts, today, and in the verifier's world."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec

from core.credentials.jose import Malformed, b64u
from core.credentials.x509 import is_rehearsal


@dataclass(frozen=True)
class TrustedLeaf:
    """A leaf whose chain held: its public JWK, the issuer URL it may speak for, whether it rehearses."""

    jwk: dict[str, str]
    issuer: str
    rehearsal: bool
    serial: int
    not_after: datetime


def public_jwk_of(certificate_pem: bytes) -> dict[str, str]:
    """Return the P-256 public key of a certificate as JWK (for ``jwt-vc-issuer`` metadata)."""
    return _jwk(x509.load_pem_x509_certificate(certificate_pem))


def _jwk(certificate: x509.Certificate) -> dict[str, str]:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Malformed("chain_key")
    numbers = key.public_numbers()
    x, y = (b64u(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def check_chain(
    x5c_header: object,
    roots: Sequence[bytes],
    now: datetime,
    *,
    rehearsal: bool = False,
    crl: bytes | None = None,
) -> TrustedLeaf:
    """Return the leaf of an ``x5c`` header if one of ``roots`` (PEM) issued it and all are in time.

    Exactly one certificate is taken: ours hang directly below the root. ``rehearsal`` says which world
    the verifier lives in; roots of the other world are refused even when they are listed. ``crl`` is a
    list of :func:`make_crl`, refused when out of date. Raises :class:`Malformed` with ``chain_…``.
    """
    if not isinstance(x5c_header, list) or len(x5c_header) != 1 or not isinstance(x5c_header[0], str):
        raise Malformed("chain_header")
    held = _held(x5c_header[0], tuple(roots))
    if held.marks != {rehearsal}:
        raise Malformed("chain_rehearsal")
    if not held.begins <= now <= held.ends:
        raise Malformed("chain_time")
    if crl is not None:
        _check_crl(crl, held.root, held.leaf.serial, now)
    return held.leaf


@dataclass(frozen=True)
class _Held:
    """A chain whose signature and extensions held: whatever of it does not depend on the moment."""

    leaf: TrustedLeaf
    root: x509.Certificate
    marks: frozenset[bool]
    begins: datetime
    ends: datetime


# A verifier meets the same few leaves all day. What is refused raises, and is therefore not kept.
@lru_cache(maxsize=64)
def _held(leaf_text: str, roots: tuple[bytes, ...]) -> _Held:
    leaf = _read_leaf(leaf_text)
    root = _find_root(leaf, roots)
    marks = frozenset({is_rehearsal(root), is_rehearsal(leaf)})
    issuer, ends = _check_leaf(leaf), leaf.not_valid_after_utc
    return _Held(
        TrustedLeaf(_jwk(leaf), issuer, is_rehearsal(leaf), leaf.serial_number, ends),
        root,
        marks,
        max(leaf.not_valid_before_utc, root.not_valid_before_utc),
        min(ends, root.not_valid_after_utc),
    )


def _read_leaf(text: str) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise Malformed("chain_header") from error


def _find_root(leaf: x509.Certificate, roots: Sequence[bytes]) -> x509.Certificate:
    for pem in roots:
        root = x509.load_pem_x509_certificate(pem)
        try:
            leaf.verify_directly_issued_by(root)
            constraints = root.extensions.get_extension_for_class(x509.BasicConstraints).value
            usage = root.extensions.get_extension_for_class(x509.KeyUsage).value
        except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            continue
        if constraints.ca and usage.key_cert_sign:
            return root
    raise Malformed("chain_root")


def _check_leaf(leaf: x509.Certificate) -> str:
    try:
        constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise Malformed("chain_leaf") from error
    issuers = names.get_values_for_type(x509.UniformResourceIdentifier)
    if constraints.ca or not usage.digital_signature or usage.key_cert_sign or len(issuers) != 1:
        raise Malformed("chain_leaf")
    return issuers[0]


def _check_crl(data: bytes, root: x509.Certificate, serial: int, now: datetime) -> None:
    try:
        crl = x509.load_der_x509_crl(data)
        key = root.public_key()
        signed = isinstance(key, ec.EllipticCurvePublicKey) and crl.is_signature_valid(key)
    except (ValueError, TypeError) as error:
        raise Malformed("chain_crl") from error
    expiry = crl.next_update_utc
    if not signed or crl.issuer != root.subject or expiry is None or not crl.last_update_utc <= now <= expiry:
        raise Malformed("chain_crl")
    if crl.get_revoked_certificate_by_serial_number(serial) is not None:
        raise Malformed("chain_revoked")
