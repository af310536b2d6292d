"""Stopping a server that ran in a thread of the test's own process."""

from __future__ import annotations

import gc
import warnings


def let_go() -> None:
    """Collect what a stopped server left: here, and without its warnings.

    A browser may hold a kept-alive connection past the server's grace; its transport is then found unclosed
    by whichever collection comes next, and that test would be blamed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
