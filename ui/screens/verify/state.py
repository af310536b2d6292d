"""What the answer says, as pure values: words, sign, what to do, and the fields to compare by eye."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.clock import to_stamp
from core.credentials.certificate_claims import BY_PATH
from core.forms.matters import Matter, matters_text, offered
from ui.messages import reason_words
from ui.record_words import exact_moment

if TYPE_CHECKING:
    from core.services.hub_questions import BasicData
    from core.services.verification import Checked

TITLES = {"valid": "有效", "not valid": "无效", "unknown": "无法确认"}
UNPROVEN = "有效（持证人未证实）"
_TONES = {"valid": "good", "not valid": "bad", "unknown": "warn"}
_ICONS = {"valid": "circle-check", "not valid": "circle-x", "unknown": "help-circle"}
_KINDS = {
    "certificate": "电子证书",
    "delegation": "使用授权",
    "printed": "纸质打印件",
}
_DO = {
    "valid": "请再看下面所列是否与对方所说、所持一致。",
    "not valid": "不要凭它办理。可请对方重新出示，或向登记管理机关核实。",
    "unknown": "现在不能作出判断，不要当作有效。",
}
_COMPARE = "请把下面所列与纸面逐项核对，有一项不同的，纸面就是改过的，不要凭它办理。"
SHOWN = "对方出示的内容（请与本人、本件核对）"
_REGISTERED = "登记的基本信息"
_BASIC_DO = {
    "valid": "本次查询已记入用证清单，持证单位能够看到。",
    "not valid": "这个单位现在没有可用的电子证书，平台不提供登记信息。",
    "unknown": "现在不能作出判断，平台不提供登记信息。",
}
_LABELS = {
    "person.name": "被授权人",
    "role": "授权类别",
    "matters": "授权事项",
    "uscc": "统一社会信用代码",
    "name": "名称",
    "address": "住所",
    "representative": "法定代表人",
    "office_name": "登记管理机关",
    "valid_from": "期限起",
    "valid_to": "期限止",
}
_ROLES = {
    "manager": "其他管理人",
    "user": "使用人",
    "representative": "法定代表人本人",
    "appointed": "经授权",
}


@dataclass(frozen=True)
class AnswerView:
    """One answer as it stands on screen."""

    title: str
    tone: str
    icon: str
    kind: str
    as_of: str
    reasons: tuple[str, ...]
    todo: str
    facts: tuple[tuple[str, str], ...]
    facts_title: str = SHOWN

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return "。".join(part for part in (self.title, *self.reasons, self.as_of, self.todo) if part)


def answer_view(checked: Checked) -> AnswerView:
    """Return what is shown for a verdict."""
    verdict, judgement = checked.verdict, checked.verdict.judgement
    reasons, remedy = _reasons(judgement.reasons)
    do = _DO[judgement.answer]
    if verdict.kind == "printed" and judgement.answer == "valid":
        do = _COMPARE
    unproven = judgement.answer == "valid" and "holder_not_proven" in judgement.reasons
    return AnswerView(
        UNPROVEN if unproven else TITLES[judgement.answer],
        "warn" if unproven else _TONES[judgement.answer],
        _ICONS[judgement.answer],
        _KINDS.get(verdict.kind, ""),
        _as_of(judgement.as_of, checked.online),
        reasons,
        remedy or do,
        facts_of(verdict.shown, checked.matters),
    )


def basic_view(found: BasicData) -> AnswerView:
    """Return what is shown of a unit's basic data."""
    answer = found.judgement.answer
    reasons, remedy = _reasons(found.judgement.reasons)
    return AnswerView(
        TITLES[answer],
        _TONES[answer],
        _ICONS[answer],
        "按信用代码查询的基本信息",
        _as_of(found.judgement.as_of, True),
        reasons,
        remedy or _BASIC_DO[answer],
        facts_of(found.facts, {}),
        _REGISTERED,
    )


def _reasons(codes: Iterable[str]) -> tuple[tuple[str, ...], str]:
    """Return the sentences of reasons, each once, and the first remedy."""
    said = [reason_words(code) for code in codes]
    return tuple(dict.fromkeys(each.text for each in said)), next((s.remedy for s in said if s.remedy), "")


def _as_of(seconds: int | None, online: bool) -> str:
    if seconds is None:
        return "没有可用的核验数据"
    words = exact_moment(to_stamp(datetime.fromtimestamp(seconds, UTC)))
    return f"{'已联网' if online else '未联网'}，状态截至 {words}"


def facts_of(shown: Mapping[str, Any], matters: Mapping[str, Matter]) -> tuple[tuple[str, str], ...]:
    """Return label and text of what was disclosed, in the order of the certificate."""
    labels = {path: spec.term for path, spec in BY_PATH.items()} | _LABELS
    return tuple(
        (words, _text(name, shown[name], matters)) for name, words in labels.items() if name in shown
    )


def _text(name: str, value: Any, matters: Mapping[str, Matter]) -> str:
    if name == "matters" and isinstance(value, list):
        return matters_text([str(code) for code in value], matters)
    if name in ("role", "manager.role"):
        return _ROLES.get(str(value), str(value))
    return str(value)


def matter_choices(matters: Mapping[str, Matter], chosen: str = "") -> tuple[tuple[str, str], ...]:
    """Return code and words of what may be asked about, nothing first.

    One that is ``chosen`` stays, also when it was taken off the list: a question never changes by itself.
    """
    choices = {code: matter.name for code, matter in offered(matters).items()}
    if chosen in matters and chosen not in choices:
        choices[chosen] = f"{matters[chosen].name}（已移出清单）"
    return (("", "不核验事项"), *choices.items())
