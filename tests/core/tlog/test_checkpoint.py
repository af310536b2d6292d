"""Notes, checkpoints and cosignatures against published examples of the formats."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from core.keys.signer import SoftwareSigner
from core.tlog import checkpoint as notes
from core.tlog.checkpoint import Checkpoint

# The signer and the signed note of the Go project's own tests of the note format.
PETER = SoftwareSigner.from_seed(base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:])
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_NOTE = (
    PETER_TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdn"
    + "gotpRZb6KE6RyyBwJnAM=\n"
)
# A checkpoint as the tlog-cosignature document shows it.
SHOWN = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)
# A public witness's verifier key (type 4): name, key id, key.
REMORA = "BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"

HUB = SoftwareSigner.from_seed(bytes(range(32)))
DESK = SoftwareSigner.from_seed(bytes(range(1, 33)))
HEAD = Checkpoint("hub.example/p/log/office-1", 7, bytes(range(32)))
NAME = notes.witness_name(HEAD.origin, "desk-1")


def test_a_published_note_comes_out_byte_for_byte() -> None:
    assert notes.sign_text(PETER_TEXT, "PeterNeumann", PETER) == PETER_NOTE
    assert notes.verify_text(PETER_NOTE, "PeterNeumann", PETER.public_bytes()) == PETER_TEXT


def test_a_published_checkpoint_is_read() -> None:
    text = SHOWN.partition("\n\n")[0] + "\n"
    found = notes.read_checkpoint(text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.text() == text
    assert notes.claimed_origin(SHOWN) == found.origin


def test_key_ids_are_the_published_ones() -> None:
    assert notes.key_id("PeterNeumann", notes.NOTE_ED25519, PETER.public_bytes()).hex() == "c74f20a3"
    kind, key = base64.b64decode(REMORA)[:1], base64.b64decode(REMORA)[1:]
    assert kind == notes.COSIGNATURE_V1
    assert notes.key_id("remora.n621.de", kind, key).hex() == "da77ade7"


def test_a_checkpoint_says_who_signed_what() -> None:
    note = notes.sign_note(HEAD, HUB)
    assert notes.verify_note(note, HUB.public_bytes()) == HEAD
    assert notes.verify_note(note, HUB.public_bytes(), HEAD.origin) == HEAD
    for key, origin in ((DESK.public_bytes(), None), (HUB.public_bytes(), "hub.example/log/office-2")):
        with pytest.raises(Refusal, match="checkpoint_forged"):
            notes.verify_note(note, key, origin)


def test_a_cosignature_says_when_and_leaves_the_note_valid() -> None:
    note = notes.cosign(notes.sign_note(HEAD, HUB), NAME, DESK, 1_700_000_000)
    assert notes.verify_note(note, HUB.public_bytes()) == HEAD
    assert notes.verify_cosignature(note, NAME, DESK.public_bytes()) == notes.Cosignature(HEAD, 1_700_000_000)
    message = f"cosignature/v1\ntime 1700000000\n{HEAD.text()}".encode()
    blob = base64.b64decode(note.rsplit(" ", 1)[1])
    assert blob[12:] == DESK.sign(message)
    with pytest.raises(Refusal, match="checkpoint_forged"):
        notes.verify_cosignature(note, NAME, HUB.public_bytes())
    with pytest.raises(Refusal, match="checkpoint_forged"):
        notes.verify_cosignature(note, NAME + "x", DESK.public_bytes())


def test_a_cosignature_is_not_the_logs_own_signature() -> None:
    note = (
        f"{HEAD.text()}\n" + notes.cosign(notes.sign_note(HEAD, HUB), NAME, DESK, 5).splitlines()[-1] + "\n"
    )
    with pytest.raises(Refusal, match="checkpoint_forged"):
        notes.verify_note(note, HUB.public_bytes())
    with pytest.raises(Refusal, match="checkpoint_forged"):
        notes.verify_text(note, NAME, DESK.public_bytes())


def test_the_time_of_a_cosignature_cannot_be_moved() -> None:
    note = notes.cosign(notes.sign_note(HEAD, HUB), NAME, DESK, 1_700_000_000)
    head, _, encoded = note.rstrip("\n").rpartition(" ")
    blob = bytearray(base64.b64decode(encoded))
    blob[11] ^= 1
    with pytest.raises(Refusal, match="checkpoint_forged"):
        notes.verify_cosignature(
            f"{head} {base64.b64encode(bytes(blob)).decode()}\n", NAME, DESK.public_bytes()
        )


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_no_flipped_bit_passes(position: int, bit: int) -> None:
    note = notes.sign_note(HEAD, HUB).encode()
    flipped = bytearray(note)
    flipped[position % len(note)] ^= 1 << bit
    try:
        found = notes.verify_note(flipped.decode(), HUB.public_bytes())
    except (Refusal, UnicodeDecodeError):
        return
    # The last bits of base64 padding carry nothing: what was verified is what was signed.
    assert found == HEAD


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        PETER_NOTE[:-1],
        "\x01" + PETER_NOTE,
        PETER_NOTE.replace("— PeterNeumann", "— Peter Neumann"),
        PETER_NOTE.replace("— ", "- "),
        PETER_NOTE + "one line more\n",
        PETER_TEXT + "\n" + PETER_NOTE.splitlines()[-1].join(["", "\n"]) * 33,
        PETER_NOTE + "x" * notes.MAX_NOTE_BYTES,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(Refusal, match="checkpoint_malformed"):
        notes.verify_text(note, "PeterNeumann", PETER.public_bytes())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "\n1\n" + "A" * 43 + "=\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 42 + "==\n",
        "o\n1\n" + "A" * 43 + "=\nextension\n",
        "o\n1\n" + "A" * 42 + "B=\n",
        "o\n1\n" + "A" * 43 + "=",
        "o\n" + "9" * 19 + "\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="checkpoint_malformed"):
        notes.read_checkpoint(text)


@given(st.text(max_size=300))
def test_any_text_is_refused_or_read(text: str) -> None:
    for act in (
        lambda: notes.verify_note(text, HUB.public_bytes()),
        lambda: notes.read_checkpoint(text),
        lambda: notes.verify_cosignature(text, NAME, DESK.public_bytes()),
    ):
        with pytest.raises(Refusal):
            act()


def test_names() -> None:
    assert notes.origin_of("https://hub.example:8443/zs/", "office-1") == "hub.example:8443/zs/log/office-1"
    assert notes.origin_of("https://hub.example", "o") == "hub.example/log/o"
    with pytest.raises(ValueError):
        notes.sign_text("text\n", "a name", HUB)
    with pytest.raises(ValueError):
        notes.sign_text("text", "name", HUB)
