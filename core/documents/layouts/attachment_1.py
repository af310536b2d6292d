"""附件1《事业单位法人电子证书申领表》 as paper: the notice's words, the measures of look/attachment-1.png."""

from __future__ import annotations

from core.documents.fit import Style
from core.documents.layout import Blank, Box, Cell, Layout, Sentence, Wording
from core.documents.layouts.grid import (
    BODY_STYLE,
    HEADING_STYLE,
    LABEL,
    LABEL_STYLE,
    NOTE_STYLE,
    NUMBER,
    OFFICE_STYLE,
    PHONE,
    PHONE_STYLE,
    PROMPT_STYLE,
    REMARK_STYLE,
    RIGHT,
    SPREAD_STYLE,
    TITLE_STYLE,
    VALUE_STYLE,
    date_line,
    label_box,
    table_rules,
    value_box,
)

ROWS = (62.0, 74.0, 86.0, 98.0, 110.0, 122.0, 184.0, 196.0, 208.0, 222.0)
_R = ROWS

ATTACHMENT_1 = Layout(
    form_id="attachment-1",
    version=1,
    title="事业单位法人电子证书申领表",
    parts=(
        Wording("附件 1", Box(25, 19, 40, 8), HEADING_STYLE),
        Wording("事业单位法人电子证书申领表", Box(25, 34, 160, 10), TITLE_STYLE),
        *date_line("filled_on", 55.4),
        Wording("单位名称（盖章）", label_box(27, 68, _R[0], _R[1]), LABEL_STYLE),
        Cell("unit_name", value_box(LABEL, RIGHT, _R[0], _R[1]), VALUE_STYLE),
        Wording("住 所", label_box(30, 65, _R[1], _R[2]), SPREAD_STYLE),
        Cell("address", value_box(LABEL, RIGHT, _R[1], _R[2]), VALUE_STYLE),
        Wording("法 定 代 表 人", label_box(32, 63, _R[2], _R[3]), SPREAD_STYLE),
        Cell("representative_name", value_box(LABEL, PHONE, _R[2], _R[3]), VALUE_STYLE),
        Wording("手 机", label_box(120.5, 135.5, _R[2], _R[3]), SPREAD_STYLE),
        Cell("representative_mobile", value_box(NUMBER, RIGHT, _R[2], _R[3]), PHONE_STYLE),
        Wording("身 份 证 号 码", label_box(32, 63, _R[3], _R[4]), SPREAD_STYLE),
        Cell("representative_id", value_box(LABEL, RIGHT, _R[3], _R[4]), VALUE_STYLE),
        Wording(
            "法定代表人授权本单位其他人员担任电子证书第一管理责任人时，请填写以下授权信息。",
            Box(29, _R[4] + 1, 152, 10),
            PROMPT_STYLE,
        ),
        Wording("登记管理机关名称：", Box(29, 125.6, 44.5, 7.4), Style(14, 12, 12)),
        Cell("office_name", Box(73.5, 125.6, 108, 7.4), OFFICE_STYLE),
        Sentence(
            (
                "兹授权我单位",
                Blank("manager_name", 28, 96),
                "同志，向你局申领事业单位法人电子证书，并作为我单位电子证书的第一管理责任人。",
            ),
            Box(29, 136.4, 146.5, 18.6),
            BODY_STYLE,
            indent=2,
        ),
        Wording("授权单位（盖章）：", Box(110, 155.8, 60, 7), Style(14, 14, 14)),
        Wording("法定代表人（签名）：", Box(110, 164.9, 60, 7), Style(14, 14, 14)),
        Wording("年", Box(146.5, 174.8, 6, 7), Style(14, 14, 14)),
        Wording("月", Box(161.3, 174.8, 6, 7), Style(14, 14, 14)),
        Wording("日", Box(176.1, 174.8, 6, 7), Style(14, 14, 14)),
        Wording(
            "电子证书第一\n管理责任人",
            label_box(27, 68, _R[6], _R[7]),
            Style(13, 13, 11, align="center", leading=1.1),
        ),
        Cell("manager_name", value_box(LABEL, PHONE, _R[6], _R[7]), VALUE_STYLE),
        Wording("手 机", label_box(120.5, 135.5, _R[6], _R[7]), SPREAD_STYLE),
        Cell("manager_mobile", value_box(NUMBER, RIGHT, _R[6], _R[7]), PHONE_STYLE),
        Wording("身 份 证 号 码", label_box(32, 63, _R[7], _R[8]), SPREAD_STYLE),
        Cell("manager_id", value_box(LABEL, RIGHT, _R[7], _R[8]), VALUE_STYLE),
        Wording("备 注", label_box(30, 65, _R[8], _R[9]), SPREAD_STYLE),
        Cell("remark", value_box(LABEL, RIGHT, _R[8], _R[9]), REMARK_STYLE),
        Wording(
            "备注：电子证书第一管理责任人的手机号码必须是电子证书安装的另一手机，以便于电子证书找回密码时接收短信验证码。",
            Box(25, 224.3, 160, 10.4),
            NOTE_STYLE,
        ),
        Wording(
            "申领电子证书时请携带本表、本单位法人证书副本原件、第一管理责任人身份证原件及复印件至登记机关办理。",
            Box(25, 235.3, 160, 10.4),
            NOTE_STYLE,
            indent=3,
        ),
    ),
    rules=table_rules(ROWS, label_rows=(0, 1, 2, 3, 6, 7, 8), phone_rows=(2, 6)),
)
