"""What a desk asks about verifications of its units: the use list, and how far a voiding has reached."""

from __future__ import annotations

from typing import Any, Final

from core.clock import from_stamp
from core.errors import Refusal
from hub.desk_handler import Payload, Request
from hub.reach import ended_units, reach_of, unit_names
from hub.uses import UseReader

PAGE: Final = 500


def give_uses(request: Request) -> Payload:
    """Answer ``uses``: the lines about the office's units from ``since`` until ``until``, a page at a time.

    Raises ``Refusal('envelope_malformed')``.
    """
    since, until = (_stamp(request.payload.get(name)) for name in ("since", "until"))
    skip = request.payload.get("skip", 0)
    if type(skip) is not int or not 0 <= skip <= 10**7:
        raise Refusal("envelope_malformed")
    hub = request.hub
    with hub.database.read() as connection:
        reader = UseReader(hub, connection)
        lines = reader.between(since, until, office=request.desk.office, limit=PAGE + 1, skip=skip)
    return {"lines": [line.as_json() for line in lines[:PAGE]], "more": len(lines) > PAGE}


def give_reach(request: Request) -> Payload:
    """Answer ``reach``: of one ``unit``, or of every unit whose certificate ended in the last three days.

    Raises ``Refusal('envelope_malformed')``.
    """
    unit, hub, office = request.payload.get("unit"), request.hub, request.desk.office
    if unit is not None and (not isinstance(unit, str) or "\x00" in unit):
        raise Refusal("envelope_malformed")
    with hub.database.read() as connection:
        ended = ended_units(hub, connection, office, unit)
        names = unit_names(hub, connection, office, [each for each, _ in ended])
        told: list[dict[str, Any]] = [
            {"unit": each, "name": names[each], **reach_of(connection, moment, hub.now()).as_json()}
            for each, moment in ended
        ]
    return {"units": told}


def _stamp(value: object) -> str:
    try:
        if not isinstance(value, str):
            raise ValueError(value)
        from_stamp(value)
    except ValueError as fault:
        raise Refusal("envelope_malformed") from fault
    return value
