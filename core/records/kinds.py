"""The catalogue of action kinds: whose subject, which role, which public and personal fields.

One table, read by the judge at the desk and at the hub, by the auditor's view and by the docs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.records.model import SubjectKind
from core.records.people import Role

_DESK = frozenset({Role.CLERK})
_REVIEW = frozenset({Role.REVIEWER})
_ADMIN = frozenset({Role.ADMIN})
_WINDOW = frozenset({Role.CLERK, Role.REVIEWER})
_REGISTER = frozenset({Role.CLERK, Role.ADMIN})
_ANY_HAND = frozenset({Role.CLERK, Role.REVIEWER, Role.ADMIN})


@dataclass(frozen=True)
class ActionKind:
    """What an action of this kind must carry.

    ``roles`` is empty for the hub's own facts. ``form`` marks kinds whose ``values`` and personal
    fields come from a published form; ``personal`` lists the others' personal fields, and those of
    ``optional`` may be absent. ``public_optional`` came with a later release and may be absent.
    ``series``: every action of such a subject is of this kind, the first too.
    """

    id: str
    subject_kind: SubjectKind
    roles: frozenset[Role]
    public: Mapping[str, type]
    personal: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    form: bool = False
    first: bool = False
    series: bool = False
    public_optional: Mapping[str, type] = field(default_factory=dict)


_TYPES: dict[str, type] = {"str": str, "int": int, "list": list, "dict": dict}


def _kind(
    kind: str,
    subject: SubjectKind,
    roles: frozenset[Role],
    public: str = "",
    *,
    personal: str = "",
    optional: str = "",
    form: bool = False,
    first: bool = False,
    series: bool = False,
    public_optional: str = "",
) -> ActionKind:
    return ActionKind(
        kind,
        subject,
        roles,
        _typed(public),
        frozenset(personal.split()),
        frozenset(optional.split()),
        form=form,
        first=first,
        series=series,
        public_optional=_typed(public_optional),
    )


def _typed(fields: str) -> dict[str, type]:
    parted = (part.partition(":") for part in fields.split())
    return {name: _TYPES[type_name or "str"] for name, _, type_name in parted}


_FOUNDING = "code name level parent device:dict founder:dict"
_CHANGE = "unit unit_version:int change form:dict values:dict basis details:dict"
_CLAIM = "case approval jti purpose:int representative_no:int issued_at:int expires_at:int"
_CERTIFICATE = "case unit jti approval representative_no:int issued_at expires_at status_index:int"
_GRANT = "unit certificate parent role matters:list valid_from valid_to representative_no:int"

KINDS: dict[str, ActionKind] = {
    kind.id: kind
    for kind in (
        _kind("office_founded", "office", _ADMIN, _FOUNDING, personal="name", first=True),
        _kind("person_added", "office", _ADMIN, "person key algorithm roles:list", personal="name"),
        _kind("person_disabled", "office", _ADMIN, "person"),
        _kind("person_enabled", "office", _ADMIN, "person"),
        _kind("person_rekeyed", "office", _ADMIN, "person key algorithm"),
        _kind("person_roles_set", "office", _ADMIN, "person roles:list"),
        _kind("checklist_set", "office", _ADMIN, "form items:list"),
        _kind("device_added", "office", _ADMIN, "id algorithm key exchange_key"),
        _kind(
            "unit_registered",
            "unit",
            _DESK,
            "form:dict values:dict representative_no:int",
            form=True,
            first=True,
            public_optional="former:dict",
        ),
        _kind("unit_corrected", "unit", _DESK, "form:dict values:dict representative_no:int", form=True),
        _kind(
            "representative_changed",
            "unit",
            _REVIEW,
            "form:dict values:dict representative_no:int basis change",
            form=True,
        ),
        _kind("unit_changed", "unit", _REVIEW, "form:dict values:dict basis change", form=True),
        _kind("unit_renewed", "unit", _REVIEW, "form:dict values:dict basis change", form=True),
        _kind("manager_changed", "unit", _REVIEW, "basis change case"),
        _kind("unit_suspended", "unit", _REVIEW, "basis change details:dict"),
        _kind("unit_resumed", "unit", _REVIEW, "basis change details:dict"),
        _kind("unit_deregistered", "unit", _REVIEW, "basis change"),
        _kind("unit_handed_over", "unit", _REVIEW, "basis change details:dict"),
        _kind("loss_reported", "unit", _REVIEW, "basis change details:dict"),
        _kind("change_filed", "change", _DESK, _CHANGE, form=True, first=True),
        _kind("change_withdrawn", "change", _DESK, optional="remark"),
        _kind("change_returned", "change", _REVIEW, "reasons:list", optional="remark"),
        _kind("change_approved", "change", _REVIEW, "content"),
        _kind("change_approved_single", "change", _REVIEW, "content"),
        _kind("register_page", "register", _REGISTER, "form:dict count:int digest", series=True),
        _kind(
            "case_filed",
            "case",
            _DESK,
            "unit case_no form:dict values:dict",
            form=True,
            first=True,
            public_optional="era",
        ),
        _kind("case_amended", "case", _DESK, "form:dict values:dict", form=True),
        _kind("papers_checked", "case", _DESK, "items:dict"),
        _kind("case_printed", "case", _DESK, "content copies:int layout"),
        _kind("scan_attached", "case", _DESK, "scan role media_type pages:int content", personal="sha256"),
        _kind("case_submitted", "case", _DESK, "content"),
        _kind("submission_recalled", "case", _DESK),
        _kind("case_withdrawn", "case", _DESK, optional="remark"),
        _kind("case_approved", "case", _REVIEW, "content scan"),
        _kind("case_approved_single", "case", _REVIEW, "content scan"),
        _kind("case_returned", "case", _REVIEW, "reasons:list", optional="remark"),
        _kind("approval_undone", "case", _REVIEW, "approval", optional="remark"),
        _kind("claim_minted", "claim", _WINDOW, _CLAIM, first=True),
        _kind("claim_voided", "claim", _WINDOW, "reason"),
        _kind("refusal_settled", "refusal", _ANY_HAND, "refused:list choice redone:list", first=True),
        _kind("certificate_issued", "certificate", frozenset(), _CERTIFICATE, first=True),
        _kind("certificate_voided", "certificate", frozenset(), "reason"),
        _kind("certificate_suspended", "certificate", frozenset(), "reason"),
        _kind("certificate_resumed", "certificate", frozenset(), "reason"),
        _kind("delegation_granted", "delegation", frozenset(), _GRANT, personal="name id_number", first=True),
        _kind("delegation_claimed", "delegation", frozenset(), "issued_at expires_at status_index:int"),
        _kind("delegation_revoked", "delegation", frozenset(), "reason by"),
        _kind("delegation_voided", "delegation", frozenset(), "reason"),
        _kind("delegation_suspended", "delegation", frozenset(), "reason"),
        _kind("delegation_resumed", "delegation", frozenset(), "reason"),
    )
}
