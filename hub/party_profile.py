"""What a relying department (用证部门) is registered for: purposes, fields, matters, budgets, retention.

The profile is a JSON file that an operator hands in (docs/api.md) and the hub signs. Which fields can be
registered at all is decided here: facts of the public register only. A person's number is never given out,
a manager's name neither: they are compared (:mod:`hub.verification`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from core.clock import china_date
from core.credentials.certificate_claims import CLAIMS
from core.credentials.jose import Malformed, b64u, public_jwk, read_json
from core.errors import UserError
from core.forms.matters import ALL_MATTERS
from core.records.uses import FUNCTIONS
from hub.shapes import NAME, Field, check

BASIC_FIELDS: Final[Mapping[str, str]] = {
    spec.path: spec.term
    for spec in CLAIMS
    if spec.path.startswith("unit.") or spec.path == "representative.name"
}
"""Fields that a purpose may be registered for: registered public facts, with their official terms."""

MOST_YEARS: Final = 3
_LIMITS = (
    Field("minute", "每分钟次数上限", type="whole", least=1, most=6_000),
    Field("day", "每日次数上限", type="whole", least=1, most=1_000_000),
)
_PURPOSE = (
    Field("id", "用途代码", "请求中的 purpose；小写字母、数字和连字符", longest=40, pattern=NAME),
    Field("name", "用途名称", "持证单位在持证页面上看到的说法", longest=60),
    Field(
        "functions",
        "准用功能",
        type="list",
        longest=len(FUNCTIONS),
        fields=(Field("", "功能", longest=16, choices=tuple(FUNCTIONS)),),
    ),
    Field(
        "fields",
        "准予返回的字段",
        "只用于基础信息查询",
        type="list",
        required=False,
        longest=len(BASIC_FIELDS),
        fields=(Field("", "字段", longest=40, choices=tuple(BASIC_FIELDS)),),
    ),
    Field(
        "matters",
        "准予核验的事项",
        "事项代码见应用场景清单；* 为全部",
        type="list",
        required=False,
        longest=100,
        fields=(Field("", "事项代码", longest=16, pattern=r"^([A-Z][A-Z0-9]{1,15}|\*)$"),),
    ),
)
PROFILE: Final = (
    Field("id", "部门代码", "请求签名中的 kid；小写字母、数字和连字符", longest=40, pattern=NAME),
    Field("name", "部门名称", longest=60),
    Field("kind", "部门类别", longest=40),
    Field("key", "公钥", "P-256 公钥，JWK；或 PEM 文本", type="object", open=True),
    Field(
        "purposes",
        "用途",
        type="list",
        longest=40,
        fields=(Field("", "用途", type="object", fields=_PURPOSE),),
    ),
    Field(
        "budgets",
        "各功能次数上限",
        type="object",
        fields=tuple(
            Field(name, term, type="object", required=False, fields=_LIMITS)
            for name, term in FUNCTIONS.items()
        ),
    ),
    Field("retention", "不留存承诺", "部门如何处理查验结果，原文公示", longest=1000),
    Field("valid_until", "有效期止", "最后一日，yyyy-mm-dd", longest=10, pattern=r"^\d{4}-\d{2}-\d{2}$"),
)
_SIZE: Final = 256 * 1024


@dataclass(frozen=True)
class Purpose:
    """One registered purpose: what may be asked under it and what comes back."""

    id: str
    name: str
    functions: frozenset[str]
    fields: tuple[str, ...]
    matters: frozenset[str]


@dataclass(frozen=True)
class Budget:
    """How often a function may be asked, in a minute and in a day of China's calendar."""

    minute: int
    day: int


@dataclass(frozen=True)
class Profile:
    """A department as registered. ``key`` is its public P-256 JWK, ``valid_until`` its last day in China."""

    id: str
    name: str
    kind: str
    key: Mapping[str, str]
    purposes: Mapping[str, Purpose]
    budgets: Mapping[str, Budget]
    retention: str
    valid_until: date

    def purpose(self, id: str) -> Purpose | None:
        """Return a registered purpose."""
        return self.purposes.get(id)


REGISTRATION: Final = Purpose(
    "registration", "登记管理核对", frozenset({"basic"}), tuple(BASIC_FIELDS), frozenset()
)
"""For what a registration office may ask about a unit by its credit code, its own or another office's."""
OFFICE_BUDGET: Final = Budget(minute=20, day=500)
_LONGEST_ID: Final = 64


def office_profile(office: str, name: str) -> Profile:
    """Return what every registration office is registered for; no department's id has a colon."""
    return Profile(
        f"office:{office}"[:_LONGEST_ID],
        name,
        "登记管理机关",
        {},
        {REGISTRATION.id: REGISTRATION},
        dict.fromkeys(REGISTRATION.functions, OFFICE_BUDGET),
        "查验结果当场使用，不留存。",
        date.max,
    )


def read_profile(data: bytes, matters: Mapping[str, object], now: datetime) -> dict[str, Any]:
    """Return a handed-in profile in its one form, as it is stored and signed.

    ``matters`` are the codes of the scenario list. Raises ``UserError``: party_file_malformed, the codes
    of :func:`hub.shapes.check`, party_key_wrong, party_key_private, party_repeated, party_matter_unknown,
    party_fields_needless, party_fields_missing, party_matters_missing, party_budget_missing,
    party_period_wrong.
    """
    try:
        if len(data) > _SIZE:
            raise Malformed("size")
        value = read_json(data)
    except Malformed as fault:
        raise UserError("party_file_malformed") from fault
    if type(value) is dict and type(value.get("key")) is str:
        value = {**value, "key": _jwk_of_pem(value["key"])}
    check(value, PROFILE)
    value = {**value, "key": _jwk(value["key"])}
    _check_purposes(value, matters)
    _check_period(value["valid_until"], now)
    return dict(value)


def _jwk(value: Any) -> dict[str, str]:
    try:
        return public_jwk(value)
    except Malformed as fault:
        raise UserError("party_key_private" if str(fault) == "private_key" else "party_key_wrong") from fault


def _jwk_of_pem(text: str) -> dict[str, str]:
    if "PRIVATE" in text:
        raise UserError("party_key_private")
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, TypeError) as fault:
        raise UserError("party_key_wrong") from fault
    if not isinstance(key, EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise UserError("party_key_wrong")
    numbers = key.public_numbers()
    x, y = (b64u(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def _check_purposes(value: Mapping[str, Any], matters: Mapping[str, object]) -> None:
    names = [purpose["id"] for purpose in value["purposes"]]
    if len(set(names)) != len(names):
        raise UserError("party_repeated", field="purposes")
    for at, purpose in enumerate(value["purposes"]):
        where = f"purposes[{at}]"
        for name in ("functions", "fields", "matters"):
            if len(set(purpose.get(name, ()))) != len(purpose.get(name, ())):
                raise UserError("party_repeated", field=f"{where}.{name}")
        asked = purpose["functions"]
        if ("basic" in asked) != bool(purpose.get("fields")):
            code = "party_fields_missing" if "basic" in asked else "party_fields_needless"
            raise UserError(code, field=f"{where}.fields")
        if ("matter" in asked) != bool(purpose.get("matters")):
            raise UserError("party_matters_missing", field=f"{where}.matters")
        for code in purpose.get("matters", ()):
            if code != ALL_MATTERS and code not in matters:
                raise UserError("party_matter_unknown", matter=code)
        for function in asked:
            if function not in value["budgets"]:
                raise UserError("party_budget_missing", field=f"budgets.{function}")


def _check_period(text: str, now: datetime) -> None:
    today = china_date(now)
    try:
        last = date.fromisoformat(text)
    except ValueError as fault:
        raise UserError("party_period_wrong", years=MOST_YEARS) from fault
    if not today <= last or (last - today).days > MOST_YEARS * 366:
        raise UserError("party_period_wrong", years=MOST_YEARS)


def profile_of(value: Mapping[str, Any]) -> Profile:
    """Return a stored profile as the program uses it."""
    purposes = (
        Purpose(
            item["id"],
            item["name"],
            frozenset(item["functions"]),
            tuple(item.get("fields", ())),
            frozenset(item.get("matters", ())),
        )
        for item in value["purposes"]
    )
    return Profile(
        value["id"],
        value["name"],
        value["kind"],
        value["key"],
        {purpose.id: purpose for purpose in purposes},
        {name: Budget(item["minute"], item["day"]) for name, item in value["budgets"].items()},
        value["retention"],
        date.fromisoformat(value["valid_until"]),
    )
