"""The word at the right of a field's label: what is wrong, or what was understood. No widgets here."""

from __future__ import annotations

from dataclasses import dataclass

from core.forms.kinds import KINDS
from core.forms.spec import FieldSpec, Finding, Severity
from ui.messages import sentence

_TONES = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: ""}
_TICKED = frozenset({"uscc", "id_number", "mobile"})


@dataclass(frozen=True)
class Verdict:
    """Words, tone ("", good, warn, bad) and the remedy that goes with them."""

    text: str = ""
    tone: str = ""
    remedy: str = ""


def verdict(
    field: FieldSpec, value: str, finding: Finding | None, *, typing: bool, untouched: bool
) -> Verdict:
    """Judge what to say.

    An empty field nobody has left yet is not scolded; while the clerk is ``typing``, an error is said
    in a quiet tone ("还差 3 位"), and turns red when the field is left.
    """
    if finding is not None and not (untouched and not value and finding.severity is Severity.ERROR):
        message = sentence(finding)
        tone = _TONES[finding.severity]
        if typing and tone == "bad":
            return Verdict(message.text.rstrip("。"))
        return Verdict(message.text.rstrip("。"), tone, message.remedy)
    if value and finding is None:
        summary = KINDS[field.kind].summary(value)
        if summary or field.kind in _TICKED:
            return Verdict(f"✓ {summary}".rstrip(), "good")
    return Verdict()
