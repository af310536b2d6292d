"""The demo's last step: a phone claims, and everything the certificate says is checked against the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.clock import system_clock
from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import leaves, verify
from core.credentials.status import StatusReference, read_token
from core.errors import UserError
from core.verbs.demo_steps import Steps
from core.verbs.files import read_bytes, read_text
from core.verbs.wallet import Line, claim


@dataclass(frozen=True)
class CheckedClaim:
    """A claimed certificate and the state a verifier found it in (``valid``)."""

    certificate: str
    state: str


def claim_and_check(
    place: Path, root: Path, ca: Path | None, expected: Mapping[str, str], steps: Steps
) -> CheckedClaim:
    """Claim what ``claim mint`` wrote to ``place`` and verify it, its status and its content.

    Raises what the wallet raises, and ``UserError`` certificate_refused / certificate_differs.
    """
    with steps.step("wallet claim"):
        offer, pin = read_text(place / "offer.txt", "offer"), read_text(place / "pin.txt", "pin")
        claimed = claim(offer, pin, ca)
    with steps.step("verify"):
        now, roots = system_clock(), [read_bytes(root, "root")]

        def status(reference: StatusReference) -> int | None:
            text = Line(ca).get(reference.uri).expect(200).data.decode("ascii")
            return read_token(text, reference.uri, roots, now, rehearsal=True).answer(
                reference, int(now.timestamp())
            )

        found = verify(claimed.certificate, roots, now, VCT, status, rehearsal=True)
        said = leaves({name: found.claims[name] for name in ("unit", "representative", "manager")})
        said.pop("manager.id_digest", None)  # salted at issue: nobody could expect its text
        if {name: value for name, value in said.items() if isinstance(value, str)} != dict(expected):
            raise UserError("certificate_differs")
        if found.cnf != {name: claimed.key[name] for name in ("kty", "crv", "x", "y")}:
            raise UserError("certificate_differs")
    return CheckedClaim(claimed.certificate, found.state)
