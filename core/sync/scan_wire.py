"""What both ends of the scans' lane agree on: sizes, and what a sealed chunk is bound to."""

from __future__ import annotations

CHUNK = 1 << 20
"""Bytes in a chunk as this program sends them."""
MAX_CHUNK = 4 << 20
"""Bytes in a chunk that the hub takes."""
OFFERED = 100
"""Scans in one ``scan-offer``."""
SPEAKS_SCANS = 2
"""From this protocol on a desk sends the scans it speaks of; the lane's messages have not changed since."""


def chunk_aad(office: str, scan: str, start: int) -> bytes:
    """Return what a sealed chunk is bound to: it cannot be taken for another place or another scan."""
    return f"scan-chunk {office} {scan} {start}".encode()
