"""Invented values for the tests of forms. Codes and numbers are synthetic (domain.md 3.1, 3.2)."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from core.forms.check_digits import (
    USCC_ALPHABET,
    id_check_character,
    organisation_check_character,
    uscc_check_character,
)
from core.forms.spec import CheckContext, Finding

USCCS = (
    "124690230000000193",
    "12469023MB0000000B",
    "12460105MB0000000Y",
    "12460400MB00000006",
    "12469003MB0000000C",
)
IDS = ("469023199001010008", "460025198506150006", "460003197812310001", "460105200002290005")

UNIT = {
    "uscc": "12469023MB0000000B",
    "name": "澄迈县示范幼儿园（本部）",
    "address": "海南省澄迈县示范路18号",
    "representative_name": "王示范",
    "office_name": "澄迈县事业单位登记管理局",
    "valid_from": "2024-01-01",
    "valid_to": "2029-01-01",
    "state": "active",
}
CONTEXT = CheckContext(as_of=date(2026, 11, 23), office_area="469023", unit=UNIT)
NO_UNIT = CheckContext(as_of=date(2026, 11, 23), office_area="469023")

_HEAD = {
    "filled_on": "2026-11-20",
    "unit_name": UNIT["name"],
    "address": UNIT["address"],
    "representative_name": UNIT["representative_name"],
    "representative_mobile": "13800000001",
    "representative_id": IDS[0],
}
_MANAGER = {
    "office_name": UNIT["office_name"],
    "manager_name": "李𬱖恵",
    "manager_mobile": "13900000002",
    "manager_id": IDS[1],
}
_COUNTER = {"handset_confirmed": "yes", "attendant": "representative", "identity_checked": "yes"}

ALONE = {**_HEAD, **_COUNTER, "occasion": "alone"}
"""Attachment 1, the legal representative manages in person."""
APPOINTED = {**ALONE, **_MANAGER, "other_manager": "yes"}
"""Attachment 1, someone else is appointed."""
CHANGED = {**_HEAD, **_MANAGER, **_COUNTER, "reason": "manager_changed"}
"""Attachment 3."""
RECORD = {
    **UNIT,
    "purpose": "开展学前教育。\n承担示范任务。",
    "funding_source": "财政补助",
    "starting_capital": "600万元",
    "sponsor": "澄迈县示范局",
}
"""A unit's record."""


def citizen_number(area: str, born: date, serial: int) -> str:
    """Return a number with a right check character."""
    body = f"{area}{born:%Y%m%d}{serial:03d}"
    return body + id_check_character(body)


def unit_code(head: str, body: str) -> str:
    """Return a code with both check characters right, for 8 characters before and 8 inside."""
    whole = head + body + organisation_check_character(body)
    return whole + uscc_check_character(whole)


citizen_numbers = st.builds(
    citizen_number,
    st.from_regex(r"[1-8][0-9]{5}", fullmatch=True).filter(str.isascii),
    st.dates(date(1930, 1, 1), date(2008, 12, 31)),
    st.integers(0, 999),
)
unit_codes = st.builds(
    unit_code,
    st.text("0123456789", min_size=6, max_size=6).map("12".__add__),
    st.text(USCC_ALPHABET, min_size=8, max_size=8),
)


def codes(findings: list[Finding] | tuple[Finding, ...]) -> list[str]:
    """Return the codes found, in order."""
    return [finding.code for finding in findings]


def places(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Return field and code of everything found, in order."""
    return [(finding.field, finding.code) for finding in findings]


def wide(text: str) -> str:
    """Return ASCII text in full-width characters."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)
