"""What a rule is told: the action, its personal values, the world it would happen in, and the day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from core.records.model import Action
from core.records.people import OfficeState
from core.records.states import CaseState, CertificateState, ChangeState, ClaimState, UnitState

if TYPE_CHECKING:
    from core.records.rules_register import OpenPage

Values = Mapping[str, str]


class World(Protocol):
    """What the judge may know; the desk's store and the hub's tables both answer it."""

    def office(self) -> OfficeState | None:
        """Return the office the action names."""

    def unit(self, unit_id: str) -> UnitState | None:
        """Return a unit of that office."""

    def unit_with_code(self, uscc: str) -> UnitState | None:
        """Return the unit of that office with this credit code, one handed over only if no other has it."""

    def case(self, case_id: str) -> CaseState | None:
        """Return a case of that office."""

    def open_case_of(self, unit_id: str, form: str) -> str | None:
        """Return the id of the unit's open case for this form, if any."""

    def claim(self, claim_id: str) -> ClaimState | None:
        """Return a claim of that office."""

    def certificate_of(self, case_id: str) -> CertificateState | None:
        """Return the newest certificate issued for a case."""

    def certificates_of_unit(self, unit_id: str) -> tuple[CertificateState, ...]:
        """Return every certificate that was ever issued for a unit, void ones too."""

    def change(self, change_id: str) -> ChangeState | None:
        """Return a life-cycle change of that office."""

    def refused(self, action_hash: str) -> bool:
        """Tell whether an action was refused, as far as is known here, and nobody has settled that yet."""

    def refused_before(self, action: Action) -> tuple[str, ...]:
        """Return the hashes of what this desk did to the subject last, if it was refused and is unsettled.

        Such an action was made in sight of something that does not exist; its version may fit by
        chance, because another desk's action has taken the refused one's place.
        """


@dataclass(frozen=True)
class Hearing:
    """One action before the judge; ``private`` are its personal values in clear, ``as_of`` the day.

    ``page`` are the records of a ``register_page``, which travel beside the action.
    """

    action: Action
    private: Values
    world: World
    office: OfficeState
    as_of: date
    page: OpenPage | None = None

    @property
    def public(self) -> Mapping[str, Any]:
        """The action's public part."""
        return self.action.public


Rule = Callable[[Hearing], None]
"""Lets a hearing pass, or raises the ``Refusal`` that names the rule it breaks."""
