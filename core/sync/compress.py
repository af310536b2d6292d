"""zstd around envelopes, both ways: bounded, so that a few bytes cannot become gigabytes.

The signature is over the envelope, not over this: compression belongs to the carrier. The level is the
measured one (store-sync.md, section 2): 95 to 101 bytes a unit.
"""

from __future__ import annotations

import zstandard

from core.errors import Refusal

LEVEL = 3
_WINDOW = 8 * 1024 * 1024
"""Largest window a frame may ask for; nothing that we make needs more."""


def compress(data: bytes) -> bytes:
    """Return ``data`` as one zstd frame that names its content's size."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(data)


def decompress(data: bytes, limit: int) -> bytes:
    """Return the content of one zstd frame of at most ``limit`` bytes.

    The frame has to name its size, is held to it, and nothing may follow it: so no more than ``limit``
    bytes are ever made room for. Raises ``Refusal`` envelope_malformed, or envelope_too_large.
    """
    try:
        size = zstandard.frame_content_size(data)
        if size > limit:
            raise Refusal("envelope_too_large", limit=limit)
        if size < 0:
            raise Refusal("envelope_malformed")
        reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        return reader.decompress(data, read_across_frames=False, allow_extra_data=False)
    except (zstandard.ZstdError, ValueError) as fault:
        raise Refusal("envelope_malformed") from fault
