"""What of a kept code the clerk sees, and what of it the hall may see. No Qt here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.customer_view import CustomerView
from ui.screens.claim.codes import KeptCode
from ui.screens.claim.state import (
    CaseFacts,
    CodeState,
    PinMode,
    customer_heading,
    phones_note,
)

if TYPE_CHECKING:
    from core.settings import Settings


def code_state(facts: CaseFacts, code: KeptCode, remaining: int, pin_mode: PinMode) -> CodeState:
    """Return the clerk's face of a code."""
    return CodeState(
        facts=facts,
        matrix=code.matrix,
        pin=code.minted.pin,
        pin_mode=pin_mode,
        remaining=remaining,
        progress=code.progress,
        voided=code.voided,
        wallet=code.wallet,
        short=code.short,
        clock_off=code.minted.clock_warning,
        gone=code.gone,
        replacement=code.replacement,
    )


def customer_view(facts: CaseFacts, code: KeptCode, remaining: int, settings: Settings) -> CustomerView:
    """Return what the hall may see of a code: the whitelist and nothing else."""
    return CustomerView(
        unit=facts.unit,
        masked_name=facts.masked_name,
        qr_matrix=code.matrix,
        remaining_seconds=remaining,
        heading=customer_heading(code.progress),
        phones_note=phones_note(
            settings.phone_program_name, settings.supported_phones, settings.holder_page_note
        ),
        rehearsal=facts.rehearsal,
    )
