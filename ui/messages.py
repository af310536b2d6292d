"""The one door between codes and people: every sentence a clerk reads about an error is made here.

Texts from outside (a hub's description, a file's name) are never shown verbatim; parameters are
shortened and stripped of control characters before they enter a sentence.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from core.errors import Cancelled, CertDeskError, EnvironmentFault, Refusal
from ui import faults
from ui.sentences import gather, verifying

LONGEST_PARAMETER = 60
REMEDY_MARK = "｜"


class FindingLike(Protocol):
    """What ``core.forms`` says about one field (``core.forms.spec.Finding``)."""

    @property
    def field(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Message:
    """What a person reads: a short title, what happened, and what to do about it (may be empty)."""

    title: str
    text: str
    remedy: str = ""

    def whole(self) -> str:
        """Return text and remedy as one paragraph."""
        parts = [part.rstrip("。") for part in (self.text, self.remedy) if part]
        return "，".join(parts) + "。"


def sentence(thing: BaseException | FindingLike) -> Message:
    """Return the sentence for an error or a finding.

    An unknown code or an unexpected exception gives a general sentence with the reference under
    which the log holds the details; never the exception's own text.
    """
    if isinstance(thing, CertDeskError):
        if thing.code == "hub_refused":  # the hub says why: that sentence, not that it said something
            told = thing.params.get("told")
            shown = told if isinstance(told, Mapping) else {}
            why = _known(str(thing.params.get("reason", "")), shown, _title(thing))
            if why is not None:
                return why
        return _known(thing.code, thing.params, _title(thing)) or _unexpected(thing)
    if isinstance(thing, BaseException):
        return _unexpected(thing)
    found = _known(thing.code, thing.params, field_label(thing.field))
    return found or Message(field_label(thing.field), "此项未通过检查。", f"（编号 {_clean(thing.code)}）")


def reason_words(code: str) -> Message:
    """Return the sentence for a reason of a verification; a text that was refused has one for all cases."""
    special = verifying.SPECIAL.get(code)
    if special is not None:
        text, _, remedy = special.partition(REMEDY_MARK)
        return Message("核验", text, remedy)
    known = _known(code, {}, "核验") if code in verifying.SENTENCES else None
    return known or Message("核验", verifying.REFUSED)


def known_codes() -> frozenset[str]:
    """Return every code that has a sentence."""
    return frozenset(_sentences())


@lru_cache(maxsize=1)
def _sentences() -> Mapping[str, str]:
    return gather()


def _title(error: CertDeskError) -> str:
    if isinstance(error, Cancelled):
        return "已取消"
    if isinstance(error, EnvironmentFault):
        return "暂时无法完成"
    return "不能这样办理" if isinstance(error, Refusal) else "请核对"


def _unexpected(error: BaseException) -> Message:
    return Message(
        "程序遇到意外情况",
        "这一步没有完成，已填写的内容仍保留。",
        f"请重试；如再次出现，请把编号 {faults.reference(error)} 告诉管理员。",
    )


def _known(code: str, params: Mapping[str, Any], title: str) -> Message | None:
    pattern = _sentences().get(code)
    if pattern is None:
        return None
    text, _, remedy = _FORMAT.vformat(pattern, (), _Shown(params)).partition(REMEDY_MARK)
    return Message(title, text, remedy)


class _Shown(dict[str, str]):
    """Parameters as they may be shown; a missing one shows as an ellipsis."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__({name: _show(name, value) for name, value in params.items()})

    def __missing__(self, name: str) -> str:
        return "…"


class _PlainFormat(string.Formatter):
    """Names only: no attribute or index access out of a sentence."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return kwargs[field_name], field_name


_FORMAT = _PlainFormat()


def _show(name: str, value: Any) -> str:
    if name in ("field", "other_field"):
        return field_label(str(value))
    if isinstance(value, (list, tuple)):
        return "、".join(_clean(str(item)) for item in value[:8])
    return _clean(str(value))


def _clean(text: str) -> str:
    kept = "".join(ch for ch in text if unicodedata.category(ch)[0] != "C")
    return kept if len(kept) <= LONGEST_PARAMETER else kept[: LONGEST_PARAMETER - 1] + "…"


@lru_cache(maxsize=1)
def _labels() -> Mapping[str, str]:
    from core.forms import registry

    forms = [registry.latest(form) for form in ("unit-record", "attachment-3", "attachment-1")]
    return {field.id: field.label for form in forms for field in form.fields()}


def field_label(field: str) -> str:
    """Return the Chinese label of a field id, or the id itself when no form knows it."""
    return _labels().get(field, _clean(field))
