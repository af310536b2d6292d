"""``uses export`` and ``reach``: who verified the office's units, and who may still go by an older list."""

from __future__ import annotations

import argparse
from typing import Any

from core.clock import china_date
from core.errors import UserError
from core.records.uses import days
from core.services.hub_link import hub_of
from core.services.hub_questions import UnitReach, reach_all, reach_of_unit, use_list
from core.services.session import Session
from core.services.units import unit_by_code
from core.services.use_lists import FILES, use_list_file
from core.verbs.files import write_private
from core.verbs.syncing import hub_awake


def export_uses(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``uses export``: the office's 用证清单 as .csv or .pdf."""
    if options.out.suffix not in FILES:
        raise UserError("out_suffix_wrong")
    wanted = days(options.since, options.until, china_date(session.now()))
    with hub_awake(session):
        found = use_list(session, hub_of(session, options.ca), *wanted)
    write_private(options.out, use_list_file(session, found, options.out.suffix))
    first, last = found.first.isoformat(), found.last.isoformat()
    return {"lines": len(found.lines), "from": first, "to": last, "file": str(options.out)}


def show_reach(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``reach``: of one unit, or of all whose certificate ended in the last three days."""
    unit = None
    if options.unit is not None:
        unit = unit_by_code(session, options.unit)
        if unit is None:
            raise UserError("unit_unknown")
    with hub_awake(session):
        hub = hub_of(session, options.ca)
        found = reach_all(session, hub) if unit is None else (reach_of_unit(session, hub, unit.id),)
    now = int(session.now().timestamp())
    return {"units": [_shown(each, now) for each in found if each is not None]}


def _shown(reach: UnitReach, now: int) -> dict[str, Any]:
    return {
        "unit": reach.unit,
        "name": reach.name,
        "ended_at": reach.ended_at,
        "public_until": reach.public_until,
        "by": reach.by,
        "everywhere": reach.everywhere(now),
        "holders": [vars(each) for each in reach.holders],
    }
