"""The demo's office: three invented people at one desk, and the cases they carry through."""

from __future__ import annotations

import secrets
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from core.clock import china_date
from core.forms.divisions import Office, offices
from core.records.people import Role
from core.rehearsal import RehearsalUnit, case_values, make_units
from core.services.applications import get_case
from core.services.people import NewPerson
from core.services.session import Folder, Session, unlock
from core.verbs import claim_codes, filing, papers, review, syncing, units
from core.verbs import offices as office_verbs
from core.verbs.demo_steps import Steps
from core.verbs.expected import expected_claims, printed
from core.verbs.files import write_private
from core.verbs.outcome import DONE
from core.verbs.signed_paper import sign_and_scan

T = TypeVar("T")

_AREA = "469023"
"""Chengmai: a county registers most of the units of this kind."""
_PEOPLE = (
    ("admin", "演练管理员", frozenset({Role.ADMIN, Role.AUDITOR})),
    ("clerk", "演练受理员", frozenset({Role.CLERK})),
    ("reviewer", "演练审核员", frozenset({Role.REVIEWER})),
)
_PLANE_ONE = 0x10000


@dataclass(frozen=True)
class Member:
    """Somebody who can unlock the demo's desk."""

    login: str
    roles: tuple[Role, ...]
    password_file: Path


@dataclass(frozen=True)
class OnPaper:
    """A case carried to approval, with what stands on its paper and what its certificate must say."""

    form: str
    case: str
    printed: dict[str, list[str]]
    claims: dict[str, str]


def chosen_office() -> Office:
    """Return the office that rehearses."""
    return next((office for office in offices() if office.area_code == _AREA), offices()[0])


def found(out: Path, secrets_dir: Path, issuer: str, ca: Path | None, steps: Steps) -> DemoOffice:
    """Set the office up in ``out/desk``, with random passwords in owner-only files."""
    people, members = [], []
    for login, name, roles in _PEOPLE:
        password = secrets.token_urlsafe(18)
        place = write_private(secrets_dir / f"{login}.txt", password + "\n")
        people.append(NewPerson(login, name, password, roles))
        members.append(Member(login, tuple(sorted(roles)), place))
    office = chosen_office()
    with steps.step("office init") as row:
        plan = office_verbs.Plan(office, office.registrar, people, rehearsal=True)
        answer, _ = office_verbs.set_up(plan, out / "desk")
        row["office"] = answer["office"]
    passwords = {person.login: person.password for person in people}
    return DemoOffice(out, office, str(answer["office"]), tuple(members), passwords, (issuer, ca), steps)


class DemoOffice:
    """The three at their desk: sessions are opened when first needed and closed in the end."""

    def __init__(
        self,
        out: Path,
        office: Office,
        id: str,
        members: tuple[Member, ...],
        passwords: Mapping[str, str],
        hub: tuple[str, Path | None],
        steps: Steps,
    ) -> None:
        self.id = id
        self.members = members
        self._out = out
        self._office = office
        self._passwords = passwords
        self._issuer, self._ca = hub
        self._steps = steps
        self._sessions: dict[str, Session] = {}
        self._units: tuple[RehearsalUnit, ...] = ()
        self._used: set[int] = set()

    def _as(self, login: str) -> Session:
        if login not in self._sessions:
            self._sessions[login] = unlock(Folder(self._out / "desk"), login, self._passwords[login])
        return self._sessions[login]

    def close(self) -> None:
        """Lock the desk."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()

    def _step(self, name: str, do: Callable[[], T], ids: Iterable[str] = ()) -> T:
        with self._steps.step(name) as row:
            answer = do()
            if isinstance(answer, Mapping):
                row |= {key: answer[key] for key in ids if key in answer}
            return answer

    # --- the verbs ----------------------------------------------------------------------------

    def enrol(self) -> dict[str, Any]:
        """``office enrol``."""
        typed = Namespace(url=self._issuer, ca=self._ca, single_clerk=False, http=self._ca is None)
        ask = office_verbs.enrol
        return self._step("office enrol", lambda: ask(self._as("admin"), typed), ("state", "fingerprint"))

    def sync(self) -> None:
        """``sync``; a rejected action ends the demo, because then something of ours is wrong."""
        outcome = self._step("sync", lambda: syncing.sync_once(self._as("clerk"), self._ca))
        if outcome.exit != DONE:
            raise outcome.body["fault"]

    def mint(self, case: str, place: Path) -> dict[str, Any]:
        """``claim mint``."""
        do = claim_codes.mint
        return self._step("claim mint", lambda: do(self._as("clerk"), case, place), ("case", "claim", "jti"))

    def _carry(self, unit: RehearsalUnit, form: str, pdf: Path, unit_id: str = "") -> OnPaper:
        """From the unit to the approval."""
        clerk = self._as("clerk")
        if not unit_id:
            added = self._step("unit add", lambda: units.add_unit(clerk, unit.values), ("unit",))
            unit_id = str(added["unit"])
        values = case_values(unit, form, self._today())
        row = {"form": form, "unit": unit_id, "values": values, "papers": "all"}
        case = str(self._step("case add", lambda: filing.add_case(clerk, row), ("case", "unit"))["case"])
        self._step("case print", lambda: papers.print_case(clerk, case, pdf), ("case", "sha256"))
        scan = sign_and_scan(pdf.read_bytes(), unit.index)
        self._step("case scan", lambda: papers.scan_case(clerk, case, scan), ("case", "scan", "submitted"))
        reviewer = self._as("reviewer")
        self._step("case approve", lambda: review.approve_case(reviewer, case), ("case", "approval"))
        view = get_case(clerk, case)
        return OnPaper(form, case, printed(papers.render(clerk, view)), expected_claims(view))

    # --- the cases ----------------------------------------------------------------------------

    def _today(self) -> date:
        return china_date(self._as("clerk").now())

    def _take(self, fits: Callable[[RehearsalUnit], bool]) -> RehearsalUnit:
        if not self._units:
            self._units = make_units(self._office, self._today())
        unit = next(each for each in self._units if each.index not in self._used and fits(each))
        self._used.add(unit.index)
        return unit

    def forms_on_paper(self) -> tuple[OnPaper, OnPaper]:
        """Carry one application of each form to approval; both appoint somebody with a rare name."""
        first = self._carry(self._take(_rarely_managed), "attachment-1", self._out / "attachment-1.pdf")
        second = self._carry(self._take(_rarely_managed), "attachment-3", self._out / "attachment-3.pdf")
        return first, second

    def held_cases(self, count: int) -> list[str]:
        """Carry ``count`` further applications of different units to approval; return their ids."""
        cases = []
        for number in range(1, count + 1):
            pdf = self._out / f"open-{number:02d}" / "attachment-1.pdf"
            pdf.parent.mkdir(mode=0o700, exist_ok=True)
            cases.append(self._carry(self._take(lambda unit: True), "attachment-1", pdf).case)
        return cases


def _rarely_managed(unit: RehearsalUnit) -> bool:
    return unit.manager is not None and any(ord(character) >= _PLANE_ONE for character in unit.manager.name)
