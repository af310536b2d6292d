"""The registry of paper layouts by form id and version, apart from the form specs they belong to."""

from __future__ import annotations

from core.documents.layout import Layout
from core.documents.layouts.attachment_1 import ATTACHMENT_1
from core.documents.layouts.attachment_3 import ATTACHMENT_3

LAYOUTS: dict[tuple[str, int], Layout] = {
    (layout.form_id, layout.version): layout for layout in (ATTACHMENT_1, ATTACHMENT_3)
}


def get_layout(form_id: str, version: int) -> Layout:
    """Return the layout of a form. Raises ``KeyError`` if that form is not printed."""
    return LAYOUTS[form_id, version]
