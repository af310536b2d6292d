"""What an approval ends, in words: the same on the page of changes and at the review desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.record_words import FORM_WORDS, LIFECYCLE_WORDS, masked_name

if TYPE_CHECKING:
    from core.records.states import DelegationState
    from core.services.dying import Dying

AFTERWARDS = {
    "lapse": "上列授权不随新证书恢复；新证书领取后，由新的第一管理责任人重新授权。",
    "renew": "新证书领取后，平台按省里的设置向上列人员重新授权，期限不延长；各人须重新领取，此前不能使用。",
    "unheard": "新证书领取后是否向上列人员重新授权，以省级平台的设置为准；各人都须重新领取。",
}
"""What becomes of delegations that ended (``core.services.dying.Dying.afterwards``)."""


@dataclass(frozen=True)
class DyingView:
    """What an approval ends: a headline with its tone, a line (icon, words) for each thing.

    ``after`` says what becomes of the delegations among them.
    """

    headline: str
    tone: str
    lines: tuple[tuple[str, str], ...] = ()
    after: str = ""

    @property
    def details(self) -> tuple[str, ...]:
        """Return all of it as lines of a question."""
        return (*(words for _, words in self.lines), *((self.after,) if self.after else ()))


def dying_view(dying: Dying, *, done: bool = False) -> DyingView:
    """Return exactly what will end, in words; ``done``: the change is decided and ends nothing more."""
    if done:
        return DyingView("这项变更已经办结。", "accent")
    lines = [
        ("certificate", f"电子证书　受理号 {each.case_no}　第一管理责任人 {masked_name(each.manager)}")
        for each in dying.certificates
    ]
    lines += [("users", _delegate_words(each)) for each in dying.delegations]
    lines += [
        ("qrcode", f"未使用的领取码　{moment_of_seconds(each.issued_at)} 生成") for each in dying.claims
    ]
    lines += [
        (
            "clipboard-list",
            f"在办{FORM_WORDS.get(each.form, '申请')}　受理号 {each.case_no}"
            f"　{LIFECYCLE_WORDS.get(each.lifecycle, '')}",
        )
        for each in dying.cases
    ]
    if dying.suspends:
        head = "核准后，下列证书立即暂停使用：" if lines else "这个单位没有有效的证书，暂停后也不能申领。"
        return DyingView(head, "warn", tuple(lines))
    if dying.resumes:
        head = "核准后，下列证书恢复有效：" if lines else "这个单位没有被暂停的证书。"
        return DyingView(head, "good", tuple(lines))
    if not lines:
        return DyingView("没有证书、授权、领取码或在办申请因此失效。", "good")
    after = AFTERWARDS.get(dying.afterwards, "")
    return DyingView("核准后，下列各项立即失效，不能恢复：", "bad", tuple(lines), after)


def _delegate_words(state: DelegationState) -> str:
    role = "其他管理人" if state.role == "manager" else "使用人"
    return f"授权　{role} {masked_name(state.name or '')}　{state.valid_from} 至 {state.valid_to}"


def moment_of_seconds(seconds: int) -> str:
    """Return whole seconds since 1970 as a moment in China, ``11-23 10:42``."""
    from datetime import UTC, datetime

    from core.clock import CHINA

    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).strftime("%m-%d %H:%M")
