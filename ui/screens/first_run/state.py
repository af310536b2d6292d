"""The answers of the first-run wizard, and what is still wrong with them. No Qt in here."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ui.roles import role_words

SHORTEST_PASSWORD = 8
LONGEST_LOGIN = 20


@dataclass(frozen=True)
class PersonDraft:
    """A person as typed. ``login`` is an account label such as “窗口一”, never a real name."""

    login: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    password: str = ""
    again: str = ""

    def line(self) -> str:
        """Return how a list shows this person."""
        return f"{self.login}（{role_words(self.roles)}）"


@dataclass(frozen=True)
class HubWish:
    """How the office reaches a hub: ``kind`` is embedded, province or later."""

    kind: str = "embedded"
    url: str = ""
    ca_file: str = ""
    single_clerk: bool = False
    plain_http: bool = False

    def problem(self) -> str:
        """Return what is wrong, or empty; whether an http address is this machine's is the core's to say."""
        if self.kind != "province":
            return ""
        scheme, _, host = self.url.strip().lower().partition("://")
        if scheme not in ("http", "https") or not host:
            return "请填写省级平台的地址，以 https:// 开头。"
        if scheme == "http" and not self.plain_http:
            return "http 明文只限本机试用：请改用 https:// 开头的地址；平台就在这台电脑上的，请勾选允许。"
        return ""


def is_plain(url: str) -> bool:
    """Tell whether an address as typed asks for plain http."""
    return url.strip().lower().startswith("http://")


def login_problem(login: str) -> str:
    """Return what is wrong with an account label as typed, or empty."""
    if not login.strip():
        return "请填写账号，例如“窗口一”“审核一”。"
    return f"账号最多 {LONGEST_LOGIN} 个字。" if len(login.strip()) > LONGEST_LOGIN else ""


def person_problem(person: PersonDraft, taken: Sequence[str] = (), *, with_password: bool = True) -> str:
    """Return the first thing wrong with a person as typed, or empty."""
    login = person.login.strip()
    problem = login_problem(login)
    if problem:
        return problem
    if login in taken:
        return "这个账号已经有人使用，请换一个。"
    if not person.name.strip():
        return "请填写姓名。"
    if login == person.name.strip():
        return "账号会明文显示在登录界面，请不要用真实姓名。"
    if not person.roles:
        return "请至少选择一个角色。"
    return password_problem(person.password, person.again) if with_password else ""


def password_problem(password: str, again: str) -> str:
    """Return what is wrong with a new password and its repetition, or empty."""
    if len(unicodedata.normalize("NFKC", password)) < SHORTEST_PASSWORD:
        return f"密码至少 {SHORTEST_PASSWORD} 个字符。"
    if password != again:
        return "两次输入的密码不一致，请重新输入。"
    return ""


@dataclass(frozen=True)
class JoinWish:
    """How a computer joins: the package's file, account, password, and that of the request if another."""

    file: str = ""
    login: str = ""
    password: str = ""
    asked_with: str = ""

    def problem(self) -> str:
        """Return what is missing, or empty."""
        if not self.file:
            return "请选择管理员写出的资料包。"
        if not self.login:
            return "请填写账号。"
        return "" if self.password else "请输入密码。"


def people_problem(people: Sequence[PersonDraft]) -> str:
    """Return why an office cannot be founded with these people, or empty."""
    if not any("admin" in person.roles for person in people):
        return "至少要有一名管理员。"
    return ""


def people_advice(people: Sequence[PersonDraft]) -> str:
    """Return what is unwise but allowed, or empty."""
    clerks = [person for person in people if "clerk" in person.roles]
    reviewers = [person for person in people if "reviewer" in person.roles]
    if not clerks or not reviewers:
        return "还没有受理或审核人员；可以以后在“设置—人员”里添加。"
    if len({person.login for person in (*clerks, *reviewers)}) == 1:
        return "受理和审核是同一人：除非上级批准为单人窗口，本人受理的申请须由另一人审核。"
    return ""
