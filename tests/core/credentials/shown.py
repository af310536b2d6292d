"""What may be shown to a verifier, made by an invented hub: certificates, delegations, bundles, symbols."""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from typing import Any

from cryptography import x509 as lib_x509

from core.credentials import bundle as bundles
from core.credentials import direct as direct_form
from core.credentials import key_binding, printed, sdjwt, verifier, x509
from core.credentials.base45 import b45
from core.credentials.delegation_claims import VCT as DELEGATION_VCT
from core.credentials.jose import Malformed, unb64u
from core.credentials.person_digest import person_digest
from core.credentials.status import StatusList, StatusReference, make_token
from tests.core.credentials.samples import CLAIMS, HOLDER, ISSUER, LEAF, NOW, ROOT, SIGN, STAMP, X5C, always

URI = f"{ISSUER}/status/1"
OWN, PARENT = StatusReference(URI, 4711), StatusReference(URI, 12)
NUMBER, OTHER_NUMBER = "110101199003070011", "11010119900307002X"
MANAGER = verifier.Person("某乙\U0002a6d6", NUMBER)
USER = verifier.Person("某丙", OTHER_NUMBER)
SALT = bytes(range(16))
DIGESTS = {number: person_digest(number, SALT) for number in (NUMBER, OTHER_NUMBER)}


def certificate(
    claims: dict[str, Any] | None = None, sign: Any = SIGN, x5c: Any = X5C, **changes: Any
) -> str:
    """A certificate whose manager's ID number is in it as a digest."""
    content = claims or {**CLAIMS, "manager": {**CLAIMS["manager"], "id_digest": DIGESTS[NUMBER]}}
    return sdjwt.issue(content, None, always(**changes), sign, x5c)


def delegation(matters: list[str] | None = None, start: str = "2026-11-01", **changes: Any) -> str:
    """A user's authorisation for one matter, hanging on the certificate at ``PARENT``."""
    claims = {
        "unit": {name: CLAIMS["unit"][name] for name in ("uscc", "name")},
        "person": {"name": USER.name, "id_digest": DIGESTS[OTHER_NUMBER]},
        "role": "user",
        "matters": ["BANK"] if matters is None else matters,
        "valid_from": start,
        "valid_to": "2026-12-31",
    }
    authority = {"uri": PARENT.uri, "idx": PARENT.idx, "no": 2}
    clear = always(**{"vct": DELEGATION_VCT, "authority": authority, **changes})
    return sdjwt.issue(claims, None, clear, SIGN, X5C)


def sign_holder(data: bytes) -> bytes:
    """Sign as the phone does."""
    from joserfc.jwk import ECKey

    return x509.es256_signer(ECKey.import_key(dict(HOLDER)).as_pem(private=True))(data)


def present(text: str, keep: int | None = None, age: int = 0, audience: str = f"{ISSUER}/v") -> str:
    """A presentation of the first ``keep`` disclosures, bound ``age`` seconds before ``NOW``."""
    first, *disclosures = text.rstrip("~").split("~")
    shown = "~".join([first, *disclosures[:keep], ""])
    return key_binding.bind(shown, audience, "a nonce of the hub", STAMP - age, sign_holder)


def lay_out(data: bytes, mark_leaf: bytes = b"", leaf: str = X5C[0]) -> bytes:
    """Every run of base64url as bytes, the leaf as its name: what the holder page does."""

    def laid_out(found: re.Match[bytes]) -> bytes:
        try:
            content, mark = unb64u(found.group().decode()), b"\1"
        except Malformed:
            return found.group()
        if not re.search(rb"[\1-\3]", content):
            content, mark = lay_out(content, mark_leaf, leaf), b"\2"
        return mark + len(content).to_bytes(2, "big") + content

    parts = [re.sub(rb"[A-Za-z0-9_-]{20,}", laid_out, part) for part in data.split(leaf.encode())]
    name = mark_leaf or printed.kid_of(lib_x509.load_pem_x509_certificate(LEAF))
    return (b"\3" + len(name).to_bytes(2, "big") + name).join(parts)


def coded(laid_out: bytes) -> str:
    """The code of what was laid out."""
    return direct_form.PREFIX + b45(zlib.compress(laid_out, 9))


def direct(presentation: str, leaf: bytes = b"") -> str:
    """The form for a phone without network; ``leaf``: the name of another than ours."""
    return coded(lay_out(presentation.encode(), leaf))


def symbol(sign: Any = SIGN, leaf: bytes = LEAF, expires: int = STAMP + 86400, **face: str) -> str:
    """The text of a printed symbol."""
    unit = CLAIMS["unit"]
    shown = printed.Face(
        uscc=unit["uscc"],
        name=unit["name"],
        address=unit["address"],
        representative=CLAIMS["representative"]["name"],
        office_name=unit["office_name"],
        valid_from=unit["valid_from"],
        valid_to=unit["valid_to"],
    )
    for name, value in face.items():
        object.__setattr__(shown, name, value)
    made = printed.Printed(shown, STAMP, expires, OWN)
    return printed.sign_printed(made, lib_x509.load_pem_x509_certificate(leaf), sign)


def status_list(states: dict[int, int] | None = None, size: int = 100_000) -> StatusList:
    """A list with these values at these places."""
    values = StatusList(size)
    for place, value in (states or {}).items():
        values.set(place, value)
    return values


def bundle(
    states: dict[int, int] | None = None,
    *,
    at: int = STAMP,
    hours: float = 24,
    uri: str = URI,
    issuer: str = ISSUER,
    sign: Any = SIGN,
    x5c: Any = X5C,
    size: int = 100_000,
) -> str:
    """A bundle of one list."""
    ends = at + int(hours * 3600)
    token = make_token(status_list(states, size), uri, at, ends, 60, sign, x5c)
    return bundles.make_bundle(issuer, at, ends, [token], x5c, sign)


def judge(
    text: str,
    given: str | None = None,
    now: datetime = NOW,
    matter: str | None = None,
    person: verifier.Person | None = None,
    roots: tuple[bytes, ...] = (ROOT,),
    newest_seen: int = 0,
) -> verifier.Verdict:
    """Judge as the desk does."""
    trust = verifier.open_trust(roots, given, now, newest_seen=newest_seen)
    return verifier.judge(text, trust, now, verifier.Asked(matter, person))
