"""What a verb answers: one JSON object and an exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import CertDeskError, EnvironmentFault, UserError
from core.forms.spec import Finding

DONE, REFUSED, USAGE, ENVIRONMENT = 0, 1, 2, 3

Explain = Callable[[CertDeskError | Finding], str | None]
"""Makes the Chinese sentence for an error or a finding, or None; handed in: core holds no sentences."""


class UsageFault(UserError):
    """The command line itself is wrong."""


@dataclass(frozen=True)
class Outcome:
    """Exit code (0 done, 1 refused by a rule, 2 usage, 3 environment) and the JSON object of one verb."""

    exit: int
    body: Mapping[str, Any]

    def line(self) -> str:
        """Return the object as it is written to standard output, one line."""
        return json.dumps(self.body, ensure_ascii=False, default=str) + "\n"


def exit_code(error: CertDeskError) -> int:
    """Return the exit code that an expected error stands for."""
    if isinstance(error, UsageFault):
        return USAGE
    return ENVIRONMENT if isinstance(error, EnvironmentFault) else REFUSED


def error_body(error: CertDeskError, explain: Explain) -> dict[str, Any]:
    """Return ``{"error", "params", "message"?}`` for an expected error."""
    body: dict[str, Any] = {"error": error.code, "params": dict(error.params)}
    message = explain(error)
    return body | ({"message": message} if message else {})


def failed(error: CertDeskError, explain: Explain) -> Outcome:
    """Return the outcome of a verb that ended with an expected error."""
    return Outcome(exit_code(error), error_body(error, explain))
