"""``hub delegations``: what the province has decided about authorisations, shown and changed."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from typing import Any

from core.verbs.running import Surroundings
from hub.trust_verbs import opened


def settings(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """Set what is given, and tell how everything stands. What is granted already stays."""
    from hub.delegation_settings import on_manager_change, read_limits, set_limits, set_on_manager_change

    del around
    given = {name: getattr(options, name) for name in ("managers", "users", "days")}
    wanted: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if options.managers_name_managers is not None:
        wanted["managers_name_managers"] = options.managers_name_managers == "yes"
    with opened(options) as hub, hub.database.write() as connection:
        if wanted:
            set_limits(connection, replace(read_limits(connection), **wanted))
        if options.on_manager_change is not None:
            set_on_manager_change(connection, options.on_manager_change)
        return {**asdict(read_limits(connection)), "on_manager_change": on_manager_change(connection)}
