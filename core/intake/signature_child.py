"""What the limited child does for :mod:`core.intake.signatures`: pyHanko's reading of a PDF's signatures.

Whether a signature holds is pyHanko's word; whom to trust is decided by the parent. Nothing here asks the
network or opens a file.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
from collections.abc import Callable
from typing import Any, Final

TASK: Final = "signatures"
MOST: Final = 3
"""Signatures that are looked at, the oldest first: the answer has to stay short."""

Reader = Callable[[bytes], dict[str, Any]]


def prepare() -> Reader:
    """Load all that reading needs, so that no file is opened after sealing."""
    try:
        # cryptography loads its backend when the first signature is verified.
        from cryptography.hazmat.backends.openssl import backend  # noqa: F401
        from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: F401
        from pyhanko.sign.validation import generic_cms, pdf_embedded  # noqa: F401
    except ImportError:
        return lambda data: {"unchecked": True}
    return read_signatures


def read_signatures(data: bytes) -> dict[str, Any]:
    """Return ``{"signatures": [{"holds", "whole", "signer", "others"}]}``; what cannot be read is left out.

    ``whole``: it covers every byte of the file but its own place, which holds nothing else. ``signer``: its
    certificate, base64 DER; ``others``: SHA-256 of those that lie beside it.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    signatures = []
    try:
        for each in PdfFileReader(io.BytesIO(data), strict=True).embedded_regular_signatures[:MOST]:
            with contextlib.suppress(Exception):
                signatures.append(_read(each, data))
    except Exception as fault:  # a parser may raise anything at all on hostile bytes
        if isinstance(fault, MemoryError):
            raise
    return {"signatures": signatures}


def _read(signature: Any, data: bytes) -> dict[str, Any]:
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    intact, valid = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, "data", signature.compute_digest()
    )
    whole = signature.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    return {
        "holds": bool(intact and valid),
        "whole": bool(whole and _plain(signature, data)),
        "signer": base64.b64encode(signature.signer_cert.dump()).decode("ascii"),
        "others": [hashlib.sha256(each.dump()).hexdigest() for each in signature.other_embedded_certs],
    }


def _plain(signature: Any, data: bytes) -> bool:
    """Tell whether the place of the signature, which nothing signs, holds one spelling and zeros."""
    from asn1crypto.parser import parse

    content, signed = bytes(signature.pkcs7_content), signature.signed_data
    _, _, _, head, inner, tail = parse(content)
    start, length, end, _ = signature.byte_range
    algorithms = [each.dump() for each in signed["digest_algorithms"]]
    return (
        not content[len(head + inner + tail) :].strip(b"\0")
        and data[start + length : end] == b"<" + content.hex().upper().encode("ascii") + b">"
        and signed["version"].native == "v1"
        and algorithms == [signature.signer_info["digest_algorithm"].dump()]
    )
