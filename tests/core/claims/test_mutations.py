"""No mutation of a code is accepted, and the same mutations get past a careless reader."""

from __future__ import annotations

import random

import pytest

from tests.core.claims.mutations import MUTATIONS, accepted, carelessly_accepted
from tests.core.claims.samples import TEXT

QUICK = 20_000
SLOW = 1_000_000


def run(count: int, seed: int) -> tuple[int, int]:
    """Return (mutants tried, mutants accepted); what happens to equal the original is not a mutant."""
    rng = random.Random(seed)
    tried = wrong = 0
    while tried < count:
        mutant = rng.choice(MUTATIONS)(rng)
        if mutant == TEXT:
            continue
        tried += 1
        wrong += accepted(mutant)
    return tried, wrong


def test_the_code_itself_is_accepted() -> None:
    assert accepted(TEXT) and carelessly_accepted(TEXT)


def test_twenty_thousand_mutations_none_accepted() -> None:
    tried, wrong = run(QUICK, seed=20_261_123)
    print(f"claim code mutations: {tried} tried, {wrong} accepted")
    assert wrong == 0


@pytest.mark.slow
def test_a_million_mutations_none_accepted() -> None:
    tried, wrong = run(SLOW, seed=1)
    print(f"claim code mutations: {tried} tried, {wrong} accepted")
    assert (tried, wrong) == (SLOW, 0)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.__name__)
def test_each_kind_of_mutation_is_refused(mutation) -> None:  # type: ignore[no-untyped-def]
    rng = random.Random(7)
    mutants = [mutant for mutant in (mutation(rng) for _ in range(200)) if mutant != TEXT]
    assert len(mutants) > 100
    assert not any(map(accepted, mutants))


def test_known_bad_control_trips() -> None:
    rng = random.Random(7)
    careless = {
        mutation.__name__
        for mutation in MUTATIONS
        if any(carelessly_accepted(m) for m in (mutation(rng) for _ in range(200)) if m != TEXT)
    }
    assert careless >= {
        "insert_foreign",
        "cut_or_grow",
        "long_form",
        "indefinite",
        "fill_unprotected",
        "signed_misspelling",
    }
