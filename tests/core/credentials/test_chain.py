"""Roots, leaves and revocation, checked also by a foreign reader (openssl's rules in `cryptography`)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509 as foreign
from cryptography.x509.oid import NameOID

from core.credentials import chain, x509
from core.credentials.jose import Malformed
from tests.core.credentials.samples import (
    ISSUER,
    LEAF,
    NOW,
    PLAY_LEAF,
    PLAY_ROOT,
    RANDOM,
    ROOT,
    ROOT_KEY,
    STRANGER_KEY,
    STRANGER_ROOT,
    X5C,
    seeded,
)


def why(*args, **options) -> str:  # type: ignore[no-untyped-def]
    with pytest.raises(Malformed) as caught:
        chain.check_chain(*args, **options)
    return str(caught.value)


def test_a_leaf_speaks_for_its_issuer() -> None:
    found = chain.check_chain(X5C, [STRANGER_ROOT, ROOT], NOW)
    assert found.issuer == ISSUER and not found.rehearsal
    assert found.jwk == chain.public_jwk_of(LEAF)
    assert why(X5C, [STRANGER_ROOT], NOW) == "chain_root"
    assert why(X5C, [], NOW) == "chain_root"


def test_leaf_and_root_have_the_extensions_that_verifiers_ask_for() -> None:
    leaf, root = foreign.load_pem_x509_certificate(LEAF), foreign.load_pem_x509_certificate(ROOT)
    leaf.verify_directly_issued_by(root)
    usage = leaf.extensions.get_extension_for_class(foreign.KeyUsage)
    assert usage.critical and usage.value.digital_signature and not usage.value.key_cert_sign
    assert not leaf.extensions.get_extension_for_class(foreign.BasicConstraints).value.ca
    constraints = root.extensions.get_extension_for_class(foreign.BasicConstraints)
    assert constraints.critical and constraints.value.ca and constraints.value.path_length == 0
    authority = leaf.extensions.get_extension_for_class(foreign.AuthorityKeyIdentifier).value
    assert authority.key_identifier == (
        root.extensions.get_extension_for_class(foreign.SubjectKeyIdentifier).value.digest
    )
    assert leaf.serial_number.bit_length() > 64 and leaf.version is foreign.Version.v3


def test_rehearsal_is_written_on_every_certificate() -> None:
    for pem in (PLAY_ROOT, PLAY_LEAF):
        certificate = foreign.load_pem_x509_certificate(pem)
        assert x509.is_rehearsal(certificate)
        for name in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            assert str(certificate.subject.get_attributes_for_oid(name)[0].value).startswith("演练")
    for pem in (ROOT, LEAF):
        assert not x509.is_rehearsal(foreign.load_pem_x509_certificate(pem))
        assert "演练" not in foreign.load_pem_x509_certificate(pem).subject.rfc4514_string()


def test_times_of_leaf_and_root() -> None:
    short = x509.make_leaf(ROOT_KEY, ROOT, "短", ISSUER, 1, NOW, RANDOM)[1]
    assert chain.check_chain(x509.x5c(short), [ROOT], NOW + timedelta(hours=24))
    assert why(x509.x5c(short), [ROOT], NOW + timedelta(hours=25)) == "chain_time"
    assert why(X5C, [ROOT], NOW - timedelta(minutes=6)) == "chain_time"
    long = x509.make_leaf(ROOT_KEY, ROOT, "长", ISSUER, 99999, NOW, RANDOM)[1]
    root_end = foreign.load_pem_x509_certificate(ROOT).not_valid_after_utc
    assert foreign.load_pem_x509_certificate(long).not_valid_after_utc <= root_end


def test_a_leaf_cannot_issue() -> None:
    leaf_key, leaf = x509.make_leaf(ROOT_KEY, ROOT, "中", ISSUER, 30, NOW, RANDOM)
    below = x509.make_leaf(leaf_key, leaf, "下", ISSUER, 10, NOW, RANDOM)[1]
    assert why(x509.x5c(below), [ROOT], NOW) == "chain_root"
    assert why(x509.x5c(below), [leaf], NOW) == "chain_root"


def test_withdrawn_leaves() -> None:
    serial = foreign.load_pem_x509_certificate(LEAF).serial_number
    empty = x509.make_crl(ROOT_KEY, ROOT, [], NOW, 24)
    listed = x509.make_crl(ROOT_KEY, ROOT, [serial], NOW, 24)
    assert chain.check_chain(X5C, [ROOT], NOW, crl=empty)
    assert why(X5C, [ROOT], NOW, crl=listed) == "chain_revoked"
    assert why(X5C, [ROOT], NOW + timedelta(hours=25), crl=empty) == "chain_crl"
    assert why(X5C, [ROOT], NOW, crl=x509.make_crl(STRANGER_KEY, STRANGER_ROOT, [], NOW, 24)) == "chain_crl"
    assert why(X5C, [ROOT], NOW, crl=b"nonsense") == "chain_crl"


def test_keys_come_from_the_randomness_port() -> None:
    one, two = (x509.make_root("根", 1, NOW, False, seeded(s)) for s in ("a", "b"))
    assert one[0] == x509.make_root("根", 1, NOW, False, seeded("a"))[0] != two[0]


def test_a_long_name_is_cut_to_what_x509_allows() -> None:
    assert x509.make_root("很长的名称" * 30, 1, NOW, True, RANDOM)
