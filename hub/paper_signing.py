"""The hub's signature in a PDF: PAdES baseline B by the leaf that signs certificates, never visible.

pyHanko is imported when the first sheet is signed and nowhere else: it brings packages that a desk has no
use for (docs/decisions/023-printed-certificate.md).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509 import load_pem_x509_certificate

from core.errors import EnvironmentFault

if TYPE_CHECKING:
    from hub.setup import Hub

FIELD = "CertDesk"
_MOST_DER = 72


def sign_pdf(hub: Hub, pdf: bytes, reason: str) -> bytes:
    """Return ``pdf`` with the hub's signature appended as an update; what was there stays byte for byte.

    Raises ``EnvironmentFault('paper_signing_missing')`` in an installation without pyHanko.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers
    except ImportError as fault:
        raise EnvironmentFault("paper_signing_missing") from fault
    about = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
    )
    signer = signers.PdfSigner(about, signer=_leaf_signer(hub))
    signed: bytes = signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue()
    return signed


def _leaf_signer(hub: Hub) -> Any:
    from asn1crypto import algos
    from asn1crypto import x509 as asn1
    from pyhanko.sign.signers import Signer
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class LeafSigner(Signer):  # type: ignore[misc]  # mypy skips pyHanko
        """Signs with the port the hub has for its leaf: r ‖ s in, DER out."""

        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            if dry_run:
                return bytes(_MOST_DER)
            raw = hub.sign(data)
            return encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

    leaf, root = (asn1.Certificate.load(_der(pem)) for pem in (hub.leaf_pem, hub.root_pem))
    return LeafSigner(
        signing_cert=leaf,
        cert_registry=SimpleCertificateStore.from_certs([leaf, root]),
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        embed_roots=True,
    )


def _der(pem: bytes) -> bytes:
    return load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
