"""The checklist of papers, as data.

The notice's text and the notes under its forms ask for different papers (domain 0.6). The checklist is
the union of both; every item says where it comes from and whether an original is seen, a stamped copy
is kept, or both. An office may edit it; its items then live in the office's record as plain data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.canonical import Json
from core.errors import UserError
from core.forms.plain_kinds import YES
from core.forms.spec import Condition, Values

_LIMIT = 40
_LENGTH = 200


@dataclass(frozen=True)
class PaperItem:
    """One paper.

    ``original``: the original is shown; ``copy``: a copy with the unit's stamp is kept. ``needed_when``:
    all of these hold (none: always); ``waived_when``: none of these may hold.
    """

    id: str
    label: str
    source: str
    original: bool = True
    copy: bool = False
    required: bool = True
    needed_when: tuple[Condition, ...] = ()
    waived_when: tuple[Condition, ...] = ()

    def needed(self, values: Values) -> bool:
        """Say whether a case with these values has to bring this paper."""
        if not self.required:
            return False
        for condition in self.needed_when:
            if not condition.holds(values):
                return False
        # Written out, because the judge asks this of every paper at every step.
        return not (self.waived_when and any(condition.holds(values) for condition in self.waived_when))


@dataclass(frozen=True)
class MissingPaper:
    """One line of a 一次性告知书: which paper, and whether its original or its copy is missing."""

    item: PaperItem
    original: bool
    copy: bool


_ATTENDS = Condition("attendant", "representative")

_CHECKLISTS: Mapping[str, tuple[PaperItem, ...]] = {
    "attachment-1": (
        PaperItem(
            "application_form",
            "《事业单位法人电子证书申领表》（法定代表人签名、加盖单位公章）",
            "通知正文二（一）；附件1表下备注",
        ),
        PaperItem(
            "certificate_duplicate",
            "《事业单位法人证书》副本原件及复印件（加盖单位公章）",
            "通知正文二（一）；附件1表下备注（原件）",
            copy=True,
            waived_when=(Condition("occasion", "setting_up"),),
        ),
        PaperItem(
            "manager_id",
            "第一管理责任人身份证原件及复印件（加盖单位公章）",
            "通知正文二（一）；附件1表下备注",
            copy=True,
        ),
        PaperItem(
            "representative_id",
            "到场办理的法定代表人身份证原件及复印件（加盖单位公章）",
            "通知正文二（一）",
            copy=True,
            needed_when=(Condition("other_manager", YES), _ATTENDS),
        ),
    ),
    "attachment-3": (
        PaperItem(
            "application_form",
            "《事业单位法人电子证书第一管理责任人变更申请表》（法定代表人签名、加盖单位公章）",
            "通知正文二（三）；附件3表下备注",
        ),
        PaperItem("certificate_duplicate", "《事业单位法人证书》副本原件", "附件3表下备注"),
        PaperItem(
            "manager_id",
            "第一管理责任人身份证原件及复印件（加盖单位公章）",
            "通知正文二（三）；附件3表下备注",
            copy=True,
        ),
        PaperItem(
            "representative_id",
            "到场办理的法定代表人身份证原件及复印件（加盖单位公章）",
            "通知正文二（三）",
            copy=True,
            needed_when=(_ATTENDS,),
        ),
    ),
}


def default_checklist(form_id: str) -> tuple[PaperItem, ...]:
    """Return the notice's own checklist for a form; a form without papers has an empty one."""
    return _CHECKLISTS.get(form_id, ())


def checklist(form_id: str, edited: Sequence[Mapping[str, Any]] | None = None) -> tuple[PaperItem, ...]:
    """Return the office's edited checklist if there is one, else the notice's."""
    return default_checklist(form_id) if edited is None else from_data(edited)


def required_papers(items: Iterable[PaperItem], values: Values) -> tuple[PaperItem, ...]:
    """Return those papers that a case with these values must bring."""
    return tuple(item for item in items if item.needed(values))


def missing_papers(
    items: Iterable[PaperItem], ticks: Mapping[str, Mapping[str, bool]], values: Values
) -> tuple[MissingPaper, ...]:
    """Return what still has to be brought; ``ticks`` is item id -> {"original": …, "copy": …}."""
    lines = (
        MissingPaper(
            item,
            item.original and not ticks.get(item.id, {}).get("original"),
            item.copy and not ticks.get(item.id, {}).get("copy"),
        )
        for item in required_papers(items, values)
    )
    return tuple(line for line in lines if line.original or line.copy)


def to_data(items: Iterable[PaperItem]) -> list[dict[str, Json]]:
    """Return items as plain JSON data, for the office's record and for an editor."""
    return [{**asdict(item), **{name: _pairs(getattr(item, name)) for name in _CONDITIONS}} for item in items]


def from_data(rows: Sequence[Mapping[str, Any]]) -> tuple[PaperItem, ...]:
    """Read what :func:`to_data` wrote. Raises ``UserError("checklist_malformed")``."""
    try:
        items = tuple(_item(row) for row in rows)
    except (KeyError, TypeError, ValueError) as fault:
        raise UserError("checklist_malformed") from fault
    if len({item.id for item in items}) != len(items) or len(items) > _LIMIT:
        raise UserError("checklist_malformed")
    return items


_CONDITIONS = ("needed_when", "waived_when")


def _pairs(conditions: tuple[Condition, ...]) -> list[Json]:
    return [{"field": condition.field, "equals": condition.equals} for condition in conditions]


def _item(row: Mapping[str, Any]) -> PaperItem:
    words = {name: row[name] for name in ("id", "label", "source")}
    ticks = {name: row[name] for name in ("original", "copy", "required")}
    if not all(isinstance(word, str) and len(word) <= _LENGTH for word in words.values()):
        raise ValueError("words")
    if not all(isinstance(tick, bool) for tick in ticks.values()) or not (
        words["id"] and words["label"].strip()
    ):
        raise ValueError("ticks")
    needed, waived = (tuple(_condition(pair) for pair in row.get(name, ())) for name in _CONDITIONS)
    return PaperItem(**words, **ticks, needed_when=needed, waived_when=waived)


def _condition(pair: Mapping[str, Any]) -> Condition:
    if set(pair) != {"field", "equals"} or not all(isinstance(word, str) for word in pair.values()):
        raise ValueError("condition")
    return Condition(pair["field"], pair["equals"])
