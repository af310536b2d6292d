"""Rehearsal (演练): an office full of invented units, so that nobody practises on real ones."""

from core.rehearsal.people import Person
from core.rehearsal.units import RehearsalUnit, case_values, make_units

__all__ = ["Person", "RehearsalUnit", "case_values", "make_units"]
