"""附件3《事业单位法人电子证书第一管理责任人变更申请表》 as paper: its own words, rows and reason boxes."""

from __future__ import annotations

from core.documents.fit import Style
from core.documents.layout import Blank, Box, Cell, Layout, Sentence, Tick, Wording
from core.documents.layouts.grid import (
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

ROWS = (74.0, 86.0, 98.0, 110.0, 122.0, 134.0, 200.0, 212.0, 224.0, 238.0)
_R = ROWS

REASON_STYLE = Style(13, 13, 9, leading=1.72, valign="top")
"""A size smaller than the rest: so reasons and sentence stand on a line each, inside the frame."""

ATTACHMENT_3 = Layout(
    form_id="attachment-3",
    version=1,
    title="事业单位法人电子证书第一管理责任人变更申请表",
    parts=(
        Wording("附件 3", Box(25, 18.6, 40, 8), HEADING_STYLE),
        Wording("事业单位法人电子证书", Box(25, 34, 160, 10), TITLE_STYLE),
        Wording("第一管理责任人变更申请表", Box(25, 45.2, 160, 10), TITLE_STYLE),
        *date_line("filled_on", 67.4),
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
            "本单位法定代表人变更或电子证书第一管理责任人变更，需填写以下信息。",
            Box(29, _R[4] + 1, 152, 10),
            PROMPT_STYLE,
        ),
        Wording("登记管理机关名称：", Box(29, 136.9, 44.5, 7.4), Style(14, 12, 12)),
        Cell("office_name", Box(73.5, 136.9, 108, 7.4), OFFICE_STYLE),
        Sentence(
            (
                "我单位因（",
                Tick("reason", "representative_changed"),
                "法定代表人变更",
                Tick("reason", "manager_changed"),
                "原电子证书第一管理责任人变更），\n现授权我单位",
                Blank("manager_name", 30, 96),
                "同志，为我单位电子证书的第一管理责任人。",
            ),
            Box(29, 147.4, 152, 21.3),
            REASON_STYLE,
            indent=2,
        ),
        Wording("授权单位（盖章）：", Box(110, 169.0, 60, 7), Style(14, 14, 14)),
        Wording("法定代表人（签名）：", Box(110, 179.1, 60, 7), Style(14, 14, 14)),
        Wording("年", Box(146.5, 189.9, 6, 7), Style(14, 14, 14)),
        Wording("月", Box(161.3, 189.9, 6, 7), Style(14, 14, 14)),
        Wording("日", Box(176.1, 189.9, 6, 7), Style(14, 14, 14)),
        Wording(
            "电子证书第一\n管理责任人",
            label_box(27, 68, _R[6], _R[7]),
            Style(13, 13, 11, align="center", leading=1.1),
        ),
        Cell("manager_name", value_box(LABEL, PHONE, _R[6], _R[7]), VALUE_STYLE),
        Wording("手机", label_box(120.5, 135.5, _R[6], _R[7]), SPREAD_STYLE),
        Cell("manager_mobile", value_box(NUMBER, RIGHT, _R[6], _R[7]), PHONE_STYLE),
        Wording("身份证号码", label_box(32, 63, _R[7], _R[8]), SPREAD_STYLE),
        Cell("manager_id", value_box(LABEL, RIGHT, _R[7], _R[8]), VALUE_STYLE),
        Wording("备 注", label_box(30, 65, _R[8], _R[9]), SPREAD_STYLE),
        Cell("remark", value_box(LABEL, RIGHT, _R[8], _R[9]), REMARK_STYLE),
        Wording(
            "备注：手机号码必须是电子证书安装的另一手机，以便于电子证书找回密码时接收短信验证码。",
            Box(25, 240.3, 160, 10.4),
            NOTE_STYLE,
        ),
        Wording(
            "请携带本表及本单位法人证书副本原件、第一管理责任人身份证原件及复印件至登记机关办理。",
            Box(25, 251.3, 160, 10.4),
            NOTE_STYLE,
            indent=3,
        ),
    ),
    rules=table_rules(ROWS, label_rows=(0, 1, 2, 3, 6, 7, 8), phone_rows=(2, 6)),
)
