"""附件3《事业单位法人电子证书第一管理责任人变更申请表》, version 1.

The manager is always asked, and may be the legal representative in person (二（三）: "新的法定代表人
或其授权的第一管理责任人"). The reason is printed as two boxes.
"""

from __future__ import annotations

from core.forms.catalogue.people import (
    choice,
    counter_section,
    handset_confirmed,
    manager_fields,
    remark,
    representative_section,
)
from core.forms.spec import FormSpec, Section

_REASONS = (
    ("representative_changed", "法定代表人变更"),
    ("manager_changed", "原电子证书第一管理责任人变更"),
)

ATTACHMENT_3 = FormSpec(
    id="attachment-3",
    version=1,
    title="事业单位法人电子证书第一管理责任人变更申请表",
    sections=(
        representative_section(),
        Section("manager", "电子证书第一管理责任人", (*manager_fields(), handset_confirmed(), remark())),
        counter_section(choice("reason", "变更原因", _REASONS, printed=True)),
    ),
    form_rules=("unit_may_apply", "same_number_same_name", "own_mobile_each", "namesakes"),
)
