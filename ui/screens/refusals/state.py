"""What 退回事项 shows, as data: lines, both sides, the values beside each other. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.record_words import LIFECYCLE_TONES, LIFECYCLE_WORDS, action_words, moment
from ui.screen import Chip
from ui.screens.refusals.words import (
    PAPER_WORDS,
    by_words,
    drop_words,
    nothing_words,
    reason_words,
    redo_words,
    subtitle_of,
    title_of,
    what_words,
)
from ui.widgets.confirm import Question
from ui.widgets.line_list import Line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.services.conflicts import Deed, Pair, WorkItem

LABELS = {"case": "申请", "unit": "单位", "office": "机关", "claim": "领取码", "register": "名册"}


@dataclass(frozen=True)
class DeedLine:
    """What somebody did, and below it who, when and where."""

    what: str
    by: str


@dataclass(frozen=True)
class PairLine:
    """A value on both sides; ``clear`` ones show while a button is held."""

    label: str
    mine: str
    theirs: str
    mine_clear: str
    theirs_clear: str
    differs: bool

    @property
    def covered(self) -> bool:
        """Whether something is hidden."""
        return (self.mine, self.theirs) != (self.mine_clear, self.theirs_clear)


@dataclass(frozen=True)
class ItemView:
    """The right-hand pane. ``nothing`` stands in the hub's column when it has nothing instead."""

    id: str
    title: str
    subtitle: str
    chips: tuple[Chip, ...]
    reason: str
    mine: tuple[DeedLine, ...]
    theirs: tuple[DeedLine, ...]
    nothing: str
    pairs: tuple[PairLine, ...]
    drop: str
    redo: str
    may_drop: bool
    may_redo: bool

    @property
    def differing(self) -> int:
        """How many values differ."""
        return sum(pair.differs for pair in self.pairs)


def lines(items: Iterable[WorkItem], year: int) -> tuple[Line, ...]:
    """Return the list's rows."""
    return tuple(
        Line(
            item.id,
            title_of(item),
            f"{what_words(item)}　{moment(item.mine[0].at, year)}",
            LABELS.get(item.subject_kind, ""),
        )
        for item in items
    )


def item_view(item: WorkItem, year: int) -> ItemView:
    """Return all that the pane says of an item."""
    chips = [Chip(f"{moment(item.refused_at, year)} 被退", "bad")]
    if item.lifecycle:
        words = LIFECYCLE_WORDS.get(item.lifecycle, "")
        chips.append(Chip(f"现状：{words}", LIFECYCLE_TONES.get(item.lifecycle, "")))
    return ItemView(
        id=item.id,
        title=title_of(item),
        subtitle=subtitle_of(item),
        chips=tuple(chips),
        reason=reason_words(item, year),
        mine=tuple(_deed(deed, year) for deed in item.mine),
        theirs=tuple(_deed(deed, year) for deed in item.standing),
        nothing=nothing_words(item),
        pairs=tuple(_pair(pair, item.pairs) for pair in item.pairs),
        drop=drop_words(item),
        redo=redo_words(item),
        may_drop=item.drop.open,
        may_redo=item.redo.open,
    )


def _deed(deed: Deed, year: int) -> DeedLine:
    return DeedLine(action_words(deed.kind, deed.public), by_words(deed, year))


def _pair(pair: Pair, every: tuple[Pair, ...]) -> PairLine:
    label = pair.label
    if sum(other.label == label for other in every) > 1 and pair.section:
        label = f"{label}（{pair.section}）"
    if pair.kind == "paper":
        mine, theirs = _ticks(pair.mine), _ticks(pair.theirs)
        return PairLine(label, mine, theirs, mine, theirs, pair.differs)
    return PairLine(label, pair.mine, pair.theirs, pair.mine_clear, pair.theirs_clear, pair.differs)


def _ticks(codes: str) -> str:
    return "、".join(PAPER_WORDS.get(code, code) for code in codes.split()) or "未核对"


def drop_question(view: ItemView) -> Question:
    """Return what is asked before the own side is given up."""
    text = "本机的下列操作就此放弃，以省级已记录的为准。放弃的内容仍留在操作记录中备查。"
    if not view.theirs:
        text = "本机的下列操作就此放弃。放弃的内容仍留在操作记录中备查。"
    return Question("保留已记录的", text, "保留已记录的", _touched(view), danger=True)


def again_question(view: ItemView) -> Question:
    """Return what is asked before actions are made again at once."""
    return Question("按本机的重做", view.redo, "按本机的重做", _touched(view))


def _touched(view: ItemView) -> tuple[str, ...]:
    named = "　".join(part for part in (view.title, view.subtitle) if part)
    return (named, *(f"· {deed.what}（{deed.by}）" for deed in view.mine))
