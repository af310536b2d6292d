"""The hub's root and the leaf below it that signs certificates and status lists.

A rehearsal root says so three times: in its name, in a certificate policy of our own, and by being
made anew for each rehearsal; a verifier refuses it unless it rehearses too.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from core.credentials.jose import Sign
from core.ids import RandomBytes, system_random

# An arc under 2.25 is a UUID and needs no registration (ITU-T X.667).
REHEARSAL_POLICY: Final = x509.ObjectIdentifier("2.25.147690608699898183073416908804931457314")
REHEARSAL_MARK: Final = "演练"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
_BACKDATE: Final = timedelta(minutes=5)  # a phone whose clock is a little behind must accept a new leaf


def _new_key(random: RandomBytes) -> ec.EllipticCurvePrivateKey:
    # 24 spare bytes make the reduction's bias negligible (FIPS 186-5, A.2.1).
    return ec.derive_private_key(int.from_bytes(random(56), "big") % (_ORDER - 1) + 1, ec.SECP256R1())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not a P-256 key")
    return key


def _cut(text: str) -> str:
    # X.520 allows 64 characters; `cryptography` and others count bytes.
    return text.encode("utf-8")[:64].decode("utf-8", "ignore")


def _name(text: str, rehearsal: bool) -> x509.Name:
    mark = f"{REHEARSAL_MARK} " if rehearsal and not text.startswith(REHEARSAL_MARK) else ""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{mark}证窗 CertDesk"),
            x509.NameAttribute(NameOID.COMMON_NAME, _cut(f"{mark}{text}")),
        ]
    )


def key_usage(*, ca: bool) -> x509.KeyUsage:
    """Return what a key may do: a CA signs certificates and CRLs, a leaf signs data (RFC 5280, 4.2.1.3)."""
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .not_valid_before(now - _BACKDATE)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _marked(builder: x509.CertificateBuilder, rehearsal: bool) -> x509.CertificateBuilder:
    if not rehearsal:
        return builder
    policies = x509.CertificatePolicies([x509.PolicyInformation(REHEARSAL_POLICY, None)])
    return builder.add_extension(policies, critical=False)


def make_root(
    name: str, days: int, now: datetime, rehearsal: bool, random: RandomBytes = system_random
) -> tuple[bytes, bytes]:
    """Return a new self-signed root as (private key PEM, certificate PEM). ``now`` is timezone-aware."""
    key = _new_key(random)
    subject = _name(name, rehearsal)
    builder = (
        _builder(subject, subject, key.public_key(), now, days)
        .serial_number(int.from_bytes(random(16), "big") >> 1 | 1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_usage(ca=True), critical=True)
    )
    certificate = _marked(builder, rehearsal).sign(key, SHA256())
    return _pem(key), certificate.public_bytes(serialization.Encoding.PEM)


def make_leaf(
    root_private_pem: bytes,
    root_pem: bytes,
    name: str,
    issuer: str,
    days: int,
    now: datetime,
    random: RandomBytes = system_random,
) -> tuple[bytes, bytes]:
    """Return a new leaf below the root as (private key PEM, certificate PEM).

    ``issuer`` is the hub's public URL, bound as subjectAltName: the leaf speaks for it alone. The leaf
    never outlives its root and inherits the rehearsal mark. Verifiers judge the leaf at *their* time,
    so it has to outlive what it signs.
    """
    root_key, root = _load_key(root_private_pem), x509.load_pem_x509_certificate(root_pem)
    rehearsal = is_rehearsal(root)
    key = _new_key(random)
    root_identifier = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    lifetime = min(days, (root.not_valid_after_utc - now).days)
    builder = _builder(_name(name, rehearsal), root.subject, key.public_key(), now, lifetime)
    builder = (
        builder.serial_number(int.from_bytes(random(16), "big") >> 1 | 1)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(ca=False), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(root_identifier), critical=False
        )
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(issuer)]), critical=False)
    )
    certificate = _marked(builder, rehearsal).sign(root_key, SHA256())
    return _pem(key), certificate.public_bytes(serialization.Encoding.PEM)


def make_crl(
    root_private_pem: bytes, root_pem: bytes, revoked: Iterable[int], now: datetime, hours: int
) -> bytes:
    """Return the root's signed revocation list (DER) naming the serial numbers of withdrawn leaves."""
    root_key, root = _load_key(root_private_pem), x509.load_pem_x509_certificate(root_pem)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now)
        .next_update(now + timedelta(hours=hours))
    )
    for serial in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(root_key, SHA256()).public_bytes(serialization.Encoding.DER)


def es256_signer(private_pem: bytes) -> Sign:
    """Return the signing function of a P-256 key: signing input in, r ‖ s (64 bytes) out."""
    key = _load_key(private_pem)

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def x5c(leaf_pem: bytes) -> list[str]:
    """Return the JOSE ``x5c`` header of a leaf: standard base64 of its DER, without the root (HAIP)."""
    der = x509.load_pem_x509_certificate(leaf_pem).public_bytes(serialization.Encoding.DER)
    return [base64.b64encode(der).decode("ascii")]


def is_rehearsal(certificate: x509.Certificate) -> bool:
    """Return whether a certificate carries the rehearsal policy."""
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    except x509.ExtensionNotFound:
        return False
    return any(policy.policy_identifier == REHEARSAL_POLICY for policy in policies)
