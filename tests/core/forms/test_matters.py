"""Service matters: the seed is sound, and an authorisation covers what it names and nothing else."""

from __future__ import annotations

import pytest

from core.forms.matters import ALL_MATTERS, covers, is_matter_code, seed_matters


def test_the_seed_is_well_spelt_and_named() -> None:
    matters = seed_matters()
    assert len(matters) == 15 and all(is_matter_code(code) for code in matters)
    assert len({matter.name for matter in matters.values()}) == len(matters)
    assert all(matter.name and matter.department for matter in matters.values())


@pytest.mark.parametrize("text", ["", "A", "tax", "1TAX", "TAX ", "TAX\n", "A" * 17, "税务", ALL_MATTERS])
def test_other_spellings_are_no_codes(text: str) -> None:
    assert not is_matter_code(text)


def test_what_an_authorisation_covers() -> None:
    assert covers(["TAX", "BANK"], "TAX") and covers([ALL_MATTERS], "CUSTOMS")
    assert not covers(["TAX"], "BANK") and not covers([], "TAX") and not covers(["TAX"], ALL_MATTERS)
