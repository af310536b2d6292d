"""``case.json``: what stands on the paper and what the certificate has to say, for whoever compares."""

from __future__ import annotations

from typing import Any

from core.credentials.certificate_claims import build_claims
from core.credentials.sdjwt import leaves
from core.documents.pdf import Rendered
from core.services.applications import CaseView


def printed(rendered: Rendered) -> dict[str, list[str]]:
    """Return every filled-in text, once for each place it is printed."""
    return {"printed": [each.text for each in rendered.printed]}


def expected_claims(view: CaseView) -> dict[str, str]:
    """Return the texts of the certificate that a claim of this case gives, by dotted name."""
    values = view.case.values
    appointed = values.get("other_manager") == "yes"
    claims: dict[str, Any] = build_claims(
        view.unit.values,
        values.get("representative_name", ""),
        view.unit.representative_no,
        values.get("manager_name" if appointed else "representative_name", ""),
        "appointed" if appointed else "representative",
    )
    return {name: value for name, value in leaves(claims).items() if isinstance(value, str)}
