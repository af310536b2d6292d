"""Refused claims: one code word that programs read, one ASCII sentence that people can read.

The word comes first in ``error_description``; the holder page and the desk make their own Chinese
sentence of it.
"""

from __future__ import annotations

from core.errors import UserError

WORDS = (
    "malformed",
    "unknown_key",
    "revoked",
    "forged",
    "future",
    "expired",
    "purpose",
    "superseded",
    "voided",
    "locked",
    "used",
    "pin_missing",
    "pin_wrong",
    "rejected",
    "not_arrived",
    "unit_expired",
    "incomplete",
    "busy",
)


class ClaimRefused(UserError):
    """A claim that is not honoured. ``error`` is the OAuth code, ``tell`` the detail after the word."""

    def __init__(self, word: str, tell: str = "", *, error: str = "invalid_grant") -> None:
        if word not in WORDS:
            raise ValueError(word)
        super().__init__(word)
        self.error = error
        self.tell = tell

    @property
    def description(self) -> str:
        """What stands in ``error_description``."""
        return f"{self.code} {self.tell}".strip()


class RequestRefused(UserError):
    """A department's request that is refused; its sentence stands in ``hub.verification_words``."""
