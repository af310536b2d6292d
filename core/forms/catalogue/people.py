"""The two persons of the notice's forms. Both attachments ask them in the same words and order."""

from __future__ import annotations

from core.forms.number_kinds import MOBILE_LENGTH, NUMBER_LENGTH
from core.forms.spec import Choice, Condition, DataClass, FieldSpec, Grade, Section

_NAME_LENGTH = 50
_DATE_LENGTH = 10
_TICK_LENGTH = 3


def filled_on() -> FieldSpec:
    """填表日期."""
    rules = ("not_in_future", "within_a_year")
    return FieldSpec(
        "filled_on", "date", "填表日期", data_class=DataClass.C2, rules=rules, max_length=_DATE_LENGTH
    )


def unit_name() -> FieldSpec:
    """单位名称（盖章）."""
    return FieldSpec(
        "unit_name",
        "unit_name",
        "单位名称",
        rules=("as_registered",),
        max_length=100,
        hint="与《事业单位法人证书》逐字一致",
        from_unit="name",
    )


def address() -> FieldSpec:
    """住所."""
    return FieldSpec("address", "text", "住所", rules=("as_registered",), max_length=128, from_unit="address")


def person_name(id: str, label: str, *, when: Condition | None = None, from_unit: str = "") -> FieldSpec:
    """A person's name; personal."""
    return FieldSpec(
        id,
        "person_name",
        label,
        shown_when=when,
        data_class=DataClass.C2,
        grade=Grade.PERSONAL,
        rules=("as_registered",) if from_unit else (),
        max_length=_NAME_LENGTH,
        from_unit=from_unit,
    )


def mobile(id: str, *, when: Condition | None = None, hint: str = "") -> FieldSpec:
    """手机; personal, C3."""
    return FieldSpec(
        id,
        "mobile",
        "手机",
        shown_when=when,
        data_class=DataClass.C3,
        grade=Grade.PERSONAL,
        max_length=MOBILE_LENGTH,
        hint=hint,
    )


def id_number(id: str, *, when: Condition | None = None) -> FieldSpec:
    """身份证号码; personal, C3."""
    return FieldSpec(
        id,
        "id_number",
        "身份证号码",
        shown_when=when,
        data_class=DataClass.C3,
        grade=Grade.PERSONAL,
        max_length=NUMBER_LENGTH,
        hint="18 位，末位可为 X",
    )


def office_name(when: Condition | None = None) -> FieldSpec:
    """登记管理机关名称, inside the authorisation block and blank where the block is."""
    return FieldSpec(
        "office_name",
        "office_name",
        "登记管理机关名称",
        shown_when=when,
        max_length=100,
        from_unit="office_name",
    )


def remark() -> FieldSpec:
    """备注; free words, so they may hold anything about a person."""
    return FieldSpec(
        "remark",
        "text",
        "备注",
        required=False,
        data_class=DataClass.C2,
        grade=Grade.PERSONAL,
        max_length=200,
        hint="选填",
    )


def tick(id: str, label: str, *, required: bool = True, hint: str = "") -> FieldSpec:
    """Something the clerk confirms; not on the paper."""
    return FieldSpec(
        id,
        "tick",
        label,
        required=required,
        data_class=DataClass.C2,
        printed=False,
        max_length=_TICK_LENGTH,
        hint=hint,
    )


def choice(id: str, label: str, choices: tuple[tuple[str, str], ...], *, printed: bool = False) -> FieldSpec:
    """One of several, given as pairs of code and label."""
    options = tuple(Choice(*pair) for pair in choices)
    longest = max(len(option.code) for option in options)
    return FieldSpec(
        id, "choice", label, data_class=DataClass.C2, printed=printed, max_length=longest, choices=options
    )


def representative_section() -> Section:
    """The head of both forms."""
    fields = (
        filled_on(),
        unit_name(),
        address(),
        person_name("representative_name", "法定代表人", from_unit="representative_name"),
        mobile("representative_mobile"),
        id_number("representative_id"),
    )
    return Section("representative", "单位与法定代表人", fields)


def manager_fields(when: Condition | None = None) -> tuple[FieldSpec, ...]:
    """The authorisation block: to which office, and who becomes first responsible manager."""
    return (
        office_name(when),
        person_name("manager_name", "电子证书第一管理责任人", when=when),
        mobile("manager_mobile", when=when, hint="用于找回密码时接收短信验证码"),
        id_number("manager_id", when=when),
    )


def handset_confirmed() -> FieldSpec:
    """The notice's own remark: the number must belong to another phone (domain 0.7)."""
    return tick(
        "handset_confirmed",
        "第一管理责任人的手机号码不是安装电子证书的那部手机",
        hint="找回密码的短信要发到另一部手机",
    )


def counter_section(first: FieldSpec) -> Section:
    """What the clerk notes about the visit; nothing of it is printed but what ``first`` says."""
    attendant = choice(
        "attendant", "到场办理人", (("representative", "法定代表人"), ("manager", "第一管理责任人"))
    )
    identity = tick("identity_checked", "已核对到场办理人身份证原件，人证一致")
    return Section("counter", "办理情况", (first, attendant, identity))
