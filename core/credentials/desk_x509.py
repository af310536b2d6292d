"""The desk's identity in X.509, for mutual TLS: province root, desk authority, one certificate a desk.

All keys are Ed25519. A desk's certificate is over its own device key, the one that signs its envelopes,
so that the hub can hold the two against each other. The private key leaves memory only encrypted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.credentials.x509 import REHEARSAL_MARK, REHEARSAL_POLICY, key_usage

ROOT_DAYS: Final = 30 * 365
AUTHORITY_DAYS: Final = 10 * 365
_BACKDATE: Final = timedelta(minutes=5)
_PEM: Final = serialization.Encoding.PEM


def _name(text: str, rehearsal: bool, unit: str = "") -> x509.Name:
    mark = f"{REHEARSAL_MARK} " if rehearsal else ""
    parts = [(NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, f"{mark}证窗 CertDesk")]
    parts += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    parts += [(NameOID.COMMON_NAME, text)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: Ed25519PublicKey,
    signing: Ed25519PublicKey,
    serial: int,
    span: tuple[datetime, datetime],
    rehearsal: bool,
) -> x509.CertificateBuilder:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(serial)
        .not_valid_before(span[0] - _BACKDATE)
        .not_valid_after(span[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing), critical=False)
    )
    if not rehearsal:
        return builder
    policies = x509.CertificatePolicies([x509.PolicyInformation(REHEARSAL_POLICY, None)])
    return builder.add_extension(policies, critical=False)


def _serial(random: bytes) -> int:
    return int.from_bytes(random[:16], "big") >> 1 | 1


def root_certificate(root_seed: bytes, now: datetime, rehearsal: bool, random: bytes) -> bytes:
    """Return the province root as a self-signed X.509 certificate (PEM); ``random`` is 16 bytes."""
    key = Ed25519PrivateKey.from_private_bytes(root_seed)
    name, span = _name("省级平台信任根", rehearsal), (now, now + timedelta(days=ROOT_DAYS))
    builder = _builder(name, name, key.public_key(), key.public_key(), _serial(random), span, rehearsal)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
    return builder.add_extension(key_usage(ca=True), critical=True).sign(key, None).public_bytes(_PEM)


def authority_certificate(
    root_seed: bytes, root_pem: bytes, public: bytes, now: datetime, rehearsal: bool, random: bytes
) -> bytes:
    """Return the desk authority's certificate (PEM), signed by the root; it signs desks and nothing else."""
    root = x509.load_pem_x509_certificate(root_pem)
    signing = Ed25519PrivateKey.from_private_bytes(root_seed)
    key = Ed25519PublicKey.from_public_bytes(public)
    span = (now, min(now + timedelta(days=AUTHORITY_DAYS), root.not_valid_after_utc))
    name = _name("登记机关终端签发", rehearsal)
    builder = _builder(name, root.subject, key, signing.public_key(), _serial(random), span, rehearsal)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(key_usage(ca=True), critical=True).sign(signing, None).public_bytes(_PEM)


def desk_certificate(
    authority_seed: bytes,
    authority_pem: bytes,
    names: tuple[str, str],
    public: bytes,
    span: tuple[datetime, datetime],
    rehearsal: bool,
    random: bytes,
) -> bytes:
    """Return a desk's client certificate (PEM); ``names``: (office id, device id), ``public`` raw key."""
    authority = x509.load_pem_x509_certificate(authority_pem)
    signing = Ed25519PrivateKey.from_private_bytes(authority_seed)
    key = Ed25519PublicKey.from_public_bytes(public)
    office, device = names
    span = (span[0], min(span[1], authority.not_valid_after_utc))
    subject = _name(device[:64], rehearsal, office[:64])
    builder = _builder(
        subject, authority.subject, key, signing.public_key(), _serial(random), span, rehearsal
    )
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(key_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True)
    )
    return builder.sign(signing, None).public_bytes(_PEM)


def peer_key(der: bytes) -> bytes | None:
    """Return the raw Ed25519 key of a certificate (DER), None when it is none or has another kind of key."""
    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except ValueError:
        return None
    return key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else None


def holds(pem: bytes, public: bytes) -> bool:
    """Tell whether the first certificate of a PEM chain is over this raw Ed25519 key."""
    try:
        key = x509.load_pem_x509_certificates(pem)[0].public_key()
    except ValueError:
        return False
    return isinstance(key, Ed25519PublicKey) and key.public_bytes_raw() == public


def encrypted_key(seed: bytes, password: bytes) -> bytes:
    """Return an Ed25519 private key as PKCS #8 PEM, encrypted under ``password``."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    locked = serialization.BestAvailableEncryption(password)
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, locked)
