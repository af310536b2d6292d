"""The judge: may this action happen? The same pure rules at the desk and again at the hub.

The desk asks before it appends, so that a clerk hears at once; the hub asks before it accepts, and
only the hub's verdict counts (architecture.md, "One idea"). Nothing here reads a clock or a store:
the state of the world comes through :class:`World`, the day through ``as_of``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from core.clock import from_stamp
from core.errors import Refusal, UserError
from core.forms.check import CheckContext, check_form, has_errors
from core.forms.papers import MissingPaper, checklist, from_data, missing_papers
from core.forms.registry import by_digest
from core.forms.spec import FormSpec, Grade, Severity
from core.records.fold import fold_office
from core.records.kinds import KINDS, ActionKind
from core.records.model import HUB, Action, Entry
from core.records.payload import check_payload
from core.records.people import OfficeState, Person, Role
from core.records.states import CaseState, CertificateState, ClaimState, Lifecycle, UnitState

Values = Mapping[str, str]


class World(Protocol):
    """What the judge may know; the desk's store and the hub's tables both answer it."""

    def office(self) -> OfficeState | None:
        """Return the office the action names."""

    def unit(self, unit_id: str) -> UnitState | None:
        """Return a unit of that office."""

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Return the unit of that office with this credit code."""

    def case(self, case_id: str) -> CaseState | None:
        """Return a case of that office."""

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Return the id of the unit's open case for this form, if any."""

    def claim(self, claim_id: str) -> ClaimState | None:
        """Return a claim of that office."""

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Return the newest certificate issued for a case."""


@dataclass(frozen=True)
class _Hearing:
    action: Action
    private: Values
    world: World
    office: OfficeState
    as_of: date

    @property
    def public(self) -> Mapping[str, Any]:
        return self.action.public


def judge(action: Action, private: Values, world: World, as_of: date) -> None:
    """Let an action pass or raise :class:`Refusal` with the code of the rule it breaks.

    ``private`` are its personal values in clear (already checked against the commitments);
    ``as_of`` is the day, in China, on which the thing was done.
    """
    kind = KINDS.get(action.kind)
    if kind is None or kind.subject_kind != action.subject_kind:
        raise Refusal("action_unknown", kind=action.kind)
    if not kind.roles:
        raise Refusal("action_hub_only", kind=action.kind)
    if kind.first != (action.base_version == 0):
        raise Refusal("action_out_of_order", kind=action.kind)
    _fields(action, kind)
    office = _founding(action) if action.kind == "office_founded" else world.office()
    if office is None:
        raise Refusal("office_unknown")
    if office.id != action.office or office.rehearsal != action.rehearsal:
        raise Refusal("office_foreign")
    _role(action, kind, office)
    try:
        _RULES[action.kind](_Hearing(action, private, world, office, as_of))
    except Refusal:
        raise
    except UserError as fault:
        raise Refusal(fault.code, **fault.params) from fault
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as fault:
        raise Refusal("action_malformed", why="payload") from fault


def _fields(action: Action, kind: ActionKind) -> None:
    if set(action.public) != set(kind.public):
        raise Refusal("action_malformed", why="public")
    if not all(type(action.public[name]) is expected for name, expected in kind.public.items()):
        raise Refusal("action_malformed", why="type")
    check_payload(kind.id, action.public)
    if kind.form:
        return
    given = set(action.commitments)
    if not kind.personal <= given or not given <= kind.personal | kind.optional:
        raise Refusal("action_malformed", why="personal")


def _founding(action: Action) -> OfficeState:
    try:
        state = fold_office([Entry(action, action.hash(), {})])
    except (LookupError, TypeError, ValueError, AttributeError) as fault:
        raise Refusal("action_malformed", why="founding") from fault
    assert state is not None
    return state


def _role(action: Action, kind: ActionKind, office: OfficeState) -> Person:
    person = office.person(action.person)
    if person is None or not person.active:
        raise Refusal("person_unknown")
    if not person.roles & kind.roles:
        raise Refusal("role_missing", kind=action.kind, roles=sorted(kind.roles))
    return person


# --- office -----------------------------------------------------------------------------------


def _office_founded(hearing: _Hearing) -> None:
    if hearing.action.subject != hearing.action.office or hearing.world.office() is not None:
        raise Refusal("office_exists")


def _known_person(hearing: _Hearing) -> Person:
    person = hearing.office.person(hearing.public["person"])
    if person is None:
        raise Refusal("person_unknown")
    return person


def _fresh_key(hearing: _Hearing) -> None:
    key = bytes.fromhex(hearing.public["key"])
    for person in hearing.office.people.values():
        if key == person.public_key or key in person.former_keys:
            raise Refusal("key_in_use")


def _person_added(hearing: _Hearing) -> None:
    if hearing.office.person(hearing.public["person"]) is not None or hearing.public["person"] == HUB:
        raise Refusal("person_exists")
    _fresh_key(hearing)


def _person_enabled(hearing: _Hearing) -> None:
    _known_person(hearing)


def _person_disabled(hearing: _Hearing) -> None:
    person = _known_person(hearing)
    others = [p for p in hearing.office.active_with(Role.ADMIN) if p.id != person.id]
    if not others:
        raise Refusal("last_admin")


def _person_roles_set(hearing: _Hearing) -> None:
    _known_person(hearing)
    if Role.ADMIN.value not in hearing.public["roles"]:
        _person_disabled(hearing)


def _person_rekeyed(hearing: _Hearing) -> None:
    _known_person(hearing)
    _fresh_key(hearing)


def _checklist_set(hearing: _Hearing) -> None:
    if hearing.public["form"] not in ("attachment-1", "attachment-3"):
        raise Refusal("form_unknown")
    from_data(hearing.public["items"])


def _device_added(hearing: _Hearing) -> None:
    if hearing.public["id"] in hearing.office.devices:
        raise Refusal("device_exists")


# --- forms ------------------------------------------------------------------------------------


def _form_of(hearing: _Hearing) -> FormSpec:
    spec = by_digest(hearing.public["form"]["digest"])
    if spec is None or (spec.id, spec.version) != (
        hearing.public["form"]["id"],
        hearing.public["form"]["version"],
    ):
        raise Refusal("form_unknown")
    return spec


def _form_values(hearing: _Hearing, unit: UnitState | None) -> Values:
    """Check the split into public and personal fields, then the form's own rules as of that day."""
    spec = _form_of(hearing)
    personal = {field.id for field in spec.fields() if field.grade is Grade.PERSONAL}
    known = {field.id for field in spec.fields()}
    clear = set(hearing.public["values"])
    if clear & personal or not clear <= known or not set(hearing.action.commitments) <= personal:
        raise Refusal("action_malformed", why="grade")
    values = {**hearing.public["values"], **hearing.private}
    facts = dict(unit.values) if unit else None
    context = CheckContext(as_of=hearing.as_of, office_area=hearing.office.code[:6], unit=facts)
    findings = check_form(spec, values, context)
    if has_errors(findings):
        first = next(finding for finding in findings if finding.severity is Severity.ERROR)
        raise Refusal("form_incomplete", field=first.field, finding=first.code)
    return values


# --- unit -------------------------------------------------------------------------------------


def _unit_values(hearing: _Hearing) -> None:
    if hearing.public["form"]["id"] != "unit-record":
        raise Refusal("form_unknown")
    values = _form_values(hearing, None)
    twin = hearing.world.unit_with_code(values.get("uscc", ""))
    if twin is not None and twin.id != hearing.action.subject:
        raise Refusal("unit_exists", unit=twin.id)


def _unit_registered(hearing: _Hearing) -> None:
    _unit_values(hearing)
    if hearing.public["representative_no"] != 1:
        raise Refusal("representative_no_wrong")


def _unit_corrected(hearing: _Hearing) -> None:
    _unit_values(hearing)
    unit = hearing.world.unit(hearing.action.subject)
    if unit is None or hearing.public["representative_no"] != unit.representative_no:
        raise Refusal("representative_no_wrong")


def _representative_changed(hearing: _Hearing) -> None:
    """A new legal representative is one more than before, by name another, and has a stated basis."""
    _unit_values(hearing)
    unit = hearing.world.unit(hearing.action.subject)
    if unit is None or hearing.public["representative_no"] != unit.representative_no + 1:
        raise Refusal("representative_no_wrong")
    if hearing.private.get("representative_name") == unit.values.get("representative_name"):
        raise Refusal("representative_same")
    if not hearing.public["basis"].strip():
        raise Refusal("basis_missing")


# --- case -------------------------------------------------------------------------------------


def _case(hearing: _Hearing, *allowed: Lifecycle) -> CaseState:
    case = hearing.world.case(hearing.action.subject)
    if case is None:
        raise Refusal("case_unknown")
    if case.lifecycle not in allowed:
        raise Refusal("case_wrong_state", lifecycle=case.lifecycle.value)
    return case


def _unit_of(hearing: _Hearing, unit_id: str) -> UnitState:
    unit = hearing.world.unit(unit_id)
    if unit is None:
        raise Refusal("unit_unknown")
    return unit


def _case_filed(hearing: _Hearing) -> None:
    unit = _unit_of(hearing, hearing.public["unit"])
    form = hearing.public["form"]["id"]
    if form not in ("attachment-1", "attachment-3"):
        raise Refusal("form_unknown")
    _form_values(hearing, unit)
    for either in ("attachment-1", "attachment-3"):
        other = hearing.world.open_case_of(unit.id, either)
        if other not in (None, hearing.action.subject):
            raise Refusal("unit_has_open_case", case=other)


def _case_amended(hearing: _Hearing) -> None:
    case = _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED)
    if hearing.public["form"]["id"] != case.form:
        raise Refusal("form_unknown")
    _form_values(hearing, _unit_of(hearing, case.unit))


def _papers_checked(hearing: _Hearing) -> None:
    _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED)


def _case_printed(hearing: _Hearing) -> None:
    case = _case(hearing, *Lifecycle)
    if hearing.public["content"] != case.content:
        raise Refusal("content_stale")


def _scan_attached(hearing: _Hearing) -> None:
    case = _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED)
    if hearing.public["role"] != "signed_form":
        return
    if not case.printed:
        raise Refusal("paper_not_printed")
    if hearing.public["content"] != case.content or case.content not in case.printed:
        raise Refusal("paper_stale")


def papers_still_missing(office: OfficeState, case: CaseState) -> tuple[MissingPaper, ...]:
    """Return what of the office's checklist (or the notice's) still has to be brought."""
    items = checklist(case.form, office.checklists.get(case.form))
    return missing_papers(items, case.papers, case.values)


def _complete(hearing: _Hearing, case: CaseState) -> None:
    if hearing.public["content"] != case.content:
        raise Refusal("content_stale")
    if case.signed_scan() is None:
        raise Refusal("signed_scan_missing")
    missing = papers_still_missing(hearing.office, case)
    if missing:
        raise Refusal("papers_missing", count=len(missing), items=[line.item.id for line in missing])


def _case_submitted(hearing: _Hearing) -> None:
    _complete(hearing, _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED))


def _submission_recalled(hearing: _Hearing) -> None:
    _case(hearing, Lifecycle.SUBMITTED)


def _case_withdrawn(hearing: _Hearing) -> None:
    _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED, Lifecycle.SUBMITTED)


def _approve(hearing: _Hearing) -> CaseState:
    case = _case(hearing, Lifecycle.SUBMITTED)
    _complete(hearing, case)
    scan = case.signed_scan()
    if scan is None or hearing.public["scan"] != scan.id:
        raise Refusal("signed_scan_missing")
    return case


def _case_approved(hearing: _Hearing) -> None:
    case = _approve(hearing)
    if hearing.action.person in case.hands:
        raise Refusal("self_approval")
    people = hearing.office.people
    approver = people[hearing.action.person]
    hands = [people[hand] for hand in case.hands if hand in people]
    used = {key for hand in hands for key in (hand.public_key, *hand.former_keys)}
    if used & {approver.public_key, *approver.former_keys}:
        raise Refusal("self_approval")


def _case_approved_single(hearing: _Hearing) -> None:
    _approve(hearing)
    if not hearing.office.single_clerk:
        raise Refusal("self_approval")


def _case_returned(hearing: _Hearing) -> None:
    _case(hearing, Lifecycle.SUBMITTED)
    if not hearing.public["reasons"]:
        raise Refusal("reason_missing")


def _approval_undone(hearing: _Hearing) -> None:
    case = _case(hearing, Lifecycle.APPROVED, Lifecycle.CLAIMED)
    if hearing.public["approval"] != case.approval:
        raise Refusal("content_stale")
    certificate = hearing.world.certificate_of(case.id)
    if certificate is not None and certificate.approval == case.approval:
        raise Refusal("already_claimed")


# --- claim ------------------------------------------------------------------------------------

FIRST_CLAIM, REPLACEMENT, REPRESENTATIVE_CHANGE = 1, 2, 3
"""Purposes of a claim code (claim.md §6)."""

CLAIM_SECONDS = 600


def _claim_minted(hearing: _Hearing) -> None:
    public = hearing.public
    case = hearing.world.case(public["case"])
    if case is None:
        raise Refusal("case_unknown")
    if case.form != "attachment-1":
        raise Refusal("claim_waits_for_change")
    if case.lifecycle not in (Lifecycle.APPROVED, Lifecycle.CLAIMED):
        raise Refusal("case_wrong_state", lifecycle=case.lifecycle.value)
    if public["approval"] != case.approval:
        raise Refusal("content_stale")
    if public["purpose"] not in (FIRST_CLAIM, REPLACEMENT):
        raise Refusal("claim_purpose_wrong")
    if public["purpose"] != REPLACEMENT and _minted_too_late(hearing, case):
        raise Refusal("already_claimed")
    if public["representative_no"] != _unit_of(hearing, case.unit).representative_no:
        raise Refusal("representative_no_wrong")
    if public["expires_at"] - public["issued_at"] != CLAIM_SECONDS:
        raise Refusal("claim_lifetime_wrong")


def _minted_too_late(hearing: _Hearing, case: CaseState) -> bool:
    """Tell whether a first code was made although the certificate had been issued already.

    Codes are minted without network, so at the hub the phone usually comes before the desk's own
    record of the code it used, and of codes that were voided before that one.
    """
    certificate = hearing.world.certificate_of(case.id)
    if case.lifecycle is not Lifecycle.CLAIMED or certificate is None:
        return case.lifecycle is Lifecycle.CLAIMED
    if certificate.jti == hearing.public["jti"]:
        return False
    return int(hearing.public["issued_at"]) > from_stamp(certificate.issued_at).timestamp()


def _claim_voided(hearing: _Hearing) -> None:
    claim = hearing.world.claim(hearing.action.subject)
    if claim is None:
        raise Refusal("claim_unknown")
    if claim.voided:
        raise Refusal("claim_already_void")


_RULES: dict[str, Callable[[_Hearing], None]] = {
    "office_founded": _office_founded,
    "person_added": _person_added,
    "person_disabled": _person_disabled,
    "person_enabled": _person_enabled,
    "person_rekeyed": _person_rekeyed,
    "person_roles_set": _person_roles_set,
    "checklist_set": _checklist_set,
    "device_added": _device_added,
    "unit_registered": _unit_registered,
    "unit_corrected": _unit_corrected,
    "representative_changed": _representative_changed,
    "case_filed": _case_filed,
    "case_amended": _case_amended,
    "papers_checked": _papers_checked,
    "case_printed": _case_printed,
    "scan_attached": _scan_attached,
    "case_submitted": _case_submitted,
    "submission_recalled": _submission_recalled,
    "case_withdrawn": _case_withdrawn,
    "case_approved": _case_approved,
    "case_approved_single": _case_approved_single,
    "case_returned": _case_returned,
    "approval_undone": _approval_undone,
    "claim_minted": _claim_minted,
    "claim_voided": _claim_voided,
}
