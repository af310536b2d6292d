"""附件1《事业单位法人电子证书申领表》, version 1.

The legal representative is the first responsible manager unless someone else is appointed; only then
is the authorisation block asked and printed (domain 0.1). Nothing is printed that the paper lacks.
"""

from __future__ import annotations

from core.forms.catalogue.people import (
    choice,
    counter_section,
    handset_confirmed,
    manager_fields,
    remark,
    representative_section,
    tick,
)
from core.forms.plain_kinds import YES
from core.forms.spec import Condition, FormSpec, Section

_OCCASIONS = (
    ("alone", "专门申领"),
    ("setting_up", "与设立登记同时申领"),
    ("change", "与变更登记同时申领"),
    ("renewal", "与证书到期换领同时申领"),
)

ATTACHMENT_1 = FormSpec(
    id="attachment-1",
    version=1,
    title="事业单位法人电子证书申领表",
    sections=(
        representative_section(),
        Section(
            "manager",
            "电子证书第一管理责任人",
            (
                tick(
                    "other_manager",
                    "授权其他人员担任",
                    required=False,
                    hint="不勾选时由法定代表人本人担任，授权栏留空",
                ),
                *manager_fields(Condition("other_manager", YES)),
                handset_confirmed(),
                remark(),
            ),
        ),
        counter_section(choice("occasion", "申领情形", _OCCASIONS)),
    ),
    form_rules=(
        "unit_may_apply",
        "manager_is_another",
        "own_mobile_each",
        "namesakes",
        "attendant_is_appointed",
    ),
)
