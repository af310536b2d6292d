"""What a handler of desk requests is given and gives back, apart from what carried the request.

A room that answers desks defines ``act(request: Request) -> Payload`` and gets one line in
:data:`hub.desk_requests.HANDLERS`. It opens its own transactions, raises ``Refusal`` with a code, and
returns only its own fields: head, signature, protocol and clock are added around it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.clock import from_stamp
from core.errors import Refusal
from hub.desks import Desk
from hub.setup import Hub

Payload = dict[str, Any]

SMALL = 64 * 1024
"""Limit in bytes for requests that carry no data."""


@dataclass(frozen=True)
class Request:
    """One authenticated request: the desk's registered key signed ``payload`` and it may speak.

    ``protocol`` is what the desk speaks and is answered in (1 or 2): a field that protocol 1 does not
    know is left out there. ``live``: a network carried it, so when it was sent tells of the desk's clock.
    """

    hub: Hub
    desk: Desk
    payload: Payload
    protocol: int
    live: bool = True


@dataclass(frozen=True)
class Handler:
    """How one type of request is served.

    ``limit``: largest envelope in bytes. ``fresh``: over a network it is refused when it is older than
    15 minutes; what changes nothing twice (a batch) may come late.
    """

    act: Callable[[Request], Payload]
    limit: int = SMALL
    fresh: bool = True


def sent_at(payload: Payload) -> datetime:
    """Return the moment a request says it was sent. Raises ``Refusal('envelope_malformed')``."""
    try:
        return from_stamp(payload["sent_at"])
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as fault:
        raise Refusal("envelope_malformed") from fault
