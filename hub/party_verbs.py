"""The verbs about relying departments: registry, use list, scenario list, guide, and what is published."""

from __future__ import annotations

import argparse
from typing import Any

from core.clock import china_date
from core.errors import UserError
from core.verbs.files import make_folder, read_bytes, reserve, write_private
from core.verbs.running import Surroundings
from hub.parties import Party
from hub.trust_verbs import opened


def _shown(party: Party) -> dict[str, Any]:
    profile = party.profile
    return {
        "party": profile.id,
        "name": profile.name,
        "kind": profile.kind,
        "version": party.version,
        "valid_until": profile.valid_until.isoformat(),
        "disabled_at": party.disabled_at,
    }


def add(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub party add``: ``--out`` gets the profile as the hub signed it, for the department."""
    from hub.parties import add_party

    del around
    data = read_bytes(options.file, "party")
    with opened(options) as hub:
        if options.out is not None:
            reserve(options.out)
        try:
            added = add_party(hub, data)
        except BaseException:
            if options.out is not None:
                options.out.unlink()
            raise
    if options.out is not None:
        write_private(options.out, added.signed)
    return {**_shown(added), "profile": None if options.out is None else str(options.out)}


def disable(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub party disable``: from now on every request of the department is refused."""
    from hub.parties import disable_party

    del around
    with opened(options) as hub:
        return _shown(disable_party(hub, options.party))


def show(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub party list``: with purposes, and how much of today's budgets was used."""
    from hub.budgets import used_today
    from hub.parties import list_parties

    del around
    with opened(options) as hub, hub.database.read() as connection:
        used = used_today(connection, hub.clock())
        found = []
        for party in list_parties(connection):
            budgets = {
                name: {
                    "minute": each.minute,
                    "day": each.day,
                    "used_today": used.get((party.profile.id, name), 0),
                }
                for name, each in party.profile.budgets.items()
            }
            purposes = [
                {
                    "id": each.id,
                    "name": each.name,
                    "functions": sorted(each.functions),
                    "fields": list(each.fields),
                    "matters": sorted(each.matters),
                }
                for each in party.profile.purposes.values()
            ]
            found.append({**_shown(party), "purposes": purposes, "budgets": budgets})
        return {"parties": found}


def uses(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub party uses``: the province's use list as .csv or .pdf."""
    from core.documents.use_list import render_use_list, use_list_csv
    from core.records.uses import days, stamps
    from hub.uses import UseReader

    del around
    if options.out.suffix not in (".csv", ".pdf"):
        raise UserError("out_suffix_wrong")
    with opened(options) as hub:
        first, last = days(options.since, options.until, china_date(hub.clock()))
        with hub.database.read() as connection:
            lines = UseReader(hub, connection).between(*stamps(first, last), party=options.party)
        if options.out.suffix == ".csv":
            data = use_list_csv(lines, rehearsal=hub.rehearsal)
        else:
            period = (first.isoformat(), last.isoformat())
            data = render_use_list("全省", *period, lines, rehearsal=hub.rehearsal).pdf
    write_private(options.out, data)
    return {"lines": len(lines), "from": first.isoformat(), "to": last.isoformat(), "file": str(options.out)}


def add_scenario(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub scenario add``."""
    from hub.scenarios import add_scenarios

    del around
    with opened(options) as hub:
        return {"added": add_scenarios(hub, read_bytes(options.file, "scenarios"))}


def remove_scenario(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub scenario remove``."""
    from hub.scenarios import remove_scenarios

    del around
    with opened(options) as hub:
        return {"removed": remove_scenarios(hub, read_bytes(options.file, "scenarios"))}


def list_scenarios(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub scenario list``."""
    from hub.scenarios import as_text, scenarios

    del around
    with opened(options) as hub, hub.database.read() as connection:
        return {"scenarios": as_text(scenarios(connection))}


def put_guide(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub guide set``."""
    from hub.scenarios import set_guide

    del around
    with opened(options) as hub:
        made = set_guide(hub, read_bytes(options.file, "guide"))
    return {"title": made.title, "sections": len(made.sections)}


def publish(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub publish``: scenario list and guide as PDF; their pages are served by the hub."""
    from core.documents.published import render_guide, render_scenarios
    from hub.scenarios import guide, scenarios

    del around
    with opened(options) as hub:
        with hub.database.read() as connection:
            standing, told = scenarios(connection), guide(connection)
        today, rehearsal = china_date(hub.clock()).isoformat(), hub.rehearsal
        pages = [f"{hub.issuer}/scenarios", f"{hub.issuer}/guide"]
    entries = [(each.code, each.name, each.department, each.steps) for each in standing.values()]
    parts = [(section.heading, section.lines) for section in told.sections]
    folder = make_folder(options.out)
    listed = render_scenarios(entries, today, rehearsal=rehearsal).pdf
    guided = render_guide(told.title, parts, today, rehearsal=rehearsal).pdf
    files = [write_private(folder / "scenarios.pdf", listed), write_private(folder / "guide.pdf", guided)]
    return {"scenarios": len(entries), "files": [str(each) for each in files], "pages": pages}
