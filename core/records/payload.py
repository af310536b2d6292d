"""What an action's public part may look like inside, beyond its fields' names and types.

The folds read payloads without looking twice. Whatever would make a fold stumble later is refused
here, before it is signed into a record that nobody can mend: one nonsense role accepted once would
close an office for good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Refusal
from core.keys.signer import ED25519
from core.records.people import Role
from core.records.register import PAGE_UNITS
from core.records.states import DROPPED, REDONE

TEXT_LIMIT = 200
_COPIES, _PAGES, _REASONS, _PAPERS = 99, 500, 20, 80
SETTLED_AT_ONCE = 1000
"""How many refused actions one settlement may name."""
_HEX = re.compile("[0-9a-f]*")
_TICKS = frozenset({"original", "copy"})
_DEVICE = ("id", "algorithm", "key", "exchange_key")
_FOUNDER = ("person", "roles", "algorithm", "key")
_ROLES = frozenset(role.value for role in Role)


def check_payload(kind: str, public: Mapping[str, Any]) -> None:
    """Refuse an odd payload of an action whose field names and types already fit.

    Raises ``Refusal('action_malformed')`` with ``why``.
    """
    for value in public.values():
        if isinstance(value, str) and len(value) > TEXT_LIMIT:
            raise _odd("length")
    check = _CHECKS.get(kind)
    if check is not None:
        check(public)


def is_hex(value: Any, size: int) -> bool:
    """Tell whether ``value`` is the lower-case hex of ``size`` bytes."""
    return isinstance(value, str) and len(value) == 2 * size and _HEX.fullmatch(value) is not None


def _odd(why: str) -> Refusal:
    return Refusal("action_malformed", why=why)


def _name(value: Any) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= 64:
        raise _odd("name")


def _key(data: Mapping[str, Any]) -> None:
    if not is_hex(data["key"], 32) or data["algorithm"] != ED25519:
        raise _odd("key")


def _roles(data: Mapping[str, Any]) -> None:
    roles = data["roles"]
    known = isinstance(roles, list) and all(isinstance(role, str) and role in _ROLES for role in roles)
    if not known or not roles or len(set(roles)) != len(roles):
        raise _odd("roles")


def _exactly(data: Mapping[str, Any], names: tuple[str, ...]) -> None:
    if set(data) != set(names):
        raise _odd("fields")


def _device(data: Mapping[str, Any]) -> None:
    _exactly(data, _DEVICE)
    _name(data["id"])
    _key(data)
    if not is_hex(data["exchange_key"], 32):
        raise _odd("key")


def _founded(public: Mapping[str, Any]) -> None:
    _device(public["device"])
    founder = public["founder"]
    _exactly(founder, _FOUNDER)
    _added(founder)


def _added(public: Mapping[str, Any]) -> None:
    _name(public["person"])
    _key(public)
    _roles(public)


def _form_named(form: Mapping[str, Any]) -> None:
    _exactly(form, ("id", "version", "digest"))
    if not isinstance(form["id"], str) or type(form["version"]) is not int:
        raise _odd("form")
    if not is_hex(form["digest"], 32):
        raise _odd("form")


def _form(public: Mapping[str, Any]) -> None:
    _form_named(public["form"])
    if not set(map(type, public["values"].values())) <= {str}:
        raise _odd("values")


def _page(public: Mapping[str, Any]) -> None:
    _form_named(public["form"])
    if not 1 <= public["count"] <= PAGE_UNITS or not is_hex(public["digest"], 32):
        raise _odd("page")


def _papers(public: Mapping[str, Any]) -> None:
    items = public["items"]
    if len(items) > _PAPERS:
        raise _odd("papers")
    for ticks in items.values():
        if not isinstance(ticks, dict) or ticks.keys() != _TICKS:
            raise _odd("papers")
        if type(ticks["original"]) is not bool or type(ticks["copy"]) is not bool:
            raise _odd("papers")


def _count(name: str, most: int) -> Callable[[Mapping[str, Any]], None]:
    def check(public: Mapping[str, Any]) -> None:
        if not 1 <= public[name] <= most:
            raise _odd(name)

    return check


def _reasons(public: Mapping[str, Any]) -> None:
    reasons = public["reasons"]
    if len(reasons) > _REASONS or not all(isinstance(reason, str) for reason in reasons):
        raise _odd("reasons")
    for reason in reasons:
        _name(reason)


def _claim(public: Mapping[str, Any]) -> None:
    if not is_hex(public["jti"], 12) or not 0 < public["issued_at"] < 2**40:
        raise _odd("claim")


def _settled(public: Mapping[str, Any]) -> None:
    refused, redone = public["refused"], public["redone"]
    if not 0 < len(refused) <= SETTLED_AT_ONCE or not all(is_hex(item, 32) for item in refused):
        raise _odd("refused")
    most = len(refused) if public["choice"] == REDONE else 0
    if public["choice"] not in (DROPPED, REDONE) or not len(set(map(str, redone))) == len(redone) <= most:
        raise _odd("choice")
    for item in redone:
        _name(item)
    if len(set(refused)) != len(refused):
        raise _odd("refused")


_DETAILS = 8


def _details(public: Mapping[str, Any]) -> None:
    details = public["details"]
    if len(details) > _DETAILS:
        raise _odd("details")
    for value in details.values():
        _name(value)


def _optional_form(public: Mapping[str, Any]) -> None:
    if public["form"] or public["values"]:
        _form(public)


def _change(public: Mapping[str, Any]) -> None:
    _optional_form(public)
    _details(public)
    _name(public["change"])


def _registered(public: Mapping[str, Any]) -> None:
    _form(public)
    former = public.get("former")
    if former is not None:
        _exactly(former, ("office", "unit"))
        for value in former.values():
            _name(value)


_CHECKS: dict[str, Callable[[Mapping[str, Any]], None]] = {
    "office_founded": _founded,
    "person_added": _added,
    "person_rekeyed": _key,
    "person_roles_set": _roles,
    "device_added": _device,
    "unit_registered": _registered,
    "unit_corrected": _form,
    "representative_changed": _form,
    "unit_changed": _form,
    "unit_renewed": _form,
    "unit_suspended": _details,
    "unit_resumed": _details,
    "unit_handed_over": _details,
    "loss_reported": _details,
    "change_filed": _change,
    "change_returned": _reasons,
    "register_page": _page,
    "case_filed": _form,
    "case_amended": _form,
    "papers_checked": _papers,
    "case_printed": _count("copies", _COPIES),
    "scan_attached": _count("pages", _PAGES),
    "case_returned": _reasons,
    "claim_minted": _claim,
    "refusal_settled": _settled,
}
