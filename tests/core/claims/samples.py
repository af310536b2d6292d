"""Invented codes and keys for the tests of this room."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from core.claims.code import ClaimCode, mint
from core.keys.signer import SoftwareSigner

HOST = "zhengchuang.example.test"  # 24 characters, the length the sizes of claim.md were measured with
ISSUER = f"https://{HOST}"
SIGNER = SoftwareSigner(hashlib.sha256(b"invented desk").digest())
OTHER = SoftwareSigner(hashlib.sha256(b"another invented desk").digest())
NOW = 1_795_400_000

CODE = ClaimCode(
    office="469023",
    issued_at=NOW,
    expires_at=NOW + 600,
    jti=hashlib.sha256(b"jti").digest()[:12],
    unit_tag=hashlib.sha256(b"tag").digest()[:16],
    purpose=1,
    representative_no=2,
    facts=hashlib.sha256(b"facts").digest()[:16],
    device_epoch=1,
    seq=4711,
)
TEXT = mint(CODE, SIGNER, ISSUER)


def code(**changes: Any) -> ClaimCode:
    """The sample code with some fields changed."""
    return replace(CODE, **changes)
