"""What the hub says about itself to wallets and verifiers; every address hangs below the issuer URL."""

from __future__ import annotations

from typing import Any

from core.claims.offer import CONFIGURATION, DELEGATION, PRE_AUTHORIZED
from core.credentials import delegation_claims
from core.credentials.certificate_claims import configuration, configuration_of
from core.credentials.chain import public_jwk_of
from core.credentials.jose import thumbprint
from hub.setup import Hub

_NAME = "事业单位登记管理机关"
_REHEARSAL = "（演练，无效）"


def credential_issuer(hub: Hub) -> dict[str, Any]:
    """Return ``openid-credential-issuer`` (OpenID4VCI 1.0, 12.2)."""
    name = _NAME + (_REHEARSAL if hub.rehearsal else "")
    title = delegation_claims.REHEARSAL_TITLE if hub.rehearsal else delegation_claims.TITLE
    delegation = configuration_of(delegation_claims.VCT, title, delegation_claims.CLAIMS)
    return {
        "credential_issuer": hub.issuer,
        "credential_endpoint": f"{hub.issuer}/credential",
        "nonce_endpoint": f"{hub.issuer}/nonce",
        "deferred_credential_endpoint": f"{hub.issuer}/deferred",
        "notification_endpoint": f"{hub.issuer}/notification",
        "display": [{"name": name, "locale": "zh-CN"}],
        "credential_configurations_supported": {
            CONFIGURATION: configuration(hub.rehearsal),
            DELEGATION: delegation,
        },
    }


def authorization_server(hub: Hub) -> dict[str, Any]:
    """Return ``oauth-authorization-server`` (RFC 8414); there is no authorization endpoint."""
    return {
        "issuer": hub.issuer,
        "token_endpoint": f"{hub.issuer}/token",
        "grant_types_supported": [PRE_AUTHORIZED],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def jwt_vc_issuer(hub: Hub) -> dict[str, Any]:
    """Return ``jwt-vc-issuer`` (SD-JWT VC): the leaf's key, the same that ``x5c`` names."""
    jwk = public_jwk_of(hub.leaf_pem)
    key = {**jwk, "kid": thumbprint(jwk), "use": "sig", "alg": "ES256"}
    return {"issuer": hub.issuer, "jwks": {"keys": [key]}}
