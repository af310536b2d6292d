"""What a relying department sends and gets back: the fields of each function, declared once.

The interface checks requests by these tables and :mod:`hub.openapi` writes them down for departments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core.credentials.bundle import LIMIT as BUNDLE_LIMIT
from core.credentials.direct import LIMIT as LONGEST_CODE
from core.credentials.judgement import NOT_VALID, UNKNOWN, VALID
from core.records.uses import BUNDLE, FUNCTIONS, LONGEST_REASON
from hub.shapes import NAME, Field

PROFILE: Final = "profile"
"""A department's own registration: asked for like the others, but no use of any certificate."""
LONGEST_DOCUMENT: Final = 64 * 1024
LONGEST_PROFILE: Final = 512 * 1024
BODY_LIMIT: Final = 128 * 1024
"""Bytes of a request's body; a presentation is the only long thing in it."""

_OPERATOR = (
    Field("name", "经办人姓名", longest=40),
    Field("number", "经办人工号", "部门内部的工号或证件号", longest=40),
)
COMMON: Final = (
    Field("purpose", "用途代码", "登记过的用途之一", longest=40, pattern=NAME),
    Field("reason", "查验事由", "必填，写明为何查验；持证单位能够看到", longest=LONGEST_REASON),
    Field("serial", "业务流水号", "部门自己的业务编号", longest=64),
    Field("operator", "经办人", "平台只留遮盖后的姓名和一个校验值", type="object", fields=_OPERATOR),
)
UNIT: Final = Field(
    "unit",
    "被查验的单位",
    "统一社会信用代码，或者此前回答中的 unit_ref，二者取一",
    type="object",
    exactly_one=True,
    fields=(
        Field("uscc", "统一社会信用代码", longest=18, pattern="^[0-9A-HJ-NPQRTUWXY]{18}$"),
        Field("unit_ref", "单位代号", "只对本部门有意义的代号", longest=43, pattern="^[A-Za-z0-9_-]{43}$"),
    ),
)
DOCUMENT: Final = Field(
    "document",
    "被查验的证书",
    "三者取一",
    type="object",
    exactly_one=True,
    fields=(
        Field(
            "presentation",
            "证书或出示的全文",
            "SD-JWT 文本，可带持证人绑定",
            longest=LONGEST_DOCUMENT,
            pattern="^[!-~]+$",
        ),
        Field("shown", "动态码", "扫码得到的网址或其最后一段", longest=300, pattern="^[!-~]+$"),
        Field(
            "code",
            "二维码的内容",
            "打印件的二维码（CDP1: 开头）或手机的离线码（CDV2: 开头），一字不改",
            longest=LONGEST_CODE,
            pattern="^CD[PV][12]:[0-9A-Z $%*+./:-]+$",
        ),
    ),
)
_ID = Field("id_number", "公民身份号码", longest=18, pattern="^[0-9]{17}[0-9X]$")
HOLDER: Final = Field(
    "holder",
    "待比对的持证人信息",
    "全部相符才回答相符",
    type="object",
    fields=(
        Field(
            "role",
            "身份",
            "representative 法定代表人；manager 第一管理责任人",
            longest=16,
            choices=("representative", "manager"),
        ),
        Field("name", "姓名", longest=60),
        Field("id_number", _ID.term, longest=18, pattern=_ID.pattern, required=False),
    ),
)
PERSON: Final = Field(
    "person",
    "到场办理的人",
    type="object",
    fields=(Field("name", "姓名", longest=60), _ID),
)
MATTER: Final = Field(
    "matter", "办理事项", "事项代码，见应用场景清单", longest=16, pattern=r"^[A-Z][A-Z0-9]{1,15}$"
)

QUESTION: Final = (replace(MATTER, required=False), replace(PERSON, required=False))
"""What a visitor of the public page asks beyond authenticity of what is in hand."""

REQUESTS: Final[Mapping[str, tuple[Field, ...]]] = {
    "authenticity": (*COMMON, DOCUMENT),
    "basic": (*COMMON, UNIT),
    "compare": (*COMMON, UNIT, HOLDER),
    "matter": (*COMMON, UNIT, PERSON, MATTER),
    BUNDLE: COMMON,
    PROFILE: (),
}
TITLES: Final = {**FUNCTIONS, PROFILE: "本部门的登记内容"}
assert REQUESTS.keys() == TITLES.keys()

_CODE = Field("", "原因代码", longest=64, pattern="^[a-z0-9_]+$")
_ANSWER: Final = (
    Field("use", "本次查验的编号", "登记在用证清单中的编号", longest=36),
    Field(
        "answer",
        "结论",
        "valid 有效；not valid 无效；unknown 无法确认（不得当作有效）",
        longest=16,
        choices=(VALID, NOT_VALID, UNKNOWN),
    ),
    Field("as_of", "截至时间", "1970 年以来的秒数", type="whole", least=0, most=2**53),
    Field("reasons", "原因代码", "有效时没有原因", type="list", longest=20, fields=(_CODE,)),
    Field("explained", "原因的说明", type="list", longest=20, fields=(Field("", "说明", longest=400),)),
    Field(
        "unit_ref",
        "单位代号",
        "只对本部门有意义；可在以后的请求中代替统一社会信用代码",
        longest=43,
        required=False,
    ),
)
_SIGNED = Field(
    "signed", "平台签名的回答", "JWS（ES256，x5c 到根证书），内容与本回答相同", longest=LONGEST_DOCUMENT
)
_DATA = Field(
    "data",
    "基础信息",
    "只有登记用途准予的字段；结论不是 valid 时没有。真伪核验只在查验打印件时返回，是纸面上应有的内容",
    type="object",
    open=True,
    required=False,
)
_MATCH = Field(
    "match",
    "是否相符",
    "核对过持证人才有：相符为真，结论是 valid；不符为假，结论是 not valid（holder_differs）",
    type="truth",
    required=False,
)

ANSWERS: Final[Mapping[str, tuple[Field, ...]]] = {
    "authenticity": (*_ANSWER, _DATA, _SIGNED),
    "basic": (*_ANSWER, _DATA, _SIGNED),
    "compare": (*_ANSWER, _MATCH, _SIGNED),
    "matter": (*_ANSWER, _SIGNED),
    BUNDLE: (
        _ANSWER[0],
        Field("as_of", "截至时间", "1970 年以来的秒数", type="whole", least=0, most=2**53),
        Field("expires_at", "失效时间", "从这一秒起不得再用", type="whole", least=0, most=2**53),
        Field("bundle", "离线核验数据", "平台签名的文件，原样保存", longest=BUNDLE_LIMIT),
    ),
    PROFILE: (
        Field("version", "第几版", type="whole", least=1, most=2**53),
        Field("profile", "登记内容", "登记文件的内容", type="object", open=True),
        Field(
            "signed", "平台签名的登记内容", "JWS（ES256，x5c 到根证书），内容相同", longest=LONGEST_PROFILE
        ),
    ),
}
