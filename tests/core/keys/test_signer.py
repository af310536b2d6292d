"""The contract of signers: whatever keeps a key has to behave like this."""

from __future__ import annotations

import hashlib

import pytest

from core.keys.signer import ED25519, Signer, SoftwareSigner, key_id, verify

# Order of the Ed25519 group (RFC 8032, 5.1).
GROUP = 2**252 + 27742317777372353535851937790883648493


def counted(start: int = 1):  # type: ignore[no-untyped-def]
    """A randomness port that never repeats and is the same in every run."""
    state = [start]

    def random(count: int) -> bytes:
        state[0] += 1
        return hashlib.shake_256(state[0].to_bytes(8, "big")).digest(count)

    return random


class SignerContract:
    """Subclass with a ``make`` that returns a fresh signer; every kind of signer must pass."""

    def make(self) -> Signer:
        raise NotImplementedError

    def test_is_a_signer(self) -> None:
        assert isinstance(self.make(), Signer)

    def test_what_it_signs_verifies_under_its_own_name(self) -> None:
        signer = self.make()
        assert verify(signer.algorithm, signer.public_bytes(), signer.sign(b"data"), b"data")

    def test_nothing_else_verifies(self) -> None:
        signer, other = self.make(), self.make()
        signature = signer.sign(b"data")
        public = signer.public_bytes()
        assert not verify(signer.algorithm, public, signature, b"Data")
        assert not verify(signer.algorithm, other.public_bytes(), signature, b"data")
        assert not verify(signer.algorithm, public, signature + b"\0", b"data")
        assert not verify(signer.algorithm, public, signature[:-1], b"data")
        assert not verify(signer.algorithm, public[:-1], signature, b"data")
        for bit in range(0, len(signature) * 8, 37):
            flipped = bytearray(signature)
            flipped[bit // 8] ^= 1 << bit % 8
            assert not verify(signer.algorithm, public, bytes(flipped), b"data")

    def test_key_id_follows_the_public_key(self) -> None:
        signer = self.make()
        assert signer.kid == hashlib.sha256(signer.public_bytes()).hexdigest()[: len(signer.kid)]
        assert signer.kid != self.make().kid

    def test_secrets_stay_out_of_its_text(self) -> None:
        signer = self.make()
        assert repr(signer) == f"{type(signer).__name__}({signer.kid})"


_random = counted()


class TestSoftwareSigner(SignerContract):
    def make(self) -> Signer:
        return SoftwareSigner.generate(_random)


class TestPersonSigner(SignerContract):
    def make(self) -> Signer:
        return SoftwareSigner.generate(_random, kid_size=16)


def test_published_vector() -> None:
    # RFC 8032, 7.1, TEST 2.
    seed = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    signer = SoftwareSigner.from_seed(seed)
    assert signer.public_bytes().hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert signer.sign(b"\x72").hex().startswith("92a009a9f0d4cab8720e820b5f642540")
    assert signer.seed() == seed


def test_key_ids_have_the_length_of_their_bearer() -> None:
    assert len(SoftwareSigner.generate(_random).kid) == 8
    assert len(SoftwareSigner.generate(_random, 16).kid) == 32
    assert key_id(b"x" * 32, 16).startswith(key_id(b"x" * 32))


@pytest.mark.parametrize("algorithm", ["", "none", "ed25519", "EdDSA", "ES256", "HS256"])
def test_the_list_of_algorithms_is_closed(algorithm: str) -> None:
    signer = SoftwareSigner.generate(_random)
    assert not verify(algorithm, signer.public_bytes(), signer.sign(b"data"), b"data")


def test_a_second_spelling_of_a_signature_is_refused() -> None:
    signer = SoftwareSigner.generate(_random)
    signature = signer.sign(b"data")
    twin = int.from_bytes(signature[32:], "little") + GROUP
    assert not verify(ED25519, signer.public_bytes(), signature[:32] + twin.to_bytes(32, "little"), b"data")


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError):
        SoftwareSigner(b"x" * 31)
