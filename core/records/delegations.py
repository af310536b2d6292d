"""Authorisations (授权): what a fold makes of them, who may grant what, and who may take it back.

The first responsible manager holds the certificate; below it stand other managers (其他管理人) and users
(使用人), each granted by somebody above. Nothing below survives what it hangs on. The rules are pure: the
hub asks them in the transaction that writes, tests ask them alone. Sources: domain.md 1.1 and notice 二(三).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.errors import Refusal
from core.forms.kinds import KINDS
from core.forms.matters import ALL_MATTERS
from core.forms.spec import CheckContext, Severity
from core.records.model import Entry
from core.records.states import DelegationState

MANAGER, USER = "manager", "user"
ROLES = (MANAGER, USER)
NAME_LIMIT, MATTERS_LIMIT = 50, 60
LAPSE, RENEW = "lapse", "renew"
"""What a hub does when a certificate follows one of the same representative: nothing, or authorise afresh."""


class Stage(StrEnum):
    """How a delegation stands on a day; computed, never stored."""

    OFFERED = "offered"  # 待领取
    EARLY = "early"  # 未到期（已领取，尚未生效）
    STANDING = "standing"  # 有效
    SUSPENDED = "suspended"  # 已暂停
    EXPIRED = "expired"  # 已到期
    ENDED = "ended"  # 已终止


@dataclass(frozen=True)
class Limits:
    """Settings of a hub: people below one certificate, days of one grant, and how deep managers go."""

    managers: int = 5
    users: int = 20
    days: int = 365
    managers_name_managers: bool = False


@dataclass(frozen=True)
class Grantor:
    """Who grants: the certificate (``role`` empty, ``delegation`` empty) or a delegation, with its bounds."""

    role: str
    delegation: str
    matters: tuple[str, ...]
    valid_from: str
    valid_to: str


@dataclass(frozen=True)
class Wanted:
    """What is to be granted; days as ``yyyy-mm-dd`` in China, both included."""

    role: str
    name: str
    id_number: str
    matters: tuple[str, ...]
    valid_from: str
    valid_to: str


# --- the fold ---------------------------------------------------------------------------------


def fold_delegation(entries: Iterable[Entry], state: DelegationState | None = None) -> DelegationState | None:
    """Fold a delegation from the hub's own actions."""
    for entry in entries:
        state = _granted(entry) if state is None else _step(state, entry)
    return state


def _granted(entry: Entry) -> DelegationState:
    action, private = entry.action, entry.private or {}
    public = action.public
    return DelegationState(
        id=action.subject,
        office=action.office,
        version=1,
        unit=public["unit"],
        certificate=public["certificate"],
        parent=public["parent"],
        role=public["role"],
        matters=tuple(public["matters"]),
        valid_from=public["valid_from"],
        valid_to=public["valid_to"],
        representative_no=public["representative_no"],
        granted_at=action.at,
        name=private.get("name"),
        id_number=private.get("id_number"),
    )


def _step(state: DelegationState, entry: Entry) -> DelegationState:
    kind, public = entry.action.kind, entry.action.public
    state = replace(state, version=state.version + 1)
    if kind == "delegation_claimed":
        return replace(
            state,
            claimed_at=public["issued_at"],
            expires_at=public["expires_at"],
            status_index=public["status_index"],
        )
    if kind in ("delegation_suspended", "delegation_resumed"):
        return replace(state, suspended=kind == "delegation_suspended", reason=public["reason"])
    return replace(state, ended=True, suspended=False, reason=public["reason"], by=public.get("by", ""))


# --- how it stands ----------------------------------------------------------------------------


def stage(state: DelegationState, day: date) -> Stage:
    """Return how a delegation stands by itself on a day in China; what it hangs on is another question."""
    if state.ended:
        return Stage.ENDED
    if state.valid_to < day.isoformat():
        return Stage.EXPIRED
    if state.suspended:
        return Stage.SUSPENDED
    if not state.claimed_at:
        return Stage.OFFERED
    return Stage.EARLY if day.isoformat() < state.valid_from else Stage.STANDING


def is_usable(chain: Sequence[DelegationState], day: date) -> bool:
    """Tell whether a delegation may be used: it and all above it (any order) stand on that day."""
    return all(stage(link, day) is Stage.STANDING for link in chain)


def is_open(state: DelegationState, day: date) -> bool:
    """Tell whether a delegation counts against the limits: not ended and not past its period."""
    return stage(state, day) not in (Stage.ENDED, Stage.EXPIRED)


def above(states: Mapping[str, DelegationState], delegation: str) -> list[DelegationState]:
    """Return what a delegation hangs on, nearest first, itself left out."""
    chain: list[DelegationState] = []
    parent = states[delegation].parent
    while parent:
        chain.append(states[parent])
        parent = states[parent].parent
    return chain


def below(states: Mapping[str, DelegationState], delegation: str) -> list[DelegationState]:
    """Return all that hangs on a delegation, nearest first; with an empty id, on the certificate."""
    found: list[DelegationState] = []
    waiting = [delegation]
    while waiting:
        children = [state for state in states.values() if state.parent in waiting]
        found += children
        waiting = [child.id for child in children]
    return found


# --- what may be granted ----------------------------------------------------------------------


def normal(wanted: Wanted) -> Wanted:
    """Return what was typed on the phone in the register's spelling."""
    return replace(
        wanted,
        name=KINDS["person_name"].parse(wanted.name),
        id_number=KINDS["id_number"].parse(wanted.id_number),
        matters=tuple(dict.fromkeys(wanted.matters)),
    )


def judge_grant(
    wanted: Wanted,
    grantor: Grantor,
    known: Iterable[DelegationState],
    limits: Limits,
    day: date,
    listed: Collection[str],
) -> None:
    """Let a grant pass, or raise ``Refusal`` with the code of the rule it breaks.

    ``wanted`` in normal form; ``known`` are all delegations below the same certificate; ``day`` is today in
    China; ``listed`` are the codes of the service matters on the list.
    """
    _judge_role(wanted.role, grantor, limits)
    _judge_person(wanted, day)
    _judge_matters(wanted.matters, grantor.matters, listed)
    _judge_period(wanted, grantor, limits, day)
    standing = [state for state in known if is_open(state, day)]
    if any(state.id_number == wanted.id_number for state in standing):
        raise Refusal("delegation_person_twice")
    most = limits.managers if wanted.role == MANAGER else limits.users
    if sum(state.role == wanted.role for state in standing) >= most:
        raise Refusal(f"delegation_{wanted.role}s_full", limit=most)


def _judge_role(role: str, grantor: Grantor, limits: Limits) -> None:
    if role not in ROLES:
        raise Refusal("delegation_malformed", why="role")
    if grantor.role == USER:
        raise Refusal("delegation_not_allowed")
    if grantor.role == MANAGER and role == MANAGER and not limits.managers_name_managers:
        raise Refusal("delegation_manager_not_allowed")


def _judge_person(wanted: Wanted, day: date) -> None:
    ctx = CheckContext(day, "")
    for field, kind, value in (
        ("name", "person_name", wanted.name),
        ("id_number", "id_number", wanted.id_number),
    ):
        findings = KINDS[kind].check(value, ctx) if value else []
        wrong = [each.code for each in findings if each.severity is Severity.ERROR]
        if not value or wrong or len(value) > NAME_LIMIT:
            raise Refusal(f"delegation_{field}_wrong", why=wrong[0] if wrong else "")


def _judge_matters(matters: tuple[str, ...], bounds: tuple[str, ...], listed: Collection[str]) -> None:
    whole = matters == (ALL_MATTERS,)
    if not matters or len(matters) > MATTERS_LIMIT or (ALL_MATTERS in matters and not whole):
        raise Refusal("delegation_matters_wrong")
    if not whole and not set(matters) <= set(listed):
        raise Refusal("delegation_matter_unlisted")
    if ALL_MATTERS not in bounds and not set(matters) <= set(bounds):
        raise Refusal("delegation_matters_beyond")


def _judge_period(wanted: Wanted, grantor: Grantor, limits: Limits, day: date) -> None:
    try:
        start, end = date.fromisoformat(wanted.valid_from), date.fromisoformat(wanted.valid_to)
    except ValueError as fault:
        raise Refusal("delegation_period_wrong") from fault
    if (start.isoformat(), end.isoformat()) != (wanted.valid_from, wanted.valid_to) or end < start:
        raise Refusal("delegation_period_wrong")
    if start < day:
        raise Refusal("delegation_period_past")
    if wanted.valid_from < grantor.valid_from or wanted.valid_to > grantor.valid_to:
        raise Refusal("delegation_period_beyond", last=grantor.valid_to)
    if (end - start).days + 1 > limits.days:
        raise Refusal("delegation_period_long", limit=limits.days)


def judge_revoke(actor: str, target: DelegationState, states: Mapping[str, DelegationState]) -> None:
    """Let ``actor`` (a delegation's id, empty for the certificate's holder) revoke ``target``.

    Only who granted it, or anybody above those, may. Raises ``Refusal``.
    """
    if target.ended:
        raise Refusal("delegation_ended")
    if actor and actor not in {state.id for state in above(states, target.id)}:
        raise Refusal("delegation_not_yours")
