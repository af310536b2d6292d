"""What the sign-in shows, as data."""

from __future__ import annotations

from dataclasses import dataclass

from ui.messages import Message

TRIES_BEFORE_HINT = 3


@dataclass(frozen=True)
class SignInState:
    """``logins`` empty while the program is still being loaded; ``busy`` says what goes on."""

    logins: tuple[str, ...] = ()
    busy: str = "正在准备…"
    problem: Message | None = None
    wrong: int = 0

    @property
    def ready(self) -> bool:
        """Whether a password can be tried."""
        return bool(self.logins) and not self.busy

    def shown_problem(self) -> Message | None:
        """Return the sentence to show; after some wrong passwords it names the way out."""
        if self.problem is None or self.wrong < TRIES_BEFORE_HINT:
            return self.problem
        return Message(
            self.problem.title,
            self.problem.text,
            "请检查大小写和输入法；忘记密码时，请选“用恢复单重设密码”，或请管理员重设。",
        )
