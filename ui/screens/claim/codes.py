"""The codes this window minted and has in memory, by case, and how long each still lives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ui.customer_view import Matrix
from ui.screens.claim.state import NOTHING_YET, UNDER_WAY, Phase, Progress, Telling, phase

if TYPE_CHECKING:
    from core.services.claims import Minted
    from ui.screens.claim.ops import Fresh

Ticks = Callable[[], float]


def ticks() -> float:
    """Return seconds that no correction of the wall clock moves; they run on while the machine sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


@dataclass
class KeptCode:
    """One minted code and what is known of it; ``end`` in ticks."""

    minted: Minted
    link_matrix: Matrix
    end: float
    replacement: bool
    progress: Progress = NOTHING_YET
    voided: bool = False
    wallet: bool = False
    wallet_matrix: Matrix = ()
    short: str = ""
    gone: Telling | None = field(default=None)

    @property
    def matrix(self) -> Matrix:
        """The QR shown: the https link, or the wallets' own scheme."""
        return self.wallet_matrix if self.wallet and self.wallet_matrix else self.link_matrix

    def take(self, progress: Progress) -> bool:
        """Keep what the hub said; return whether it is news."""
        news = progress != self.progress or self.gone is not None
        self.progress, self.gone = progress, None
        return news


class Codes:
    """Codes by case id."""

    def __init__(self, now: Ticks = ticks) -> None:
        self._now = now
        self._kept: dict[str, KeptCode] = {}

    def keep(self, fresh: Fresh, replacement: bool) -> KeptCode:
        """Keep a fresh code in place of the case's earlier one; its life is counted from here."""
        minted = fresh.minted
        end = self._now() + minted.expires_at - minted.issued_at
        made = KeptCode(minted, fresh.matrix, end, replacement)
        self._kept[minted.case] = made
        return made

    def of(self, case_id: str) -> KeptCode | None:
        """Return the case's newest code of this window."""
        return self._kept.get(case_id)

    def with_jti(self, jti: str) -> KeptCode | None:
        """Return the code with this number."""
        return next((each for each in self._kept.values() if each.minted.jti == jti), None)

    def drop(self, case_id: str) -> None:
        """Forget a case's code."""
        self._kept.pop(case_id, None)

    def remaining(self, code: KeptCode) -> int:
        """Return the seconds a code still lives; below zero after its end."""
        return int(code.end - self._now())

    def phase(self, code: KeptCode | None) -> Phase:
        """Return where a code stands; READY when there is none."""
        if code is None:
            return Phase.READY
        return phase(code.progress, self.remaining(code), code.voided)

    def under_way(self, code: KeptCode | None) -> bool:
        """Tell whether a phone may still come to its certificate with it."""
        return self.phase(code) in UNDER_WAY
