"""A verb as data: its words, its arguments, and where the code is that does it.

``app.py --help`` reads only this; the code of a verb is imported once the verb is known.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from core.verbs.outcome import UsageFault


@dataclass(frozen=True)
class Argument:
    """One argument, in the words of ``argparse.add_argument``."""

    flags: tuple[str, ...]
    options: Mapping[str, Any]

    def synopsis(self) -> str:
        """Return how it is written: ``ID``, ``--out DIR``, ``[--reveal]``."""
        name, value = self.flags[0], str(self.options.get("metavar", ""))
        if not name.startswith("-"):
            return value or name
        choices = self.options.get("choices")
        value = "|".join(choices) if choices else value
        shown = f"{name} {value}".strip() + ("…" if self.options.get("nargs") else "")
        return shown if self.options.get("required") else f"[{shown}]"


def arg(*flags: str, **options: Any) -> Argument:
    """Return an argument."""
    return Argument(flags, options)


def path(*flags: str, help: str, **options: Any) -> Argument:
    """Return an argument that names a file or folder."""
    return Argument(flags, {"type": Path, "help": help, **options})


def switch(flag: str, help: str) -> Argument:
    """Return an argument that is given or not."""
    return Argument((flag,), {"action": "store_true", "help": help})


@dataclass(frozen=True)
class Verb:
    """A verb: ``words`` as typed, ``target`` as ``module:function``.

    A verb at the ``desk`` is called with (session, options) after the person was let in; others with
    (options, surroundings).
    """

    words: str
    target: str
    summary: str
    arguments: tuple[Argument, ...] = ()
    desk: bool = True

    def load(self) -> Callable[..., Any]:
        """Import and return the function."""
        module, _, name = self.target.partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found

    def parser(self) -> argparse.ArgumentParser:
        """Return the parser of this verb's arguments."""
        parser = _Parser(prog=f"app.py {self.words}", description=self.summary, allow_abbrev=False)
        for argument in (*self.arguments, *(DESK if self.desk else ())):
            parser.add_argument(*argument.flags, **argument.options)
        return parser

    def synopsis(self) -> str:
        """Return words and arguments in one line, without what every desk verb takes."""
        # The positional ones first: behind an option that takes several values they would be lost.
        ordered = sorted(self.arguments, key=lambda each: each.flags[0].startswith("-"))
        return " ".join([self.words, *(each.synopsis() for each in ordered)])


class _Parser(argparse.ArgumentParser):
    """Raises instead of leaving, so that a usage fault too is one JSON object."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        raise UsageFault("usage", why=message)


DATA = path("--data", help="数据文件夹", required=True, metavar="DIR")
DESK = (
    DATA,
    arg("--as", dest="login", help="办理人的账号", required=True, metavar="NAME"),
    path("--password-file", help="密码所在文件（第一行）", required=True, metavar="FILE"),
)


def find(verbs: Sequence[Verb], typed: Sequence[str]) -> tuple[Verb, list[str]]:
    """Return the verb that was typed and what is left over. Raises ``UsageFault('verb_unknown')``."""
    for verb in sorted(verbs, key=lambda each: -len(each.words)):
        words = verb.words.split()
        if list(typed[: len(words)]) == words:
            return verb, list(typed[len(words) :])
    raise UsageFault("verb_unknown")


def overview(verbs: Sequence[Verb]) -> str:
    """Return what ``--help`` prints."""
    lines = [
        "用法: app.py [--data DIR]        打开窗口",
        "      app.py 动词 …              不开窗口，办一件事",
        "",
    ]
    for verb in verbs:
        lines += [f"  {verb.synopsis()}", f"      {verb.summary}"]
    lines += [
        "",
        "除 office init、hub、demo 外，各动词都要 --data DIR --as NAME --password-file FILE。",
        "标准输出只有一个 JSON 对象。退出码: 0 办成，1 规则不允许，2 用法有误，3 环境故障。",
        "详见 docs/cli.md。",
    ]
    return "\n".join(lines) + "\n"
