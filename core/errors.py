"""Errors as codes with parameters; sentences are made at one door, ``ui/messages.py``.

Four kinds, and nothing else, may cross a layer: what a person did wrong or a rule forbids
(``UserError``), what the machine around us refuses (``EnvironmentFault``), a wish to stop
(``Cancelled``). Anything else that escapes is a bug.
"""

from __future__ import annotations

from typing import Any


class CertDeskError(Exception):
    """Base of every expected error: a stable ``code`` and JSON-able ``params``.

    ``params`` hold ids, counts, field ids and file *kinds*; never a person's name or number,
    because they end up in logs.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code


class UserError(CertDeskError):
    """A rule refuses what was asked; shown to the person with the remedy (CLI exit 1)."""


class Refusal(UserError):
    """A record rule refuses an action, at the desk or again at the hub."""


class EnvironmentFault(CertDeskError):
    """Disk, network, printer, clock, damaged file: shown with the remedy (CLI exit 3)."""


class Cancelled(CertDeskError):
    """The person asked to stop; silent."""

    def __init__(self) -> None:
        super().__init__("cancelled")
