"""Ways to misspell, alter and forge a claim code, and a careless reader that some of them get past."""

from __future__ import annotations

import base64
import random as stdlib_random
from collections.abc import Callable

import cbor2

from core.claims.code import decode, mint, signing_input, verify_signature
from core.errors import UserError
from core.keys.signer import verify
from tests.core.claims.samples import CODE, ISSUER, OTHER, SIGNER, TEXT, code

GROUP = 2**252 + 27742317777372353535851937790883648493
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
RECORDS = {SIGNER.kid: ("Ed25519", SIGNER.public_bytes())}

Random = stdlib_random.Random
Mutation = Callable[[Random], str]


def raw_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


RAW = raw_of(TEXT)
PROTECTED, _, PAYLOAD, SIGNATURE = cbor2.loads(RAW)


def accepted(text: str) -> bool:
    """The hub's first three checks."""
    try:
        decoded = decode(text)
    except UserError:
        return False
    record = RECORDS.get(decoded.kid)
    return record is not None and verify_signature(decoded, *record, ISSUER)


def carelessly_accepted(text: str) -> bool:
    """The known-bad control: the same signature check behind a reader without the canonical check."""
    try:
        protected, _, payload, signature = cbor2.loads(base64.urlsafe_b64decode(text + "==="))
        header = cbor2.loads(protected)
        cbor2.loads(payload)
        record = RECORDS.get(header[4].hex())
        data = signing_input(protected, payload, ISSUER)
        return record is not None and verify(*record, signature, data)
    except Exception:
        return False


def flip_bits(rng: Random) -> str:
    raw = bytearray(RAW)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    return text_of(bytes(raw))


def change_characters(rng: Random) -> str:
    place = rng.randrange(len(TEXT))
    return TEXT[:place] + rng.choice(ALPHABET) + TEXT[place + 1 :]


def insert_foreign(rng: Random) -> str:
    place = rng.randrange(len(TEXT) + 1)
    return TEXT[:place] + rng.choice("= \n\t.+/%~é零\0") * rng.randint(1, 4) + TEXT[place:]


def cut_or_grow(rng: Random) -> str:
    if rng.random() < 0.5:
        return text_of(RAW[: rng.randrange(len(RAW))])
    return text_of(RAW + rng.randbytes(rng.randint(1, 12)))


def cut_or_grow_text(rng: Random) -> str:
    if rng.random() < 0.5:
        return TEXT[: rng.randrange(len(TEXT))]
    return TEXT + "".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, 6)))


def splice(rng: Random) -> str:
    a, b = sorted(rng.randrange(len(RAW)) for _ in range(2))
    return text_of(RAW[:a] + rng.randbytes(b - a) + RAW[b:])


def head(major: int, value: int, width: int) -> bytes:
    """A CBOR head in a longer form than needed."""
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[width]]) + value.to_bytes(width, "big")


def long_form(rng: Random) -> str:
    width = rng.choice((1, 2, 4, 8))
    parts = [
        cbor2.dumps(PROTECTED) if rng.random() < 0.5 else head(2, len(PROTECTED), width) + PROTECTED,
        b"\xa0" if rng.random() < 0.5 else head(5, 0, width),
        b"\x58" + bytes([len(PAYLOAD)]) + PAYLOAD,
        cbor2.dumps(SIGNATURE) if rng.random() < 0.5 else head(2, 64, rng.choice((2, 4, 8))) + SIGNATURE,
    ]
    opening = b"\x84" if rng.random() < 0.5 else head(4, 4, width)
    return text_of(opening + b"".join(parts))


def indefinite(rng: Random) -> str:
    pieces = [cbor2.dumps(PROTECTED), b"\xa0", cbor2.dumps(PAYLOAD), cbor2.dumps(SIGNATURE)]
    place = rng.choice((0, 2, 3))
    whole = (PROTECTED, b"", PAYLOAD, SIGNATURE)[place]
    cut = rng.randrange(1, len(whole))
    pieces[place] = b"\x5f" + cbor2.dumps(whole[:cut]) + cbor2.dumps(whole[cut:]) + b"\xff"
    if rng.random() < 0.5:
        return text_of(b"\x9f" + b"".join(pieces) + b"\xff")
    return text_of(b"\x84" + b"".join(pieces))


def wrap_in_tag(rng: Random) -> str:
    return text_of(cbor2.dumps(cbor2.CBORTag(rng.choice((18, 61, 24, 55799)), cbor2.loads(RAW))))


def fill_unprotected(rng: Random) -> str:
    extra = rng.choice(({1: -8}, {4: SIGNER.kid}, {rng.randrange(99): rng.randrange(99)}))
    return text_of(cbor2.dumps([PROTECTED, extra, PAYLOAD, SIGNATURE]))


def resign_payload(payload: bytes, rng: Random) -> str:
    """A payload that the device itself never signs, properly signed: only the spelling is wrong."""
    signature = SIGNER.sign(signing_input(PROTECTED, payload, ISSUER))
    return text_of(cbor2.dumps([PROTECTED, {}, payload, signature]))


def signed_misspelling(rng: Random) -> str:
    choice = rng.randrange(4)
    if choice == 0:
        return resign_payload(PAYLOAD + rng.randbytes(rng.randint(1, 3)), rng)
    if choice == 1:
        twin = b"\xa6" + PAYLOAD[1:] + cbor2.dumps(1) + cbor2.dumps(rng.randrange(100000, 999999))
        return resign_payload(twin, rng)
    claims = list(cbor2.loads(PAYLOAD).items())
    if choice == 2:
        rng.shuffle(claims)
        shuffled = cbor2.dumps(dict(claims))
        return resign_payload(shuffled if shuffled != PAYLOAD else shuffled + b"\0", rng)
    return resign_payload(b"\xa5\x01" + head(0, int(CODE.office), 8) + PAYLOAD[7:], rng)


def alter_content(rng: Random) -> str:
    changed = rng.choice(
        (
            {"office": str(rng.randrange(100000, 999999))},
            {"purpose": rng.choice((2, 3))},
            {"expires_at": CODE.expires_at + rng.randrange(1, 10**6)},
            {"jti": rng.randbytes(12)},
            {"facts": rng.randbytes(16)},
            {"representative_no": rng.randrange(3, 255)},
            {"seq": rng.randrange(4712, 2**32)},
        )
    )
    again = code(**changed)
    payload = cbor2.loads(PAYLOAD) | {1: int(again.office), 4: again.expires_at, 7: again.jti}
    payload[-65537] = [again.unit_tag, again.purpose, again.representative_no, again.facts, 1, again.seq]
    return text_of(cbor2.dumps([PROTECTED, {}, cbor2.dumps(payload), SIGNATURE]))


def swap_key_or_algorithm(rng: Random) -> str:
    if rng.random() < 0.3:
        return mint(code(jti=rng.randbytes(12)), OTHER, ISSUER)
    header = {
        1: rng.choice((-8, -7, -19, 5, 0, None, "EdDSA", -8.0)),
        4: rng.choice((bytes.fromhex(SIGNER.kid), bytes.fromhex(OTHER.kid), rng.randbytes(4))),
    }
    protected = cbor2.dumps(header)
    signer = OTHER if rng.random() < 0.5 or protected == PROTECTED else SIGNER
    signature = signer.sign(signing_input(protected, PAYLOAD, ISSUER))
    return text_of(cbor2.dumps([protected, {}, PAYLOAD, signature]))


def other_audience(rng: Random) -> str:
    issuer = rng.choice((ISSUER + "/", ISSUER + "/x", "http" + ISSUER[5:], ISSUER.upper(), ""))
    return mint(code(jti=rng.randbytes(12)), SIGNER, issuer)


def second_signature(rng: Random) -> str:
    s = int.from_bytes(SIGNATURE[32:], "little") + GROUP * rng.choice((1, 2, 3))
    return text_of(RAW[:-32] + s.to_bytes(32, "little"))


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    change_characters,
    insert_foreign,
    cut_or_grow,
    cut_or_grow_text,
    splice,
    long_form,
    indefinite,
    wrap_in_tag,
    fill_unprotected,
    signed_misspelling,
    alter_content,
    swap_key_or_algorithm,
    other_audience,
    second_signature,
)
