"""The table of claims, what is built from it, and the document that shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.credentials import certificate_claims as table
from core.credentials import delegation_claims
from core.credentials.sdjwt import leaves
from tests.core.credentials.samples import CLAIMS, HOLDER_PUBLIC, ISSUER, STATUS, UNIT

DOCUMENT = Path(__file__).parents[3] / "docs" / "certificate.md"


def test_the_document_shows_the_table_of_the_code() -> None:
    assert table.table_markdown() in DOCUMENT.read_text("utf-8")
    assert table.VCT in DOCUMENT.read_text("utf-8")
    assert delegation_claims.table_markdown() in DOCUMENT.read_text("utf-8")
    assert delegation_claims.VCT in DOCUMENT.read_text("utf-8")


def test_what_is_built_is_in_the_table_and_disclosable() -> None:
    for path in leaves(CLAIMS):
        assert table.BY_PATH[path].disclosable
    assert CLAIMS["unit"]["second_name"] == UNIT["second_name"]
    assert "third_name" not in CLAIMS["unit"] and "state" not in CLAIMS["unit"]


def test_no_number_of_a_person_is_a_claim() -> None:
    words = " ".join(spec.path for spec in table.CLAIMS if spec.path != "manager.id_digest")
    assert not any(
        word in words for word in ("mobile", "phone", "id_number", "representative.id", "manager.id")
    )


def test_clear_claims_are_those_of_the_table() -> None:
    clear = {spec.path for spec in table.CLAIMS if not spec.disclosable}
    made = table.build_always(ISSUER, 1, 2, 3, HOLDER_PUBLIC, STATUS, True)
    assert set(made) == clear and made["rehearsal"] is True
    assert "rehearsal" not in table.build_always(ISSUER, 1, 2, 3, HOLDER_PUBLIC, STATUS, False)


@pytest.mark.parametrize("missing", ["uscc", "name", "valid_from", "valid_to"])
def test_mandatory_claims(missing: str) -> None:
    with pytest.raises(ValueError, match=f"unit.{missing}"):
        table.build_claims({**UNIT, missing: ""}, "甲", 1, "乙", "appointed")


def test_people_are_mandatory_and_roles_closed() -> None:
    for wrong in (("", 1, "乙", "appointed"), ("甲", 0, "乙", "appointed"), ("甲", 1, "", "appointed")):
        with pytest.raises(ValueError):
            table.build_claims(UNIT, *wrong)
    with pytest.raises(ValueError):
        table.build_claims(UNIT, "甲", 1, "乙", "deputy")


def test_wallets_are_told_every_disclosable_claim() -> None:
    made = table.configuration(True)
    paths = {".".join(claim["path"]) for claim in made["credential_metadata"]["claims"]}
    assert paths == {spec.path for spec in table.CLAIMS if spec.disclosable}
    assert "演练" in made["credential_metadata"]["display"][0]["name"]
    assert "演练" not in table.configuration(False)["credential_metadata"]["display"][0]["name"]
