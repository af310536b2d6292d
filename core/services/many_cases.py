"""Many applications taken in at once: each filed whole or refused by itself, all in one unit of work.

Every action is judged and signed by itself, as :func:`core.services.recording.record` does; only reading and
writing are done for all together. So a file of applications costs a fifth of what its lines would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.clock import china_date, from_stamp
from core.errors import Refusal
from core.forms.check import normalise
from core.forms.registry import latest
from core.ids import new_id
from core.records.judge import judge
from core.records.model import Entry, Private, SignedAction, salted, sign_action
from core.services.applications import CaseNumbers, Ticks, papers_items
from core.services.recording import build, require_own_key
from core.services.session import Session
from core.services.units import form_reference, split_values
from core.store.new_cases import NewCases
from core.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Filing:
    """One application: the form, the unit's id, values as typed, and the papers that were seen and kept."""

    form: str
    unit: str
    typed: Mapping[str, str]
    papers: Ticks = field(default_factory=dict)


def file_cases(session: Session, filings: Sequence[Filing]) -> list[str | Refusal]:
    """File all of them; return, in their order, each one's case id or why it was refused.

    A refused one leaves nothing behind and does not keep the others from being filed. Raises
    ``EnvironmentFault`` disk_*; then nothing is filed.
    """
    with session.begin() as uow:
        batch = _Batch(session, uow, {filing.unit for filing in filings})
        answers = [batch.file(filing) for filing in filings]
        batch.write()
    return answers


class _Batch:
    """What was judged and signed and waits to be written, at the end of this desk's chain."""

    def __init__(self, session: Session, uow: UnitOfWork, units: set[str]) -> None:
        certificate = session.certificate(uow)
        single = bool(certificate and certificate.single_clerk)
        self._session, self._uow = session, uow
        self._world = NewCases(uow, session.office, single, units)
        require_own_key(session, self._world.office())
        self._last = uow.ledger.last_of_chain(session.device.id, session.device.epoch)
        self._numbers = CaseNumbers(session, uow)
        self._made: list[tuple[SignedAction, Private]] = []

    def file(self, filing: Filing) -> str | Refusal:
        """File one application, with its papers."""
        spec, case_id = latest(filing.form), new_id(self._session.random)
        public, personal = split_values(spec, normalise(spec, filing.typed))
        before = self._last, len(self._made)
        unit = self._world.unit(filing.unit)
        facts = {
            "unit": filing.unit,
            "era": unit.era if unit else "",
            "case_no": self._numbers.next(),
            "form": form_reference(spec),
            "values": public,
        }
        try:
            self._record(case_id, 0, "case_filed", facts, personal)
            if filing.papers:
                self._record(case_id, 1, "papers_checked", {"items": papers_items(filing.papers)}, {})
        except Refusal as refusal:
            self._last = before[0]
            del self._made[before[1] :]
            self._world.drop(case_id)
            self._numbers.back()
            return refusal
        return case_id

    def _record(
        self, case_id: str, version: int, kind: str, public: Mapping[str, Any], personal: Mapping[str, str]
    ) -> None:
        private = salted(personal, self._session.random)
        action = build(self._session, "case", case_id, kind, public, private, version, self._last)
        judge(action, personal, self._world, china_date(from_stamp(action.at)))
        signed = sign_action(action, self._session.signer)
        self._made.append((signed, private))
        self._last = action.seq, signed.hash
        self._world.add(Entry(action, signed.hash, dict(personal)))

    def write(self) -> None:
        """Append everything and list the new cases."""
        self._numbers.keep()
        self._uow.ledger.append_many(self._made)
        self._uow.projection.add_new_cases(self._world.states())
