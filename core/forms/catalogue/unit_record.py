"""The office's record of a unit: every item on the face of its certificate (domain 2.2), version 1.

All of it is public but the representative's name, which is someone's name.
"""

from __future__ import annotations

from core.forms.catalogue.people import choice, person_name
from core.forms.number_kinds import NUMBER_LENGTH
from core.forms.rules import ACTIVE
from core.forms.spec import FieldSpec, FormSpec, Section

_STATES = ((ACTIVE, "正常"), ("deregistered", "已注销"))


def _name(
    id: str, label: str, *, required: bool = False, kind: str = "unit_name", hint: str = ""
) -> FieldSpec:
    return FieldSpec(id, kind, label, required=required, max_length=100, hint=hint)


def _day(id: str, label: str) -> FieldSpec:
    return FieldSpec(id, "date", label, max_length=10)


UNIT_RECORD = FormSpec(
    id="unit-record",
    version=1,
    title="事业单位登记信息",
    sections=(
        Section(
            "names",
            "单位",
            (
                FieldSpec(
                    "uscc",
                    "uscc",
                    "统一社会信用代码",
                    max_length=NUMBER_LENGTH,
                    hint="18 位，事业单位以 12 开头",
                ),
                _name("name", "名称", required=True, hint="与《事业单位法人证书》逐字一致"),
                _name("second_name", "第二名称"),
                _name("third_name", "第三名称"),
                FieldSpec(
                    "other_names",
                    "unit_name",
                    "其他名称",
                    required=False,
                    max_length=300,
                    hint="多个用；隔开",
                ),
            ),
        ),
        Section(
            "face",
            "证书事项",
            (
                FieldSpec("purpose", "long_text", "宗旨和业务范围", max_length=2000),
                FieldSpec("address", "text", "住所", max_length=128),
                person_name("representative_name", "法定代表人"),
                FieldSpec("funding_source", "text", "经费来源", max_length=100, hint="例如：财政补助"),
                FieldSpec("starting_capital", "money", "开办资金", max_length=40, hint="例如：600万元"),
                FieldSpec("sponsor", "unit_name", "举办单位", max_length=300, hint="多个用；隔开"),
                _name("office_name", "登记管理机关", required=True, kind="office_name"),
            ),
        ),
        Section(
            "certificate",
            "证书",
            (
                _day("valid_from", "有效期自"),
                _day("valid_to", "有效期至"),
                FieldSpec(
                    "former_certificate_no",
                    "text",
                    "原证书号",
                    required=False,
                    rules=("certificate_number",),
                    max_length=40,
                    hint="例如：事证第146902300001号",
                ),
                choice("state", "状态", _STATES),
            ),
        ),
    ),
    form_rules=("period_in_order",),
)
