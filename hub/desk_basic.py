"""Basic data of a unit by its credit code, asked at a desk: the office is a party like any department.

The person who sits there signs the question, the desk the envelope around it. From there on it is a
department's request (:mod:`hub.party_answers`): budget, number, reason, one line of the use list, and the
unit sees it. Who operated is what the office's record says of whoever signed, not what the desk says.
"""

from __future__ import annotations

import json
from typing import Any, Final

from core.errors import Refusal
from core.records.people import Person, Role
from core.sync.envelope import unwrap
from hub.desk_handler import Payload, Request, sent_at
from hub.parties import office_party
from hub.party_answers import serve
from hub.party_profile import REGISTRATION
from hub.party_requests import OLD, Asked, is_number
from hub.world import LedgerWorld

ROLES: Final = frozenset({Role.CLERK, Role.REVIEWER})
_SAME: Final = ("type", "office", "device", "sent_at", "nonce")
"""What the person's envelope repeats of the desk's: it was signed for this very request."""
_TOLD: Final = ("use", "answer", "as_of", "reasons", "data")


def give_basic(request: Request) -> Payload:
    """Answer ``unit-basic`` {"asked"}: the person's envelope with ``person``, ``uscc`` and ``reason``.

    Returns ``use``, ``answer``, ``as_of``, ``reasons`` and, when valid, ``data`` by the names of
    :data:`hub.party_profile.BASIC_FIELDS`. Raises ``Refusal`` envelope_malformed, operator_unknown,
    signature_wrong, role_missing, online_only, of which nothing is counted; and what refuses a department,
    which counts and leaves its line.
    """
    hub, said = request.hub, request.payload.get("asked")
    if not isinstance(said, str):
        raise Refusal("envelope_malformed")
    if not request.live:
        raise Refusal("online_only")
    opened = unwrap(said.encode("utf-8", "replace"))
    asked = opened.payload
    if any(asked.get(name) != request.payload.get(name) for name in _SAME):
        raise Refusal("envelope_malformed")
    with hub.database.read() as connection:
        world = LedgerWorld(connection, request.desk.office, hub.sealed).office()
        party = office_party(connection, request.desk.office)
    person = world.person(str(asked.get("person"))) if world else None
    if person is None or not person.active or party is None:
        raise Refusal("operator_unknown")
    if opened.algorithm != person.algorithm or not opened.verify(person.public_key):
        raise Refusal("signature_wrong")
    if not person.roles & ROLES:
        raise Refusal("role_missing")
    told = serve(hub, "basic", Asked(party, str(asked.get("nonce")), _fault(request)), _body(asked, person))
    if told.refusal is not None:
        raise Refusal(told.refusal.code, **told.refusal.params)
    return {name: told.body[name] for name in _TOLD if name in told.body}


def _fault(request: Request) -> str | None:
    """Return why a request of a known person is refused all the same, as a department's would be."""
    if not is_number(request.payload.get("nonce")):
        return "request_unnumbered"
    late = abs((sent_at(request.payload) - request.hub.clock()).total_seconds()) > OLD
    return "request_old" if late else None


def _body(asked: Payload, person: Person) -> bytes:
    number = str(asked.get("nonce"))
    body: dict[str, Any] = {
        "purpose": REGISTRATION.id,
        "reason": asked.get("reason"),
        "serial": number[:16],
        "operator": {"name": (person.name or person.id)[:40], "number": person.id[:40]},
        "unit": {"uscc": asked.get("uscc")},
    }
    return json.dumps(body).encode()
