"""What the claim page shows and says, as frozen values and pure functions. No Qt, no services."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ui.customer_view import Matrix
from ui.messages import Message

LIFETIME = 600
"""Seconds a code lives (core.records.judge.CLAIM_SECONDS); only the bar needs it."""
GRACE = 120
"""Seconds after its end in which the hub still lets a phone finish (claim.md §6, check 4)."""
TOKEN_SECONDS = 300
"""How long a phone that gave the right PIN may take to fetch its certificate (hub/claims.py)."""


@dataclass(frozen=True)
class CaseFacts:
    """The chosen case: only what the page and the customer need. ``live_until`` is the end (Unix seconds) of
    a code that lives but is not in this window's memory, 0 if there is none."""

    case: str
    case_no: str
    unit: str
    masked_name: str
    appointed: bool
    claimed: bool
    sent: str
    rehearsal: bool
    office: str
    issuer: str
    loopback: bool
    live_jti: str = ""
    live_until: int = 0

    @property
    def holder_title(self) -> str:
        """What the claimant is in this case."""
        return "第一管理责任人" if self.appointed else "法定代表人"

    def obstacle(self) -> str:
        """Return why no code can be made, or empty."""
        if not self.issuer:
            return "本机关还没有在平台登记，不能生成领取码。请到“设置”完成登记。"
        return ""


class Phase(StrEnum):
    """Where a code stands, from the clerk's side."""

    READY = "ready"
    LIVE = "live"
    TAKEN = "taken"
    EXPIRED = "expired"
    LOCKED = "locked"
    VOIDED = "voided"
    REFUSED = "refused"
    ISSUED = "issued"


UNDER_WAY = frozenset({Phase.LIVE, Phase.TAKEN})
"""A phone may still come to its certificate; making a new code cuts it off."""


@dataclass(frozen=True)
class Progress:
    """What the hub last said of a code."""

    state: str = "waiting"
    tries_left: int = 5
    word: str = ""


NOTHING_YET = Progress()

FINAL_WORDS = frozenset(
    {
        "voided",
        "superseded",
        "used",
        "rejected",
        "expired",
        "revoked",
        "forged",
        "malformed",
        "unknown_key",
        "purpose",
        "unit_expired",
        "incomplete",
        "locked",
    }
)
"""Refusals after which the same code cannot lead anywhere."""


def phase(progress: Progress, remaining: int, voided: bool) -> Phase:
    """Judge where a code stands. A phone that got past the PIN may finish after the code's end."""
    if progress.state == "issued":
        return Phase.ISSUED
    if voided:
        return Phase.VOIDED
    if progress.state == "locked":
        return Phase.LOCKED
    if progress.state == "refused" and progress.word in FINAL_WORDS:
        return Phase.REFUSED
    if progress.state == "deferred" or (progress.state == "accepted" and remaining > -TOKEN_SECONDS):
        return Phase.TAKEN
    return Phase.LIVE if remaining > 0 else Phase.EXPIRED


def worth_asking(progress: Progress, remaining: int, voided: bool) -> bool:
    """Tell whether the hub may still have news of a code."""
    now = phase(progress, remaining, voided)
    if now is Phase.EXPIRED:
        return remaining > -GRACE
    return now in UNDER_WAY


def wait_before(progress: Progress, failures: int) -> float:
    """Return the seconds until the hub is asked again: 1, slower while facts travel or the hub is gone."""
    if failures:
        return float(min(30, 2**failures))
    return 3.0 if progress.state == "deferred" else 1.0


def clock(seconds: int) -> str:
    """Return ``mm:ss``, never below zero."""
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes:02d}:{rest:02d}"


def spoken_pin(pin: str) -> str:
    """Return six digits as they are read out: ``042 917``."""
    return f"{pin[:3]} {pin[3:]}" if len(pin) == 6 else pin


def spoken_short(short: str) -> str:
    """Return a typed code in two groups of four."""
    return f"{short[:4]} {short[4:]}" if len(short) == 8 else short


@dataclass(frozen=True)
class Telling:
    """A state in words: headline, what to do, tone."""

    title: str
    text: str
    tone: str = "accent"


_STATES = {
    "waiting": Telling("等待扫码", "请申请人用手机扫描二维码；任何手机浏览器均可。"),
    "scanned": Telling("手机已扫码", "请读出六位领取验证码，由申请人在手机上输入。"),
    "accepted": Telling("验证码正确", "手机正在生成密钥并领取证书，请稍候。"),
    "deferred": Telling(
        "手机正在等候",
        "核准资料还没有到达省级平台。手机会自动等候，送达后发证，不必重新扫码。",
        "warn",
    ),
    "issued": Telling("电子证书已领取", "证书已发到申请人的手机，本码不能再用。", "good"),
    "locked": Telling("领取码已锁定", "验证码输错五次。请核对申请人身份后重新生成领取码。", "bad"),
}
_REFUSALS = {
    "voided": "这个领取码已作废，请重新生成。",
    "superseded": "同一单位已有更新的领取码，请用新码领取。",
    "used": "这个领取码已用过一次。如证书没有到手机，请重新生成领取码补领。",
    "rejected": "省级平台退回了这件申请的核准，不能发证。请到“受理台账”查看原因。",
    "expired": "手机扫码时领取码已过期，请重新生成。",
    "future": "本机时钟比平台快，平台暂不接受此码。请校准本机时间后重新生成。",
    "revoked": "本设备在平台已被停用，不能发证。请联系管理员。",
    "forged": "平台认为领取码的签名不对。请重新生成；再次出现请联系管理员。",
    "malformed": "手机读到的内容不完整，请让申请人重新扫码，或改用八位短码。",
    "unknown_key": "平台不认识本设备的签名。请在“设置”核对平台登记。",
    "purpose": "领取码的用途与申请不符，请重新生成。",
    "locked": "验证码输错五次，本码已锁定。请核对身份后重新生成。",
    "pin_missing": "手机没有填写验证码，请申请人重新扫码并输入六位数字。",
    "not_arrived": "核准资料还没有到达省级平台，手机可稍后再试。",
    "unit_expired": "该单位的法人证书有效期已过，不能发证。请先办理换领并更正单位登记。",
    "incomplete": "单位登记信息不完整，不能发证。请到“单位登记”补全后重新生成。",
    "busy": "平台正忙，请申请人稍候再扫一次。",
}


def telling(progress: Progress, remaining: int, voided: bool) -> Telling:
    """Return the sentence for where a code stands; every state and refusal has its own."""
    now = phase(progress, remaining, voided)
    if now is Phase.VOIDED:
        return Telling("领取码已作废", "二维码已收回。平台同步后即拒绝此码；如需领取请重新生成。", "bad")
    if now is Phase.EXPIRED:
        if progress.state == "accepted":
            return Telling("手机没有领完", "验证码已通过，但手机没有取走证书。请重新生成领取码。", "bad")
        late = "已扫码的手机两分钟内仍可输完验证码；" if progress.state in ("scanned", "pin_wrong") else ""
        return Telling("领取码已过期", f"二维码已收回。{late}如需领取请重新生成。", "bad")
    if progress.state == "pin_wrong":
        left = progress.tries_left
        return Telling("验证码输错", f"还可以再试 {left} 次。请把六位验证码重新读一遍。", "warn")
    if progress.state == "refused":
        text = _REFUSALS.get(progress.word, "平台没有接受这次领取，请重新生成领取码；再次出现请联系管理员。")
        return Telling("平台没有接受", text, "bad")
    unknown = Telling("进度不明", "平台给出了本版程序不认识的进度，请更新程序；以手机显示为准。", "warn")
    return _STATES.get(progress.state, unknown)


def unreachable(fault: Message, loopback: bool) -> Telling:
    """Return what is true while this window cannot ask the hub."""
    if loopback:
        text = "本机平台没有回应，手机暂时领不到证书；程序会继续连接，领取码仍然有效。"
    else:
        text = (
            "本窗口看不到手机进度。二维码仍可扫：手机自己能连上省级平台即可输入验证码，"
            "核准资料联网送达后发证。"
        )
    return Telling(fault.text.rstrip("。") or "连不上平台", text, "warn")


UNSENT = "核准事实尚未送达省级平台，手机将等待；联网送达后自动发证。"
REJECTED = "这件申请有记录被省级平台退回，手机可能领不到证书。请先到“受理台账”查看原因。"
LOOPBACK = "本机平台只在这台电脑上：请用本机浏览器打开领取页；真实手机须连得上省级平台的 https 地址。"
CLOCK_OFF = "本机时钟与平台相差超过两分钟，领取码已按平台时间生成。请校准本机时间。"


def delivery_note(facts: CaseFacts) -> tuple[str, str]:
    """Return (sentence, tone) about what the hub knows of the case; empty when all is well."""
    if facts.sent == "rejected":
        return REJECTED, "bad"
    return (UNSENT, "warn") if facts.sent == "pending" else ("", "")


STEPS = ("出示二维码", "扫码", "核对验证码", "发证")
_REACHED = {"scanned": 1, "pin_wrong": 1, "locked": 1, "accepted": 2, "deferred": 2, "issued": 3}


def reached(progress: Progress) -> int:
    """Return which of ``STEPS`` the phone has come to."""
    return _REACHED.get(progress.state, 0)


_HEADINGS = {
    "scanned": "请在手机上输入窗口告知的六位验证码",
    "pin_wrong": "验证码不对，请再听一遍后输入",
    "accepted": "正在领取，请不要关闭手机页面",
    "deferred": "已受理，请保持手机页面，稍候自动领取",
}


def customer_heading(progress: Progress) -> str:
    """Return the customer screen's heading; it never says more than what the phone itself shows."""
    return _HEADINGS.get(progress.state, "请用手机扫码领取电子证书")


def phones_note(program: str, phones: str, own_note: str) -> str:
    """Return which phones do: the holder page needs no program, the program may serve only some."""
    words = ["任何手机浏览器均可扫码领取，无需安装程序"]
    if own_note:
        words.append(own_note.replace("\n", " "))
    elif program and phones:
        words.append(f"{program}支持{phones}")
    return "　·　".join(words)


PinMode = Literal["shown", "held", "slip"]
"""How the PIN may show: large; while held; never on this screen (only on a slip)."""


@dataclass(frozen=True)
class CodeState:
    """A minted code as the clerk sees it. ``gone`` is set while the hub does not answer."""

    facts: CaseFacts
    matrix: Matrix
    pin: str
    pin_mode: PinMode
    remaining: int
    progress: Progress = NOTHING_YET
    voided: bool = False
    wallet: bool = False
    short: str = ""
    clock_off: bool = False
    gone: Telling | None = None
    replacement: bool = False

    @property
    def phase(self) -> Phase:
        """Where the code stands."""
        return phase(self.progress, self.remaining, self.voided)
