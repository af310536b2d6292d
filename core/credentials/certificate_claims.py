"""What the certificate says: its type, the table of its claims, and how one is filled.

The table is the single source: issuing, the hub's metadata, the holder page's labels and
docs/certificate.md follow it (a test compares the document). No ID number and no telephone number
is a claim; of the manager's ID number there is a slow salted digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.credentials.status import StatusReference

VCT: Final = "urn:certdesk:public-institution-legal-person:1"
ROLES: Final = ("representative", "appointed")
TITLE: Final = "事业单位法人电子证书"
REHEARSAL_TITLE: Final = "事业单位法人电子证书（演练，无效）"


@dataclass(frozen=True)
class ClaimSpec:
    """One claim: dotted path, Chinese official term, meaning, source, and what a holder may withhold."""

    path: str
    term: str
    meaning: str
    source: str
    disclosable: bool = True
    mandatory: bool = False


def _unit(name: str, term: str, meaning: str, *, mandatory: bool = False) -> ClaimSpec:
    return ClaimSpec(f"unit.{name}", term, meaning, "domain.md §2.2", True, mandatory)


CLAIMS: Final[tuple[ClaimSpec, ...]] = (
    ClaimSpec("iss", "制发服务地址", "public URL of the issuing hub", "SD-JWT VC", False, True),
    ClaimSpec("iat", "制发时间", "issued at, seconds since 1970 UTC", "RFC 7519", False, True),
    ClaimSpec("nbf", "生效时间", "not before, seconds", "RFC 7519", False, True),
    ClaimSpec(
        "exp", "失效时间", "expires at, seconds; never after the signing leaf", "RFC 7519", False, True
    ),
    ClaimSpec("vct", "证书类型", VCT, "SD-JWT VC", False, True),
    ClaimSpec("cnf", "持证手机密钥", "public key of the phone (jwk)", "RFC 7800", False, True),
    ClaimSpec("status", "状态引用", "status list URI and index", "Token Status List", False, True),
    ClaimSpec("rehearsal", "演练标记", "true on a rehearsal certificate, else absent", "ours", False, False),
    _unit("uscc", "统一社会信用代码", "18 characters, begins with 12", mandatory=True),
    _unit("name", "名称", "the unit's name", mandatory=True),
    _unit("second_name", "第二名称", "second registered name"),
    _unit("third_name", "第三名称", "third registered name"),
    _unit("other_names", "其他名称", "further registered names"),
    _unit("purpose", "宗旨和业务范围", "purpose and scope of business"),
    _unit("address", "住所", "domicile"),
    _unit("funding_source", "经费来源", "source of funds"),
    _unit("starting_capital", "开办资金", "starting capital with its unit, as text"),
    _unit("sponsor", "举办单位", "sponsoring units, separated by ；"),
    _unit("office_name", "登记管理机关", "registration office"),
    _unit("valid_from", "有效期起", "yyyy-mm-dd", mandatory=True),
    _unit("valid_to", "有效期止", "yyyy-mm-dd", mandatory=True),
    ClaimSpec("representative.name", "法定代表人", "legal representative", "domain.md §2.2", True, True),
    ClaimSpec(
        "representative.no",
        "法定代表人任次",
        "which legal representative of the unit",
        "architecture.md 4",
        True,
        True,
    ),
    ClaimSpec(
        "manager.name", "第一管理责任人", "who manages the certificate", "notice, attachment 1", True, True
    ),
    ClaimSpec(
        "manager.role",
        "第一管理责任人身份",
        "representative (法定代表人本人) or appointed (经授权)",
        "notice, attachment 1",
        True,
        True,
    ),
    ClaimSpec(
        "manager.id_digest",
        "第一管理责任人身份证号码摘要",
        "scrypt of the ID number, core.credentials.person_digest",
        "ours",
    ),
)

BY_PATH: Final[Mapping[str, ClaimSpec]] = {spec.path: spec for spec in CLAIMS}


def build_claims(
    unit: Mapping[str, str],
    representative_name: str,
    representative_no: int,
    manager_name: str,
    manager_role: str,
    manager_id_digest: str = "",
) -> dict[str, Any]:
    """Return the nested content of one certificate; every leaf of it is disclosable.

    ``unit`` holds unit_record values in normal form; blank ones are left out, ids that are no claim
    ignored. Raises ``ValueError`` naming the path of a mandatory claim that is blank.
    """
    if manager_role not in ROLES:
        raise ValueError("manager.role")
    names = [spec.path.removeprefix("unit.") for spec in CLAIMS if spec.path.startswith("unit.")]
    claims: dict[str, Any] = {
        "unit": {name: unit[name] for name in names if unit.get(name)},
        "representative": {"name": representative_name, "no": representative_no},
        "manager": {"name": manager_name, "role": manager_role},
    }
    if manager_id_digest:
        claims["manager"]["id_digest"] = manager_id_digest
    for spec in CLAIMS:
        if spec.mandatory and spec.disclosable:
            group, name = spec.path.split(".")
            if not claims[group].get(name):
                raise ValueError(spec.path)
    return claims


def build_always(
    issuer: str,
    issued_at: int,
    not_before: int,
    expires_at: int,
    holder_jwk: Mapping[str, str],
    status: StatusReference,
    rehearsal: bool,
) -> dict[str, Any]:
    """Return the claims that always stay clear. Times in seconds since 1970 UTC."""
    always: dict[str, Any] = {
        "iss": issuer,
        "iat": issued_at,
        "nbf": not_before,
        "exp": expires_at,
        "vct": VCT,
        "cnf": {"jwk": dict(holder_jwk)},
        "status": status.claim(),
    }
    if rehearsal:
        always["rehearsal"] = True
    return always


def configuration(rehearsal: bool) -> dict[str, Any]:
    """Return the certificate's entry of ``credential_configurations_supported``."""
    return configuration_of(VCT, REHEARSAL_TITLE if rehearsal else TITLE, CLAIMS)


def configuration_of(vct: str, title: str, claims: Sequence[ClaimSpec]) -> dict[str, Any]:
    """Return an entry of ``credential_configurations_supported`` (OpenID4VCI 1.0, 12.2.4)."""
    shown = [spec for spec in claims if spec.disclosable]
    return {
        "format": "dc+sd-jwt",
        "vct": vct,
        "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": ["ES256"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
        "credential_metadata": {
            "display": [{"name": title, "locale": "zh-CN"}],
            "claims": [
                {
                    "path": spec.path.split("."),
                    "mandatory": spec.mandatory,
                    "display": [{"name": spec.term, "locale": "zh-CN"}],
                }
                for spec in shown
            ],
        },
    }


def table_markdown() -> str:
    """Return the table of claims as it stands in docs/certificate.md."""
    return table_of(CLAIMS)


def table_of(claims: Sequence[ClaimSpec]) -> str:
    """Return a table of claims in Markdown."""
    rows = [
        "| claim | 名称 | meaning | source | disclosable | mandatory |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for spec in claims:
        flags = ("yes" if spec.disclosable else "no", "yes" if spec.mandatory else "no")
        rows.append(
            f"| `{spec.path}` | {spec.term} | {spec.meaning} | {spec.source} | {flags[0]} | {flags[1]} |"
        )
    return "\n".join(rows) + "\n"
