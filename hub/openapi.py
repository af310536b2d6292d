"""The OpenAPI 3.1 document of the departments' interface, made of the tables that the interface checks by."""

from __future__ import annotations

from typing import Any, Final

from hub.party_profile import BASIC_FIELDS
from hub.shapes import Field, object_schema
from hub.verification_shapes import ANSWERS, REQUESTS, TITLES
from hub.verification_words import REASONS, REFUSALS

VERSION: Final = "1.0.0"
_STATUSES: Final = {
    "400": "请求内容不合接口说明",
    "401": "请求没有签名、签名不符，或时间、地址、摘要不对",
    "403": "部门已停用、已到期，或用途、功能、事项没有登记",
    "409": "请求已经处理过",
    "413": "请求内容太大",
    "415": "请求内容的类型不是 JSON",
    "422": "号码校验不通过，或代号、事项不存在",
    "429": "次数已用完",
    "503": "平台正忙",
}
_ABOUT: Final = (
    "供用证部门依职能查验事业单位法人电子证书。每次请求都要写明登记过的用途、查验事由、业务流水号和经办人；"
    "平台只留一行用证清单，不留证书内容。没有列表接口。结论为 unknown 时不得当作有效。"
)


def document(issuer: str) -> dict[str, Any]:
    """Return the document for the hub at ``issuer``."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "证窗 · 用证部门查验接口", "version": VERSION, "description": _ABOUT},
        "servers": [{"url": f"{issuer}/api/v1"}],
        "security": [{"partySignature": []}],
        "paths": {f"/verify/{name}": {"post": _operation(name)} for name in TITLES},
        "components": {
            "securitySchemes": {"partySignature": _security()},
            "schemas": {
                **{f"{name}_request": object_schema(fields) for name, fields in REQUESTS.items()},
                **{f"{name}_answer": _answer(name) for name in ANSWERS},
                "refusal": _refusal(),
            },
        },
    }


def _operation(name: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": TITLES[name],
        "requestBody": {"required": True, "content": _content(f"{name}_request")},
        "responses": {
            "200": {"description": "结论", "content": _content(f"{name}_answer")},
            **{
                status: {"description": words, "content": _content("refusal")}
                for status, words in _STATUSES.items()
            },
        },
    }


def _content(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _security() -> dict[str, Any]:
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWS",
        "description": (
            "部门私钥（P-256）签名的 JWS：头部 alg=ES256、typ=certdesk-verify+jwt、kid=部门代码；"
            "内容 aud=接口完整地址、iat=秒、jti=不少于十六位的一次性随机编号、"
            "digest=请求内容 SHA-256 的 base64url。"
        ),
    }


def _answer(name: str) -> dict[str, Any]:
    made = object_schema(ANSWERS[name])
    listed = made["properties"]
    if "reasons" in listed:
        for each in ("reasons", "explained"):
            listed[each].pop("minItems")  # a valid answer has none
        listed["reasons"]["description"] = "；".join(f"{code} {words}" for code, words in REASONS.items())
    if "data" in listed:
        texts = {path: {"type": "string", "title": term} for path, term in BASIC_FIELDS.items()}
        listed["data"] |= {"properties": texts, "additionalProperties": False}
    return made


def _refusal() -> dict[str, Any]:
    fields = (
        Field("error", "代码", longest=40, choices=tuple(REFUSALS)),
        Field("message", "说明", "可以直接显示给经办人", longest=400),
        Field("params", "参数", type="object", open=True),
    )
    return object_schema(fields)
