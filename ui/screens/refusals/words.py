"""A refused action in words: why, by whom, where, and what a choice would do. No Qt in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.case_words import refusal_words
from ui.record_words import FORM_WORDS, HUB_WORDS, KIND_WORDS, LIFECYCLE_WORDS, moment, who_words

if TYPE_CHECKING:
    from core.services.conflicts import Deed, Option, WorkItem

HUB = "hub"
FORKED = frozenset({"chain_forked", "chain_broken", "epoch_old"})

PAPER_WORDS = {"original": "原件", "copy": "复印件"}


def desk_words(deed: Deed) -> str:
    """Return at which desk something was done."""
    if deed.device == HUB:
        return HUB_WORDS
    return "本机" if deed.own else f"窗口 {deed.device[:4].upper()}"


def by_words(deed: Deed, year: int) -> str:
    """Return who did it, when and where, in one line."""
    who = "" if deed.device == HUB else f"{who_words(deed.who)}　"
    return f"{who}{moment(deed.at, year)}　{desk_words(deed)}"


def what_words(item: WorkItem) -> str:
    """Return what was refused, for a list: the first action and how many hang on it."""
    first = KIND_WORDS.get(item.mine[0].kind, "")
    return f"{first}等 {len(item.mine)} 步" if len(item.mine) > 1 else first


def reason_words(item: WorkItem, year: int) -> str:
    """Return why it was refused, with who came first where somebody did."""
    if item.code in FORKED:
        return (
            "这台电脑的数据有另一份副本，省级已收下那一份的记录，这里的几步没有送达。"
            "请核对是否还要办，再决定。"
        )
    if item.obstacle is not None and item.standing:
        first = item.standing[0]
        what = (
            "登记了同一个信用代码的单位" if item.obstacle.kind == "unit" else "为这个单位填报了一件在办的申请"
        )
        return f"{_somebody(first)}已于 {moment(first.at, year)} {what}，所以本机的没有重复收下。"
    if item.code in ("version_conflict", "refusal_unsettled") and item.standing:
        first = item.standing[0]
        return (
            f"{_somebody(first)}已于 {moment(first.at, year)} 先办理了这一件。"
            "两边各办了各的，需要您看一看，决定用哪一边。"
        )
    if item.code == "version_conflict":
        return "别处先办理了这一件，内容还没有取回。请先同步一次，再来处理。"
    return refusal_words(item.code, item.params).whole()


def _somebody(deed: Deed) -> str:
    if deed.device == HUB:
        return HUB_WORDS
    return f"{who_words(deed.who)} 在{desk_words(deed)} " if not deed.own else f"{who_words(deed.who)} 在本机"


def nothing_words(item: WorkItem) -> str:
    """Return what stands in the hub's column when it has nothing instead."""
    if item.lifecycle:
        return f"没有别的操作。这一件目前是“{LIFECYCLE_WORDS.get(item.lifecycle, '')}”。"
    return "没有这一件的其他记录。"


_DRAFTS = {
    "new_case": "打开新的申请表，填入本机的内容；核对后重新填报，得到新的受理号。",
    "same_case": "打开这一件，填入本机的内容；核对后保存，其后的材料核对、打印、签字、扫描须重新办理。",
    "new_unit": "打开登记表，填入本机的内容；核对后保存。",
    "same_unit": "打开这个单位，填入本机的内容；核对后保存。",
    "other_unit": "打开已登记的那个单位，填入本机的内容；核对后保存为更正。",
}


def redo_words(item: WorkItem) -> str:
    """Return what doing it again would do, or why it cannot be done."""
    option = item.redo
    if not option.open:
        return f"现在不能重做：{option_problem(option)}"
    if option.way == "other_case":
        label = item.obstacle.label if item.obstacle else ""
        return f"打开已记录的那一件（受理号 {label}），填入本机的内容；核对后保存。"
    if option.way != "again":
        return _DRAFTS[option.way]
    again = [KIND_WORDS.get(deed.kind, "") for deed in item.mine if deed.hash in option.again]
    rest = len(item.mine) - len(again)
    words = f"按现在的情况立即重做：{'、'.join(again)}，由您签名。"
    return f"{words}其余 {rest} 步须另行办理。" if rest else words


def drop_words(item: WorkItem) -> str:
    """Return what keeping the record would do, or why it cannot be done now."""
    if not item.drop.open:
        return f"现在不能处理：{option_problem(item.drop)}"
    if item.standing or item.lifecycle:
        return "以省级已记录的为准，本机这几步不再办理；处理结果写入操作记录。"
    return "本机这几步不再办理；处理结果写入操作记录。"


def option_problem(option: Option) -> str:
    """Return the sentence of what stands against a choice."""
    if option.code == "case_wrong_state":
        state = LIFECYCLE_WORDS.get(str(option.params.get("lifecycle", "")), "")
        return f"这一件目前是“{state}”，不能再办这一步。"
    if option.code == "content_stale":
        return "申请内容已在别处改过，这一步是按原来的内容办的，不能照搬。请按现在的内容重新办理。"
    if option.code == "unit_has_open_case":
        number = option.params.get("case", "")
        return f"这个单位已有在办的申请（受理号 {number}）。待那一件办结或撤回后，可以再来重做。"
    return refusal_words(option.code, option.params).whole()


_WHOLE = {"office": "本登记机关", "register": "单位名册"}
_PARTS = {"unit": "单位登记", "office": "人员、角色、材料清单、设备", "register": "整页导入的单位"}


def title_of(item: WorkItem) -> str:
    """Return what the item is about: the unit's name, or the office itself."""
    if item.subject_kind in _WHOLE:
        return _WHOLE[item.subject_kind]
    return item.unit_name or item.label or "（尚未收下的申请）"


def subtitle_of(item: WorkItem) -> str:
    """Return case number and business, or the kind of subject."""
    if item.subject_kind in ("case", "claim"):
        number = f"受理号 {item.label}" if item.label else ""
        return "　".join(part for part in (number, FORM_WORDS.get(item.form, "")) if part)
    return _PARTS.get(item.subject_kind, "")
