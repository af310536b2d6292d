"""What every way in ends with: an open session, and what the frame says of office and person."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.services.office_papers import OfficeFace
    from core.services.session import Session


@dataclass(frozen=True)
class Opened:
    """``place`` is the data folder that was opened."""

    session: Session
    face: OfficeFace
    place: Path


def opened(session: Session, place: Path) -> Opened:
    """Ask the session for its face (store lane). Closes the session if that fails."""
    from core.services.office_papers import office_face

    try:
        return Opened(session, office_face(session), place)
    except BaseException:
        session.close()
        raise
