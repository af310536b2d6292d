"""The hub port: what the desk needs of a hub, and the answers as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from core.keys.signer import Signer
from core.sync.enrolment import OfficeCertificate


@dataclass(frozen=True)
class ClaimProgress:
    """How far a phone has come with a claim code (B5)."""

    jti: str
    state: str
    tries_left: int
    code: str

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> ClaimProgress:
        """Read one element of a claim-progress answer."""
        return cls(str(data["jti"]), str(data["state"]), int(data["tries_left"]), str(data["code"]))


class Hub(Protocol):
    """A hub, near or far. Both calls raise ``EnvironmentFault`` hub_unreachable / hub_refused."""

    def enrol(self, request: bytes) -> dict[str, Any]:
        """Hand in an enrolment request; return ``{"state", "certificate"?}``."""

    def ask(
        self, path: str, payload: Mapping[str, Any], signer: Signer, certificate: OfficeCertificate
    ) -> dict[str, Any]:
        """Send a signed envelope and return the payload of the hub's signed answer."""
