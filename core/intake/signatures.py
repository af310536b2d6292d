"""The signatures in a PDF: whether they hold and whose they are. pyHanko reads, in the limited child.

What it says of a file is compared here with whom we trust; a child that a file has taken over could lie, but
only about a file that is forged anyway, and what its symbol says is judged apart from that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from core.credentials.chain import check_chain
from core.credentials.jose import Malformed
from core.errors import UserError
from core.intake.limits import LIMITS
from core.intake.scan import Cancel, converse
from core.intake.signature_child import MOST, TASK

MARK: Final = b"/ByteRange"
"""No PDF has a signature without it: it says, in clear, what was signed."""

NONE, GOOD, BROKEN, UNCHECKED = "none", "good", "broken", "unchecked"


def signature_of(
    data: bytes,
    roots: Sequence[bytes],
    now: datetime,
    *,
    rehearsal: bool = False,
    cancel: Cancel | None = None,
) -> str:
    """Return how a PDF is signed by a leaf below ``roots`` (PEM) that is good at ``now``.

    :data:`GOOD`: the whole file, unchanged. :data:`BROKEN`: a signature in it does not hold, or something
    was added after ours. :data:`NONE`: not signed, or only by somebody else or in a way that is not
    understood. :data:`UNCHECKED`: this installation has no pyHanko. Raises ``Cancelled`` and
    ``EnvironmentFault('intake_unavailable')``.
    """
    if MARK not in data:
        return NONE
    try:
        head, _ = converse(data, TASK, LIMITS, cancel)
    except UserError:
        return NONE
    if head.get("unchecked") is True:
        return UNCHECKED
    found = head.get("signatures")
    if not isinstance(found, list) or len(found) > MOST or not all(_shaped(each) for each in found):
        return NONE
    if not all(each["holds"] for each in found):
        return BROKEN
    ours = [each for each in found if _below(each["signer"], roots, now, rehearsal)]
    if not ours:
        return NONE
    known = {x509.load_pem_x509_certificate(root).fingerprint(SHA256()).hex() for root in roots}
    return GOOD if any(each["whole"] and set(each["others"]) <= known for each in ours) else BROKEN


def _shaped(each: Any) -> bool:
    if not isinstance(each, dict):
        return False
    flags = (each.get("holds"), each.get("whole"))
    others = each.get("others")
    if not isinstance(others, list) or not all(isinstance(other, str) for other in others):
        return False
    return all(type(flag) is bool for flag in flags) and isinstance(each.get("signer"), str)


def _below(signer: str, roots: Sequence[bytes], now: datetime, rehearsal: bool) -> bool:
    try:
        check_chain([signer], roots, now, rehearsal=rehearsal)
    except Malformed:
        return False
    return True
