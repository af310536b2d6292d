"""Many in one file: each line stands or falls by itself, whole, and every line gets its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.errors import UserError
from core.verbs.outcome import DONE, REFUSED, Outcome

Row = tuple[int, dict[str, Any] | UserError]


def each_line(rows: Iterable[Row], do: Callable[[dict[str, Any]], dict[str, Any]]) -> Outcome:
    """Do every row; return ``{"lines": […], "done", "refused"}``, and for a single row its answer beside.

    What a rule refuses is that line's answer (exit 1 in the end). A fault of the machine ends the verb:
    what was done before stands and is in the record.
    """
    answers: list[dict[str, Any]] = []
    refused = 0
    for number, row in rows:
        try:
            if isinstance(row, UserError):
                raise row
            answers.append({"line": number, **do(row)})
        except UserError as fault:
            refused += 1
            answers.append({"line": number, "fault": fault})
    body: dict[str, Any] = {"lines": answers, "done": len(answers) - refused, "refused": refused}
    if len(answers) == 1:
        body |= {name: value for name, value in answers[0].items() if name != "line"}
    elif refused:
        body["fault"] = UserError("lines_refused", count=refused)
    return Outcome(REFUSED if refused else DONE, body)


def texts(value: Any, what: str) -> dict[str, str]:
    """Return a mapping of texts, or refuse anything else (``UserError('input_malformed')``)."""
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        raise UserError("input_malformed", file=what, why="values")
    return dict(value)


def only(row: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    """Refuse a key that nobody knows: a slip must not be passed over in silence."""
    strange = sorted(set(row) - set(known))
    if strange:
        raise UserError("input_malformed", file=what, why="unknown", key=strange[0][:60])
