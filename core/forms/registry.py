"""Published forms. A version, once here, stays for ever: the hub judges by the rules then in force."""

from __future__ import annotations

from core.errors import UserError
from core.forms.catalogue.attachment_1 import ATTACHMENT_1
from core.forms.catalogue.attachment_3 import ATTACHMENT_3
from core.forms.catalogue.unit_record import UNIT_RECORD
from core.forms.spec import FormSpec

PUBLISHED: tuple[FormSpec, ...] = (ATTACHMENT_1, ATTACHMENT_3, UNIT_RECORD)

_BY_DIGEST = {form.digest(): form for form in PUBLISHED}


def latest(id: str) -> FormSpec:
    """Return the newest version of a form. Raises ``UserError("form_not_published")``."""
    versions = [form for form in PUBLISHED if form.id == id]
    if not versions:
        raise UserError("form_not_published", form=id)
    return max(versions, key=lambda form: form.version)


def get_form(id: str, version: int | None = None) -> FormSpec:
    """Return a form in one version, the newest by default. Raises ``UserError("form_not_published")``."""
    if version is None:
        return latest(id)
    for form in PUBLISHED:
        if (form.id, form.version) == (id, version):
            return form
    raise UserError("form_not_published", form=id, version=version)


def by_digest(digest: str) -> FormSpec | None:
    """Return the published form with this hex digest, or None: then nobody here can judge it."""
    return _BY_DIGEST.get(digest)
