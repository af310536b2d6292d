"""What a delegation (授权) says: its type, the table of its claims, and how one is filled.

It says nothing of its own force: it is worth what stands above it. ``authority`` names the status of what
it hangs on, the certificate or a manager's delegation, and is never withheld; valid only while its own
status *and* that one are 0 (claim.md section 7). The table is the single source, as the certificate's is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.credentials.certificate_claims import ClaimSpec, build_always, table_of
from core.credentials.jose import Malformed, number
from core.credentials.status import StatusReference

VCT: Final = "urn:certdesk:delegation:1"
ROLES: Final = ("manager", "user")
TITLE: Final = "事业单位法人电子证书使用授权"
REHEARSAL_TITLE: Final = "事业单位法人电子证书使用授权（演练，无效）"

_CLEAR: Final = (
    ClaimSpec("iss", "制发服务地址", "public URL of the issuing hub", "SD-JWT VC", False, True),
    ClaimSpec("iat", "制发时间", "issued at, seconds since 1970 UTC", "RFC 7519", False, True),
    ClaimSpec("nbf", "生效时间", "begin of the first day in China, seconds", "RFC 7519", False, True),
    ClaimSpec("exp", "失效时间", "end of the last day in China, seconds", "RFC 7519", False, True),
    ClaimSpec("vct", "证书类型", VCT, "SD-JWT VC", False, True),
    ClaimSpec("cnf", "持证手机密钥", "public key of the phone (jwk)", "RFC 7800", False, True),
    ClaimSpec("status", "状态引用", "status list URI and index", "Token Status List", False, True),
    ClaimSpec(
        "authority",
        "上级状态引用",
        "uri and idx of what is above; its no",
        "ours",
        False,
        True,
    ),
    ClaimSpec("rehearsal", "演练标记", "true on a rehearsal delegation, else absent", "ours", False, False),
)

CLAIMS: Final[tuple[ClaimSpec, ...]] = (
    *_CLEAR,
    ClaimSpec("unit.uscc", "统一社会信用代码", "18 characters, begins with 12", "domain.md §2.2", True, True),
    ClaimSpec("unit.name", "单位名称", "the unit's name", "domain.md §2.2", True, True),
    ClaimSpec("person.name", "被授权人", "who was authorised", "domain.md §1.1", True, True),
    ClaimSpec(
        "person.id_digest",
        "被授权人身份证号码摘要",
        "scrypt of the ID number, core.credentials.person_digest",
        "ours",
        True,
        True,
    ),
    ClaimSpec("role", "授权类别", "manager (其他管理人) or user (使用人)", "domain.md §1.1", True, True),
    ClaimSpec("matters", "授权事项", 'codes of service matters, ["*"] for all', "domain.md §1.5", True, True),
    ClaimSpec("valid_from", "授权期限起", "yyyy-mm-dd", "domain.md §1.1", True, True),
    ClaimSpec("valid_to", "授权期限止", "yyyy-mm-dd", "domain.md §1.1", True, True),
)


@dataclass(frozen=True)
class Authority:
    """What a delegation hangs on: that status, and the number of the legal representative it came from."""

    status: StatusReference
    representative_no: int

    def claim(self) -> dict[str, Any]:
        """Return the ``authority`` claim."""
        return {"uri": self.status.uri, "idx": self.status.idx, "no": self.representative_no}

    @classmethod
    def parse(cls, claim: Any) -> Authority:
        """Read an ``authority`` claim. Raises ``Malformed("authority")``."""
        if type(claim) is not dict or set(claim) != {"uri", "idx", "no"}:
            raise Malformed("authority")
        idx, no, uri = number(claim["idx"]), number(claim["no"]), claim["uri"]
        if idx is None or no is None or idx < 0 or no < 1 or not isinstance(uri, str) or not uri:
            raise Malformed("authority")
        return cls(StatusReference(uri, idx), no)


def build_claims(
    unit: Mapping[str, str],
    person: Mapping[str, str],
    role: str,
    matters: tuple[str, ...],
    days: tuple[str, str],
) -> dict[str, Any]:
    """Return the nested content of one delegation; every leaf of it is disclosable.

    ``unit`` holds ``uscc`` and ``name``, ``person`` ``name`` and ``id_digest``. Raises ``ValueError`` naming
    the path of a claim that is blank.
    """
    claims: dict[str, Any] = {
        "unit": {name: unit.get(name, "") for name in ("uscc", "name")},
        "person": {name: person.get(name, "") for name in ("name", "id_digest")},
        "role": role,
        "matters": list(matters),
        "valid_from": days[0],
        "valid_to": days[1],
    }
    for spec in CLAIMS:
        if spec.disclosable:
            group, _, name = spec.path.partition(".")
            if not (claims[group].get(name) if name else claims[group]):
                raise ValueError(spec.path)
    if role not in ROLES:
        raise ValueError("role")
    return claims


def build_delegation_always(
    issuer: str,
    times: tuple[int, int, int],
    holder_jwk: Mapping[str, str],
    status: StatusReference,
    authority: Authority,
    rehearsal: bool,
) -> dict[str, Any]:
    """Return the claims that always stay clear. ``times``: issued, not before, expires, in seconds."""
    always = build_always(issuer, *times, holder_jwk, status, rehearsal)
    return {**always, "vct": VCT, "authority": authority.claim()}


def table_markdown() -> str:
    """Return the table of claims as it stands in docs/certificate.md."""
    return table_of(CLAIMS)
