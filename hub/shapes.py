"""The shape of a JSON object, declared once: what is refused, and what stands in the OpenAPI document.

A :class:`Field` says what one member holds; :func:`check` refuses everything else by a code and the path of
the member, :func:`schema` writes the same as JSON Schema. ``term`` and ``meaning`` are Chinese: departments'
programmers read them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import UserError

# Nothing that is not seen, turns the direction of writing, or is no character at all.
_HIDDEN = "\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff"
TEXT = f"^[^{_HIDDEN}]*[^\\s{_HIDDEN}][^{_HIDDEN}]*$"
"""At least one character that is seen, and none that hides."""

NAME = "^[a-z0-9][a-z0-9-]{1,39}$"
"""An id that a department or a purpose is known by."""


@dataclass(frozen=True)
class Field:
    """One member of an object.

    ``longest`` counts characters of a text or items of a list; ``least``/``most`` bound a whole number.
    ``fields`` are an object's members, or the one kind of item of a list. ``exactly_one``: an object names
    one of its members. ``open``: an object whose members are not told here.
    """

    name: str
    term: str
    meaning: str = ""
    type: Literal["text", "whole", "truth", "object", "list"] = "text"
    required: bool = True
    longest: int = 0
    least: int = 0
    most: int = 0
    pattern: str = ""
    choices: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    exactly_one: bool = False
    open: bool = False


def check(value: Any, fields: Sequence[Field], where: str = "", *, exactly_one: bool = False) -> None:
    """Refuse an object that has not this shape.

    Raises ``UserError`` with ``field`` = the path: field_type, field_strange, field_missing, field_not_one,
    field_blank, field_too_long, field_wrong, field_range.
    """
    if type(value) is not dict:
        raise UserError("field_type", field=where or "*")
    known = {field.name: field for field in fields}
    if not value.keys() <= known.keys():
        raise UserError("field_strange", field=_path(where, "*"))
    if exactly_one and len(value) != 1:
        raise UserError("field_not_one", field=where, choices=list(known))
    for name, field in known.items():
        if name in value:
            _check_one(value[name], field, _path(where, name))
        elif field.required and not exactly_one:
            raise UserError("field_missing", field=_path(where, name))


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _check_one(value: Any, field: Field, path: str) -> None:
    if field.type == "text":
        _check_text(value, field, path)
    elif field.type == "truth":
        if type(value) is not bool:
            raise UserError("field_type", field=path)
    elif field.type == "whole":
        if type(value) is not int:
            raise UserError("field_type", field=path)
        if not field.least <= value <= field.most:
            raise UserError("field_range", field=path, least=field.least, most=field.most)
    elif field.type == "object":
        if field.open:
            if type(value) is not dict:
                raise UserError("field_type", field=path)
        else:
            check(value, field.fields, path, exactly_one=field.exactly_one)
    else:
        _check_list(value, field, path)


def _check_text(value: Any, field: Field, path: str) -> None:
    if type(value) is not str:
        raise UserError("field_type", field=path)
    if len(value) > field.longest:
        raise UserError("field_too_long", field=path, longest=field.longest)
    if field.choices and value not in field.choices:
        raise UserError("field_wrong", field=path)
    if not value.strip():
        raise UserError("field_blank", field=path)
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise UserError("field_wrong", field=path) from fault
    if re.search(field.pattern or TEXT, value) is None or value.endswith("\n"):
        raise UserError("field_wrong", field=path)


def _check_list(value: Any, field: Field, path: str) -> None:
    if type(value) is not list:
        raise UserError("field_type", field=path)
    if not value:
        raise UserError("field_blank", field=path)
    if len(value) > field.longest:
        raise UserError("field_too_long", field=path, longest=field.longest)
    for at, item in enumerate(value):
        _check_one(item, field.fields[0], f"{path}[{at}]")


def schema(field: Field) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one member."""
    about: dict[str, Any] = {"title": field.term}
    if field.meaning:
        about["description"] = field.meaning
    if field.type == "text":
        about |= {"type": "string", "minLength": 1, "maxLength": field.longest}
        about |= {"enum": list(field.choices)} if field.choices else {"pattern": field.pattern or TEXT}
    elif field.type == "truth":
        about["type"] = "boolean"
    elif field.type == "whole":
        about |= {"type": "integer", "minimum": field.least, "maximum": field.most}
    elif field.type == "list":
        item = schema(field.fields[0])
        about |= {"type": "array", "minItems": 1, "maxItems": field.longest, "items": item}
    elif field.open:
        about["type"] = "object"
    else:
        about |= object_schema(field.fields, exactly_one=field.exactly_one)
    return about


def object_schema(fields: Sequence[Field], *, exactly_one: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of an object with these members."""
    found: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: schema(field) for field in fields},
        "additionalProperties": False,
    }
    if exactly_one:
        found |= {"minProperties": 1, "maxProperties": 1}
    else:
        found["required"] = [field.name for field in fields if field.required]
    return found


def example(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` once they were seen to have this shape: examples in documents cannot go stale."""
    check(dict(values), fields)
    return dict(values)
