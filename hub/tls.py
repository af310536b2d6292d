"""A certificate authority of our own for one machine or a rig: rehearsal and demonstration over https."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from core.credentials.x509 import key_usage
from core.errors import EnvironmentFault

DAYS = 90
_LOOPBACK = ("127.0.0.1", "::1")


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def make_test_tls(folder: Path, now: datetime, hosts: tuple[str, ...] = ()) -> tuple[Path, Path, Path]:
    """Write ``ca.pem``, ``server.pem`` and ``server.key`` for this machine's loopback and ``hosts``.

    Returns (certificate, key, ca). The CA's own key is forgotten at once, so it can sign nothing else.
    Raises ``EnvironmentFault('tls_unwritable')``.
    """
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _certificate("CertDesk loopback CA", ca_key, ca_key, "CertDesk loopback CA", now, None)
    names = [_host(text) for text in dict.fromkeys(("localhost", *_LOOPBACK, *hosts))]
    server = _certificate("localhost", key, ca_key, "CertDesk loopback CA", now, names)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    paths = (folder / "server.pem", folder / "server.key", folder / "ca.pem")
    pem = serialization.Encoding.PEM
    contents = (server.public_bytes(pem), secret, ca.public_bytes(pem))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, contents, strict=True):
            mode = 0o600 if path.suffix == ".key" else 0o644
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(content)
    except OSError as fault:
        raise EnvironmentFault("tls_unwritable") from fault
    return paths


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    issuer: str,
    now: datetime,
    names: list[x509.GeneralName] | None,
) -> x509.Certificate:
    ca = names is None
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .add_extension(key_usage(ca=ca), critical=True)
    )
    if names is not None:
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(server, critical=False)
    return builder.sign(issuer_key, SHA256())
