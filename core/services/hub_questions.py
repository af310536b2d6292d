"""What a desk asks its hub: who verified its units, how far an end has reached, a unit's basic data."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from core.clock import china_date, to_stamp
from core.credentials.judgement import NOT_VALID, UNKNOWN, VALID, Judgement
from core.errors import EnvironmentFault, UserError
from core.forms.number_kinds import Uscc
from core.forms.spec import CheckContext, Severity
from core.records.uses import LONGEST_REASON, UseLine, stamps
from core.services.device_certificates import certificate_or_refuse
from core.services.office_papers import office_face
from core.services.session import Session
from core.services.sync import desk_of
from core.sync.envelope import wrap
from core.sync.hub import Hub
from core.sync.scans import message

log = logging.getLogger("certdesk.hub_questions")

_REPEATED: Final = ("type", "protocol", "office", "device", "sent_at", "nonce")
"""What the person's envelope has of the desk's around it."""


def _ask(
    session: Session,
    hub: Hub,
    kind: str,
    fields: Mapping[str, Any],
    said: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Ask; ``said``: what the person who sits here signs, for this request alone."""
    certificate = certificate_or_refuse(session)
    with session.read() as uow:
        payload = message(desk_of(session), uow, kind, fields)
    if said is not None:
        head = {name: payload[name] for name in _REPEATED}
        payload["asked"] = wrap({**head, "person": session.person, **said}, session.signer).decode("utf-8")
    answer = hub.ask(f"/api/v1/{kind}", payload, session.device.signer, certificate)
    if answer.get("type") != kind or answer.get("nonce") != payload["nonce"]:
        raise EnvironmentFault("hub_answer_damaged")
    return answer


@dataclass(frozen=True)
class UseList:
    """The office's use list (用证清单) of some days of China's calendar, the newest line first.

    ``at`` is the UTC stamp at which it was fetched.
    """

    office: str
    first: date
    last: date
    lines: tuple[UseLine, ...]
    at: str


def use_list(
    session: Session, hub: Hub, first: date, last: date, seen: Callable[[int], object] = int
) -> UseList:
    """Fetch who verified the office's units, from ``first`` to ``last``.

    ``seen`` hears after each page how many lines are there; what it raises ends the fetching.
    Raises ``UserError('not_enrolled')``, ``EnvironmentFault`` hub_*.
    """
    since, until = stamps(first, last)
    between = {"since": since, "until": until}
    lines: dict[str, UseLine] = {}
    skip, at = 0, to_stamp(session.now())
    while True:
        answer = _ask(session, hub, "uses", {**between, "skip": skip})
        page = answer.get("lines")
        try:
            read = [UseLine.read(line) for line in page]  # type: ignore[union-attr]
        except (TypeError, ValueError, AttributeError) as fault:
            raise EnvironmentFault("hub_answer_damaged") from fault
        # The newest come first: a line written meanwhile pushes known ones onto the next page.
        lines.update((line.use, line) for line in read)
        skip += len(read)
        seen(len(lines))
        if answer.get("more") is not True or not read:
            return UseList(office_face(session).office, first, last, tuple(lines.values()), at)


@dataclass(frozen=True)
class HolderReach:
    """Somebody who still holds a status list from before: a ``desk`` or a department (``party``)."""

    kind: str
    name: str
    as_of: int
    expires_at: int


@dataclass(frozen=True)
class UnitReach:
    """How far the end of a unit's certificate has reached. Times are seconds since 1970 UTC.

    Online it holds from ``ended_at`` on; public lists from before have expired at ``public_until``, and
    everybody's at ``by`` (各处失效).
    """

    unit: str
    name: str
    ended_at: int
    public_until: int
    by: int
    holders: tuple[HolderReach, ...]

    def everywhere(self, now: int) -> bool:
        """Tell whether nobody can find the certificate valid any more."""
        return now >= self.by


def reach_of_unit(session: Session, hub: Hub, unit: str) -> UnitReach | None:
    """Return how far the end of a unit's newest ended certificate has reached; None if none ended.

    Raises ``UserError('not_enrolled')``, ``EnvironmentFault`` hub_*.
    """
    return next(iter(_reach(session, hub, {"unit": unit})), None)


def reach_all(session: Session, hub: Hub) -> tuple[UnitReach, ...]:
    """Return the same for every unit whose certificate ended in the last three days, the newest first."""
    return _reach(session, hub, {})


@dataclass(frozen=True, repr=False)
class BasicData:
    """What the hub answered about a unit; ``facts`` by certificate path, only where the answer is valid."""

    judgement: Judgement
    facts: Mapping[str, str]


def basic_data(session: Session, hub: Hub, uscc: str, reason: str) -> BasicData:
    """Ask for the registered facts of a unit, of any office, by its credit code; nothing of it is kept.

    The unit and its office see who asked and why. Raises ``UserError`` for what is wrong with the code,
    reason_missing, reason_long, not_enrolled; ``EnvironmentFault`` hub_*, of which hub_refused has what
    refuses departments, too.
    """
    kind = Uscc()
    uscc = kind.parse(uscc)
    # Pasted text brings characters along that nobody sees; the hub refuses those.
    reason = " ".join("".join(each if each.isprintable() else " " for each in reason).split())
    for found in kind.check(uscc, CheckContext(china_date(session.now()), "")):
        if found.severity is Severity.ERROR:
            raise UserError(found.code, **found.params)
    if not reason:
        raise UserError("reason_missing")
    if len(reason) > LONGEST_REASON:
        raise UserError("reason_long", limit=LONGEST_REASON)
    told = _ask(session, hub, "unit-basic", {}, {"uscc": uscc, "reason": reason})
    log.info("basic data asked: %s", told.get("answer"))
    return _basic(told)


def _basic(told: Mapping[str, Any]) -> BasicData:
    answer, reasons, facts = told.get("answer"), told.get("reasons"), told.get("data", {})
    if answer not in (VALID, NOT_VALID, UNKNOWN) or not isinstance(told.get("as_of"), int):
        raise EnvironmentFault("hub_answer_damaged")
    if not isinstance(reasons, list) or not all(isinstance(each, str) for each in reasons):
        raise EnvironmentFault("hub_answer_damaged")
    if not isinstance(facts, dict) or not all(isinstance(each, str) for each in facts.values()):
        raise EnvironmentFault("hub_answer_damaged")
    return BasicData(Judgement(answer, told["as_of"], tuple(reasons)), facts)


def _reach(session: Session, hub: Hub, fields: Mapping[str, Any]) -> tuple[UnitReach, ...]:
    told = _ask(session, hub, "reach", fields).get("units")
    try:
        return tuple(_unit_reach(each) for each in told)  # type: ignore[union-attr]
    except (TypeError, ValueError, LookupError) as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault


def _unit_reach(value: Mapping[str, Any]) -> UnitReach:
    holders = tuple(
        HolderReach(str(each["kind"]), str(each["name"]), int(each["as_of"]), int(each["expires_at"]))
        for each in value["holders"]
    )
    ended, public, by = (int(value[name]) for name in ("ended_at", "public_until", "by"))
    return UnitReach(str(value["unit"]), str(value["name"]), ended, public, by, holders)
