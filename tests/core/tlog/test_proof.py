"""A proof's file: read back as written, and worth nothing once any bit of it is another."""

from __future__ import annotations

import base64

import pytest

from core.canonical import canonical
from core.errors import Refusal
from core.keys.signer import SoftwareSigner
from core.tlog.checkpoint import Checkpoint, sign_note
from core.tlog.entry import entry_leaf
from core.tlog.merkle import Tree, inclusion_proof
from core.tlog.proof import HEADER, ReceiptProof, read_proof, verify_proof

HUB = SoftwareSigner.from_seed(b"h" * 32)
KEY = HUB.public_bytes()
MOMENT = "2026-01-01T00:00:00.000Z"
BODY = canonical({"kind": "case_filed", "subject": "一 件"}).decode()
BARE = ReceiptProof(MOMENT, BODY, 0, (), "")


def made(size: int, index: int) -> ReceiptProof:
    leaves = [entry_leaf(MOMENT, f"{at:064x}") for at in range(size)]
    leaves[index] = entry_leaf(MOMENT, BARE.hash)
    tree = Tree(leaves)
    note = sign_note(Checkpoint("hub.example/log/o", size, tree.root()), HUB)
    return ReceiptProof(MOMENT, BODY, index, tuple(inclusion_proof(tree.node, index, size)), note)


@pytest.mark.parametrize(("size", "index"), [(1, 0), (2, 1), (7, 3), (300, 299)])
def test_what_was_written_is_read_and_verified(size: int, index: int) -> None:
    proof = made(size, index)
    assert read_proof(proof.text()) == proof
    found = verify_proof(proof.text(), KEY)
    assert (found.position, found.hash, found.recorded_at) == (index + 1, BARE.hash, MOMENT)
    assert (found.head.size, found.action["subject"]) == (size, "一 件")


def test_the_form_is_that_of_the_standard() -> None:
    """c2sp.org/tlog-proof@v1: header, extra, index, hashes, an empty line, the signed note."""
    proof = made(7, 3)
    lines = proof.text().split("\n")
    assert lines[0] == HEADER and lines[2] == "index 3" and lines[1].startswith("extra ")
    assert [base64.b64decode(line) for line in lines[3:6]] == list(proof.path)
    assert "\n".join(lines[6:]) == "\n" + proof.note


def test_no_other_bit_is_accepted() -> None:
    data = made(7, 3).text().encode()
    verify_proof(data.decode(), KEY)
    for place in range(len(data)):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        with pytest.raises((Refusal, UnicodeDecodeError)):
            verify_proof(bytes(spoilt).decode(), KEY)


def test_another_action_another_place_and_another_tree_are_refused() -> None:
    proof = made(7, 3)
    for wrong in (
        ReceiptProof(MOMENT, BODY.replace("filed", "closed"), 3, proof.path, proof.note),
        ReceiptProof("2020-01-01T00:00:00.000Z", BODY, 3, proof.path, proof.note),
        ReceiptProof(MOMENT, BODY, 2, proof.path, proof.note),
        ReceiptProof(MOMENT, BODY, 3, proof.path[:-1], proof.note),
        ReceiptProof(MOMENT, BODY, 3, proof.path, made(8, 3).note),
    ):
        with pytest.raises(Refusal, match="proof_wrong"):
            verify_proof(wrong.text(), KEY)
    for text in ("", HEADER, proof.text().replace("index 3", "index 03"), proof.text().replace("extra ", "")):
        with pytest.raises(Refusal, match="proof_malformed"):
            verify_proof(text, KEY)
