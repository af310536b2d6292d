"""What follows from newly recorded actions, in the very transaction that recorded them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from hub import log

if TYPE_CHECKING:
    from hub.ledger import Ledger
    from hub.setup import Hub


def after_batch(hub: Hub, connection: Connection, ledger: Ledger, office: str) -> None:
    """Bring up to date what is derived from an office's ledger as a whole; rows are written already."""
    from hub import suspensions  # it writes hub facts, which end here again

    suspensions.settle(hub, connection, ledger)
    log.extend(hub, connection, office)
