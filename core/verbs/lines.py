"""Many in one file: each line stands or falls by itself, whole, and every line gets its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeVar

from core.errors import UserError
from core.verbs.outcome import DONE, REFUSED, Outcome

Given = TypeVar("Given")
Done = TypeVar("Done")
Row = tuple[int, dict[str, Any] | UserError]


def each_line(rows: Iterable[Row], do: Callable[[dict[str, Any]], dict[str, Any]]) -> Outcome:
    """Do every row; return ``{"lines": […], "done", "refused"}``, and for a single row its answer beside.

    What a rule refuses is that line's answer (exit 1 in the end). A fault of the machine ends the verb:
    what was done before stands and is in the record.
    """
    return _outcome([(number, tried(row, do)) for number, row in rows])


def tried(row: Given | UserError, do: Callable[[Given], Done]) -> Done | UserError:
    """Return what doing a row gives, or what was refused about it, now or when it was read."""
    if isinstance(row, UserError):
        return row
    try:
        return do(row)
    except UserError as fault:
        return fault


def in_groups(
    rows: Iterable[Row], size: int, do: Callable[[list[Row]], list[dict[str, Any] | UserError]]
) -> Outcome:
    """Do rows ``size`` at a time, for what is cheaper done together; otherwise as :func:`each_line`."""
    told: list[tuple[int, dict[str, Any] | UserError]] = []
    waiting = iter(rows)
    while group := list(islice(waiting, size)):
        told += zip([number for number, _ in group], do(group), strict=True)
    return _outcome(told)


def _outcome(told: Iterable[tuple[int, dict[str, Any] | UserError]]) -> Outcome:
    answers: list[dict[str, Any]] = [
        {"line": number, "fault": said} if isinstance(said, UserError) else {"line": number, **said}
        for number, said in told
    ]
    refused = sum("fault" in answer for answer in answers)
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
