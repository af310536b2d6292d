"""What a scan and the child that parses it may use; one record, sent to the child as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MIB = 1 << 20
PREVIEW_EDGE = 1600
"""Longest edge of a preview in pixels: a full page stays readable, a picture stays below 8 MB."""


@dataclass(frozen=True)
class Limits:
    """Ceilings of one examination (security.md T12).

    ``size`` bytes of the file; ``pixels`` of one picture, read from its header before decoding;
    ``pages`` of a PDF; ``memory`` bytes of address space, None for no ceiling (only the control of
    the tests uses that); ``cpu_seconds`` of the child; ``wall_seconds`` until the parent kills it.
    """

    size: int = 20 * MIB
    pixels: int = 60_000_000
    pages: int = 20
    memory: int | None = 512 * MIB
    cpu_seconds: int = 10
    wall_seconds: float = 20.0

    def to_json(self) -> str:
        """Return the one-line text that :meth:`from_json` reads."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> Limits:
        """Read :meth:`to_json`; it comes from our own parent process, so faults are bugs."""
        return Limits(**json.loads(text))


LIMITS = Limits()
