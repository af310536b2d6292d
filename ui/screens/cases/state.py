"""What the case list shows, as data: rows, counts, the detail, its buttons. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.case_words import (
    HistoryLine,
    Rung,
    case_subtitle,
    case_touches,
    form_facts,
    history_lines,
    ladder,
    refusal_words,
)
from ui.record_words import (
    DELIVERY_TONES,
    DELIVERY_WORDS,
    FORM_WORDS,
    LIFECYCLE_TONES,
    LIFECYCLE_WORDS,
    masked_name,
    moment,
    reasons_words,
)
from ui.screen import Chip
from ui.widgets.confirm import Question
from ui.widgets.fact_grid import Fact
from ui.widgets.row_table import Cell, Column, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.records.next_steps import NextStep
    from core.services.listing import CaseDetail, CaseLine, CaseView

COLUMNS = (
    Column("受理号", 9.3),
    Column("单位名称", 14, stretch=True),
    Column("业务", 4.2, gives_way=2),
    Column("第一管理责任人", 8.4, gives_way=1),
    Column("办理状态", 5.4, pill=True),
    Column("同步情况", 6, pill=True),
    Column("更新时间", 7.9, gives_way=3),
)


def rows(lines: Iterable[CaseLine], year: int) -> tuple[Row, ...]:
    """Return the list's rows; the holder is masked."""
    return tuple(_row(line, year) for line in lines)


def _row(line: CaseLine, year: int) -> Row:
    cells = (
        Cell(line.case_no),
        Cell(line.unit_name),
        Cell(FORM_WORDS.get(line.form, "")[:2]),
        Cell(masked_name(line.holder), "muted"),
        Cell(LIFECYCLE_WORDS.get(line.lifecycle, ""), LIFECYCLE_TONES.get(line.lifecycle, "")),
        Cell(DELIVERY_WORDS.get(line.delivery, ""), DELIVERY_TONES.get(line.delivery, "")),
        Cell(moment(line.changed_at, year), "muted"),
    )
    return Row(line.case, cells, tip=f"{line.unit_name}　{line.uscc}")


def segments(counts: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """Return (code, words) of the lifecycle filter with its counts; "" is all of them."""
    total = sum(counts.values())
    parts = [("", f"全部 {total}")]
    return (*parts, *((code, f"{words} {counts.get(code, 0)}") for code, words in LIFECYCLE_WORDS.items()))


@dataclass(frozen=True)
class StepButton:
    """A button of the bottom bar; ``why`` is the sentence when it is shut."""

    id: str
    caption: str
    key: str = ""
    icon: str = ""
    face: str = ""
    why: str = ""

    @property
    def enabled(self) -> bool:
        """Whether it can be pressed."""
        return not self.why


@dataclass(frozen=True)
class DetailView:
    """The right-hand pane. ``notices`` are (words, tone), the gravest first."""

    case: str
    title: str
    subtitle: str
    chips: tuple[Chip, ...]
    notices: tuple[tuple[str, str], ...]
    rungs: tuple[Rung, ...]
    facts: tuple[Fact, ...]
    history: tuple[HistoryLine, ...]
    buttons: tuple[StepButton, ...]
    refusal: str = ""
    """The item of 退回事项 that holds the case up, if one does."""

    def shut(self) -> tuple[str, ...]:
        """Return one line per button that cannot be pressed: what it is and why."""
        if self.refusal and len({each.why for each in self.buttons}) == 1:
            return ()  # the notice above says it already
        return tuple(f"{each.caption}：{each.why}" for each in self.buttons if each.why)


def detail_view(detail: CaseDetail) -> DetailView:
    """Return all that the pane says of a case."""
    case, year = detail.view.case, detail.as_of.year
    state, delivery = case.lifecycle.value, detail.delivery.value
    return DetailView(
        case=case.id,
        title=detail.view.unit.values.get("name", ""),
        subtitle=case_subtitle(detail.view),
        chips=(
            Chip(LIFECYCLE_WORDS[state], LIFECYCLE_TONES.get(state, "")),
            Chip(DELIVERY_WORDS[delivery], DELIVERY_TONES[delivery]),
        ),
        notices=_notices(detail),
        rungs=ladder(detail),
        facts=form_facts(detail.view),
        history=history_lines(detail.history, year),
        buttons=buttons(detail),
        refusal=detail.refusal,
    )


def _notices(detail: CaseDetail) -> tuple[tuple[str, str], ...]:
    case = detail.view.case
    found: list[tuple[str, str]] = []
    if detail.refused is not None:
        said = refusal_words(detail.refused.code, detail.refused.params)
        found.append((f"被省级退回：{said.text}", "bad"))
    if case.lifecycle.value == "returned":
        remark = f"　说明：{case.remark}" if case.remark else ""
        found.append((f"审核退回：{reasons_words(case.reasons)}。{remark}", "warn"))
    if case.paper_stale() and case.lifecycle.value in ("filed", "returned"):
        found.append(("打印之后内容又改过，纸质表已不是最新，请重新打印并请对方签字盖章。", "warn"))
    if case.erased:
        found.append(("此件的个人信息已按规定销毁，只保留办理记录。", "accent"))
    return tuple(found)


_CAPTIONS = {
    "amend": ("继续填报", "F4", "edit", ""),
    "print": ("打印", "F9", "printer", ""),
    "submit": ("提交审核", "F8", "rubber-stamp", "primary"),
    "recall": ("撤回提交", "F7", "arrow-back-up", ""),
    "withdraw": ("撤回申请", "", "ban", ""),
    "undo": ("撤销核准", "F7", "arrow-back-up", ""),
    "claim": ("生成领取码", "F10", "qrcode", "primary"),
}
_ORDER = (
    "withdraw",
    "recall",
    "undo",
    "amend",
    "print",
    "submit",
    "review",
    "lost",
    "sheet_save",
    "sheet_print",
    "claim",
)
SHEET = "证书打印件"


def buttons(detail: CaseDetail) -> tuple[StepButton, ...]:
    """Return the buttons of the case's state, each open or with the reason why not."""
    steps = {each.step.value: each for each in detail.steps}
    made = [_button(step, detail) for step in steps.values() if step.step.value in _CAPTIONS]
    if "approve" in steps:
        made.append(_review_button(steps["approve"], steps["return"], detail.single))
    if detail.view.case.lifecycle.value == "claimed":
        made.append(StepButton("sheet_save", f"保存{SHEET}", "", "download", "", ""))
        made.append(StepButton("sheet_print", "打印证书", "F9", "printer", "", ""))
        made.append(StepButton("lost", "手机丢失", "F6", "device-mobile", "", _clerks_only(detail)))
    return tuple(sorted(made, key=lambda each: _ORDER.index(each.id)))


def _clerks_only(detail: CaseDetail) -> str:
    """Return why this person cannot report a lost phone, or empty: it is filed by a clerk, as a code is."""
    claim = next((each for each in detail.steps if each.step.value == "claim"), None)
    if claim is None or claim.code != "role_missing":
        return ""
    return refusal_words(claim.code, claim.params).whole()


def _button(step: NextStep, detail: CaseDetail) -> StepButton:
    caption, key, icon, face = _CAPTIONS[step.step.value]
    state = detail.view.case.lifecycle.value
    if step.step.value == "amend" and state == "returned":
        caption = "改正"
    if step.step.value == "claim" and state == "claimed":
        caption, face = "补发领取码", ""
    why = "" if step.open else refusal_words(step.code, step.params).whole()
    return StepButton(step.step.value, caption, key, icon, face, why)


def _review_button(approve: NextStep, send_back: NextStep, single: bool) -> StepButton:
    caption = "去审核（独任审核）" if single else "去审核"
    why = "" if approve.open else refusal_words(approve.code, approve.params).whole()
    if approve.code == "self_approval":
        why = "您经手过此件，须由他人审核。"
    elif send_back.open:
        why = ""  # what stands against approval is the very reason to send it back
    return StepButton("review", caption, "F8", "rubber-stamp", "primary", why)


def question(step: str, view: CaseView) -> Question:
    """Return what is asked before a step that the list takes itself."""
    touches = case_touches(view)
    if step == "submit":
        text = "提交后由另一位工作人员审核。在审核之前可以撤回提交。"
        return Question("提交审核", text, "提交审核", touches)
    if step == "recall":
        text = "此件回到“已填报”，可以继续修改；修改后须重新打印、签字、提交。"
        return Question("撤回提交", text, "撤回提交", touches)
    if step == "withdraw":
        text = "应单位要求撤回申请：此件就此办结，不能恢复。单位以后可以重新申领。"
        return Question("撤回申请", text, "撤回申请", touches, danger=True)
    text = "此件回到“待审核”，尚未使用的领取码同时作废。已经领取的证书不能这样撤销。"
    return Question("撤销核准", text, "撤销核准", touches, danger=True)


DONE_WORDS = {
    "submit": "已提交审核。",
    "recall": "已撤回提交，可以继续修改。",
    "withdraw": "已撤回申请，此件办结。",
    "undo": "已撤销核准，此件回到待审核；领取码同时作废。",
}
