"""Rules of cases: from filing to approval, who may do which step in which state."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.errors import Refusal
from core.forms.papers import MissingPaper, checklist, missing_papers
from core.records.hearing import Hearing, Rule
from core.records.people import OfficeState
from core.records.rules_unit import form_values, open_unit, unit_of
from core.records.states import CaseState, Lifecycle


def _case(hearing: Hearing, *allowed: Lifecycle) -> CaseState:
    case = hearing.world.case(hearing.action.subject)
    if case is None:
        raise Refusal("case_unknown")
    if case.lifecycle not in allowed:
        raise Refusal("case_wrong_state", lifecycle=case.lifecycle.value)
    return case


def _case_filed(hearing: Hearing) -> None:
    unit = open_unit(hearing, hearing.public["unit"])
    if hearing.public.get("era", "") != unit.era:
        raise Refusal("unit_changed_meanwhile")
    form = hearing.public["form"]["id"]
    if form not in ("attachment-1", "attachment-3"):
        raise Refusal("form_unknown")
    form_values(hearing, unit)
    for either in ("attachment-1", "attachment-3"):
        other = hearing.world.open_case_of(unit.id, either)
        if other not in (None, hearing.action.subject):
            raise Refusal("unit_has_open_case", case=other)


def _case_amended(hearing: Hearing) -> None:
    case = _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED)
    if hearing.public["form"]["id"] != case.form:
        raise Refusal("form_unknown")
    form_values(hearing, unit_of(hearing, case.unit))


def _papers_checked(hearing: Hearing) -> None:
    _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED)


def _case_printed(hearing: Hearing) -> None:
    case = _case(hearing, *Lifecycle)
    if hearing.public["content"] != case.content:
        raise Refusal("content_stale")


def _scan_attached(hearing: Hearing) -> None:
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


def _complete(hearing: Hearing, case: CaseState) -> None:
    if hearing.public["content"] != case.content:
        raise Refusal("content_stale")
    if case.signed_scan() is None:
        raise Refusal("signed_scan_missing")
    missing = papers_still_missing(hearing.office, case)
    if missing:
        raise Refusal("papers_missing", count=len(missing), items=[line.item.id for line in missing])


def _case_submitted(hearing: Hearing) -> None:
    _complete(hearing, _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED))


def _submission_recalled(hearing: Hearing) -> None:
    _case(hearing, Lifecycle.SUBMITTED)


def _case_withdrawn(hearing: Hearing) -> None:
    _case(hearing, Lifecycle.FILED, Lifecycle.RETURNED, Lifecycle.SUBMITTED)


def _approve(hearing: Hearing) -> CaseState:
    case = _case(hearing, Lifecycle.SUBMITTED)
    _complete(hearing, case)
    scan = case.signed_scan()
    if scan is None or hearing.public["scan"] != scan.id:
        raise Refusal("signed_scan_missing")
    require_representative_changed(hearing, case)
    return case


def require_representative_changed(hearing: Hearing, case: CaseState) -> None:
    """Attachment 3 for a new representative stands on one: its unit's number is newer than any certificate's.

    Raises ``Refusal('representative_unchanged')``.
    """
    if case.form != "attachment-3" or case.values.get("reason") != "representative_changed":
        return
    number = unit_of(hearing, case.unit).representative_no
    others = (each for each in hearing.world.certificates_of_unit(case.unit) if each.case != case.id)
    if any(each.representative_no >= number for each in others):
        raise Refusal("representative_unchanged")


def _case_approved(hearing: Hearing) -> None:
    require_another_person(hearing, _approve(hearing).hands)


def require_another_person(hearing: Hearing, hands: Collection[str]) -> None:
    """Nobody approves what they, or their keys, had a hand in. Raises ``Refusal('self_approval')``."""
    if hearing.action.person in hands:
        raise Refusal("self_approval")
    people = hearing.office.people
    approver = people[hearing.action.person]
    members = [people[hand] for hand in hands if hand in people]
    used = {key for one in members for key in (one.public_key, *one.former_keys)}
    if used & {approver.public_key, *approver.former_keys}:
        raise Refusal("self_approval")


def _case_approved_single(hearing: Hearing) -> None:
    _approve(hearing)
    if not hearing.office.single_clerk:
        raise Refusal("self_approval")


def _case_returned(hearing: Hearing) -> None:
    _case(hearing, Lifecycle.SUBMITTED)
    if not hearing.public["reasons"]:
        raise Refusal("reason_missing")


def _approval_undone(hearing: Hearing) -> None:
    case = _case(hearing, Lifecycle.APPROVED, Lifecycle.CLAIMED)
    if hearing.public["approval"] != case.approval:
        raise Refusal("content_stale")
    certificate = hearing.world.certificate_of(case.id)
    if certificate is not None and certificate.approval == case.approval:
        raise Refusal("already_claimed")


RULES: Mapping[str, Rule] = {
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
}
