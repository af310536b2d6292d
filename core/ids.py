"""Identifiers: made once where a thing is born, and never a database sequence."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable

RandomBytes = Callable[[int], bytes]
"""The randomness port: ``n -> n random bytes``; injected so that faults and seeds can be."""


def system_random(count: int) -> bytes:
    """Return ``count`` bytes from the operating system."""
    return os.urandom(count)


def new_id(random: RandomBytes = system_random) -> str:
    """Return a random UUID (version 4) as its 36-character lower-case text."""
    return str(uuid.UUID(bytes=random(16), version=4))
