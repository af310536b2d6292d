"""When a code may be honoured: the hub's clock decides, an office clock a little off does no harm."""

from __future__ import annotations

from typing import Final

from core.claims.code import ClaimCode
from core.errors import UserError

AHEAD: Final = 5 * 60
"""Seconds an office clock may run ahead of the hub's."""
BEHIND: Final = 2 * 60
"""Seconds of grace after expiry."""
LONGEST: Final = 15 * 60
"""Longest lifetime the hub honours, whatever a code claims."""


def check_window(code: ClaimCode, now: int) -> None:
    """Refuse a code outside its time; ``now`` in seconds since 1970 UTC, by the hub's clock.

    Raises ``UserError`` ``code_from_future`` (``minutes`` the office clock is ahead),
    ``code_expired`` (``minutes`` since expiry) or ``code_lifetime``. Source: claim.md, hub check 4.
    """
    if code.issued_at > now + AHEAD:
        raise UserError("code_from_future", minutes=_minutes(code.issued_at - now))
    if code.expires_at < now - BEHIND:
        raise UserError("code_expired", minutes=_minutes(now - code.expires_at))
    if code.expires_at - code.issued_at > LONGEST:
        raise UserError("code_lifetime")


def _minutes(seconds: int) -> int:
    return (seconds + 59) // 60
