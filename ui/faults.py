"""Where an unexpected exception goes: one log entry with a short reference, and nothing personal.

Only the kind of the exception and the places it passed are written; its text may hold a name or a
number and is left out.
"""

from __future__ import annotations

import logging
import os
import traceback
from pathlib import Path

_LOG = logging.getLogger("certdesk.ui")
_ATTRIBUTE = "certdesk_reference"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def reference(error: BaseException) -> str:
    """Log ``error`` once and return its reference, six characters a clerk can read out."""
    known = getattr(error, _ATTRIBUTE, None)
    if isinstance(known, str):
        return known
    made = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(6))
    error.__dict__[_ATTRIBUTE] = made
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{Path(each.filename).name}:{each.lineno}:{each.name}" for each in reversed(frames))
    _LOG.error("unexpected %s reference=%s at %s", type(error).__name__, made, places)
    return made
