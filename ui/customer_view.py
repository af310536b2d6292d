"""What the second screen may know: a frozen whitelist, and nothing else ever reaches it. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

Matrix = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True)
class CustomerView:
    """One claim as the hall may see it.

    ``masked_name`` is a surname with stars, ``remaining_seconds`` at or below zero means expired,
    ``phones_note`` says which phones do (an office setting). No PIN, no number, no whole name.
    """

    unit: str
    masked_name: str
    qr_matrix: Matrix
    remaining_seconds: int
    heading: str = "请用手机扫码领取电子证书"
    phones_note: str = ""
    rehearsal: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that is not masked: the mistake must not reach the screen."""
        if self.masked_name and "*" not in self.masked_name:
            raise ValueError("a customer screen shows masked names only")

    @property
    def expired(self) -> bool:
        """Whether the code no longer works."""
        return self.remaining_seconds <= 0

    def clock(self) -> str:
        """Return the time left as ``04:57``."""
        minutes, seconds = divmod(max(0, self.remaining_seconds), 60)
        return f"{minutes:02d}:{seconds:02d}"
