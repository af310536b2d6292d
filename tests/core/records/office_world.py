"""An office in memory with people, a unit and a case at any point of its life: for the judge's tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from core.forms.catalogue.attachment_1 import ATTACHMENT_1
from core.forms.divisions import get_office
from core.forms.papers import default_checklist
from core.forms.registry import latest
from core.forms.spec import FormSpec, Grade
from core.keys.signer import SoftwareSigner
from core.records.changes import CHANGES, renewed_period
from core.records.model import Entry
from core.records.states import Lifecycle
from core.rehearsal.units import make_units
from tests.core.records.memory_world import MemoryWorld

OFFICE = "office-1"
ROLES = {
    "admin": ["admin"],
    "clerk": ["clerk"],
    "reviewer": ["reviewer"],
    "auditor": ["auditor"],
    "both": ["clerk", "reviewer"],
}
UNITS = make_units(get_office("460108"), date(2026, 11, 23), 2, 8)
Payload = dict[str, Any]
DETAILS_OF = {
    "suspension": {"reason": "dispute"},
    "resumption": {"reason": "cause_ended"},
    "handover": {"office": "460107", "unit": "unit-elsewhere"},
    "loss": {"identity_checked": "yes"},
}
CLAIMED_AT = 1_795_399_200
"""2026-11-23T02:00:00Z, when the certificate of these tests is issued."""


def key_of(name: str) -> str:
    """Return the public key of somebody in this office."""
    return SoftwareSigner.from_seed(name.encode().ljust(32, b".")).public_bytes().hex()


def person_facts(name: str) -> Payload:
    """Return how an action names a person and their key."""
    return {"person": name, "key": key_of(name), "algorithm": "Ed25519", "roles": ROLES[name]}


def device_facts(name: str = "desk") -> Payload:
    """Return how an action names a desk."""
    return {
        "id": name,
        "algorithm": "Ed25519",
        "key": key_of(name),
        "exchange_key": key_of(name + "-exchange"),
    }


def founding_facts() -> Payload:
    """Return the payload of a founding."""
    return {
        "code": "460108",
        "name": "演练登记管理局",
        "level": "区",
        "parent": "460100",
        "device": device_facts(),
        "founder": person_facts("admin"),
    }


def form_reference(spec: FormSpec) -> Payload:
    """Return how an action names a form."""
    return {"id": spec.id, "version": spec.version, "digest": spec.digest()}


def split(spec: FormSpec, values: Payload) -> tuple[Payload, Payload]:
    """Part values into public and personal ones."""
    personal = {field.id for field in spec.fields() if field.grade is Grade.PERSONAL}
    filled = {name: value for name, value in values.items() if value}
    return (
        {name: value for name, value in filled.items() if name not in personal},
        {name: value for name, value in filled.items() if name in personal},
    )


@dataclass
class OfficeWorld:
    """A world with the shortest ways to make things happen in it. The case is always ``case-1``."""

    world: MemoryWorld
    scans: int = 0
    at: str = "2026-11-23T02:00:00.000Z"

    # --- payloads -----------------------------------------------------------------------------

    def unit_payload(self, index: int = 0) -> tuple[Payload, Payload]:
        """Return (public, private) for registering an invented unit."""
        spec = latest("unit-record")
        public, private = split(spec, dict(UNITS[index].values))
        return {"form": form_reference(spec), "values": public, "representative_no": 1}, private

    def change_payload(self, kind: str, **other: Any) -> tuple[Payload, Payload]:
        """Return (public, private) of a change of unit-1 in sight of it as it is; ``other`` overrides.

        ``values`` among them are laid over the unit's own.
        """
        unit = self.world.unit("unit-1")
        assert unit is not None
        spec, said = CHANGES[kind], {"representative": {"representative_name": "演练新"}}
        said["details"] = {"name": unit.values["name"] + "（更名）"}
        begin, end = renewed_period(unit.values["valid_to"])
        said["renewal"] = {"valid_from": begin, "valid_to": end}
        values = {**unit.values, **said.get(kind, {}), **other.pop("values", {})}
        public, private = split(latest("unit-record"), values) if spec.form else ({}, {})
        facts = {
            "unit": "unit-1",
            "unit_version": unit.version,
            "change": kind,
            "form": form_reference(latest("unit-record")) if spec.form else {},
            "values": public,
            "basis": "演练编办〔2026〕7号" if spec.basis else "",
            "details": DETAILS_OF.get(kind, {}),
        }
        return facts | other, private

    def file_change(self, kind: str, subject: str = "change-1", **other: Any) -> None:
        """File a change of unit-1."""
        public, private = self.change_payload(kind, **other)
        self.world.act("clerk", "change_filed", ("change", subject), public, private, at=self.at)

    def approve_change(self, subject: str = "change-1", person: str = "reviewer") -> None:
        """Approve a change, without its effect."""
        change = self.world.change(subject)
        facts = {"content": change.content if change else "0" * 64}
        self.world.act(person, "change_approved", ("change", subject), facts, at=self.at)

    def effect_payload(self, subject: str = "change-1") -> tuple[str, Payload, Payload]:
        """Return (kind, public, private) of the effect of a change."""
        change = self.world.change(subject)
        unit = self.world.unit("unit-1")
        assert change is not None and unit is not None
        spec = CHANGES[change.change]
        public, private = split(latest("unit-record"), dict(change.values))
        facts: Payload = {"change": subject, "basis": change.basis}
        if spec.form:
            facts |= {"form": form_reference(latest("unit-record")), "values": public}
        if spec.details:
            facts["details"] = dict(change.details)
        if change.change == "representative":
            facts["representative_no"] = unit.representative_no + 1
        if change.change == "manager":
            facts["case"] = ""
        return spec.effect, facts, private if spec.form else {}

    def apply(self, subject: str = "change-1", person: str = "reviewer") -> Entry:
        """Record the effect of an approved change."""
        kind, public, private = self.effect_payload(subject)
        return self.world.act(person, kind, ("unit", "unit-1"), public, private, at=self.at)

    def end_period(self, valid_to: str) -> None:
        """Correct unit-1 so that its period ends on a day."""
        unit = self.world.unit("unit-1")
        assert unit is not None
        public, private = split(latest("unit-record"), {**unit.values, "valid_to": valid_to})
        facts = {"form": form_reference(latest("unit-record")), "values": public}
        facts["representative_no"] = unit.representative_no
        self.world.act("clerk", "unit_corrected", ("unit", "unit-1"), facts, private)

    def change(self, kind: str, subject: str = "change-1", **other: Any) -> Entry:
        """File, approve and apply a change of unit-1."""
        self.file_change(kind, subject, **other)
        self.approve_change(subject)
        return self.apply(subject)

    def case_payload(
        self, index: int = 0, form: str = "attachment-1", **other: str
    ) -> tuple[Payload, Payload]:
        """Return (public, private) of a right application of unit ``index``."""
        spec, unit = latest(form), UNITS[index]
        values = {
            "filled_on": "2026-11-23",
            "unit_name": unit.values["name"],
            "address": unit.values["address"],
            "representative_name": unit.representative.name,
            "representative_id": unit.representative.id_number,
            "representative_mobile": unit.representative.mobile,
            "handset_confirmed": "yes",
            "attendant": "representative",
            "identity_checked": "yes",
        }
        if form == "attachment-1":
            values["occasion"] = "alone"
        else:
            person = UNITS[index + 1].representative
            values |= {
                "office_name": "演练登记管理局",
                "reason": "manager_changed",
                "manager_name": person.name,
                "manager_id": person.id_number,
                "manager_mobile": person.mobile,
            }
        public, private = split(spec, values | other)
        return {"form": form_reference(spec), "values": public}, private

    def scan_payload(self) -> Payload:
        """Return the payload of a signed scan of the present content."""
        self.scans += 1
        content = self.content()
        return {
            "scan": f"scan-{self.scans}",
            "role": "signed_form",
            "media_type": "image/png",
            "pages": 1,
            "content": content,
        }

    def content(self) -> str:
        """Return the present content's hash ("0…" while there is no case)."""
        case = self.world.case("case-1")
        return "0" * 64 if case is None else case.content

    def ticks(self) -> Payload:
        """Return a full checklist."""
        items = default_checklist(ATTACHMENT_1.id)
        return {"items": {item.id: {"original": True, "copy": True} for item in items}}

    def approval_payload(self) -> Payload:
        """Return the payload of an approval of the case as it is."""
        case = self.world.case("case-1")
        scan = case.signed_scan() if case else None
        return {"content": self.content(), "scan": scan.id if scan else "none"}

    def claim_payload(self, **other: Any) -> Payload:
        """Return the payload of a claim code for the case's approval."""
        case = self.world.case("case-1")
        return {
            "case": "case-1",
            "approval": (case.approval if case else None) or "0" * 64,
            "jti": "cd" * 12,
            "purpose": 1,
            "representative_no": 1,
            "issued_at": CLAIMED_AT + 300,
            "expires_at": CLAIMED_AT + 900,
        } | other

    # --- steps --------------------------------------------------------------------------------

    def case_act(self, person: str, kind: str, public: Payload | None = None, **private: str) -> Entry:
        """Act on the case."""
        return self.world.act(person, kind, ("case", "case-1"), public, private)

    def file(self, person: str = "clerk", form: str = "attachment-1", **other: str) -> None:
        """File the case of unit-1, in sight of it as it is."""
        unit = self.world.unit("unit-1")
        public, private = self.case_payload(form=form, **other)
        era = unit.era if unit else ""
        facts = {"unit": "unit-1", "case_no": "2026-TEST-0001", "era": era} | public
        self.world.act(person, "case_filed", ("case", "case-1"), facts, private)

    def make_ready(self, person: str = "clerk") -> None:
        """Print, scan and tick."""
        self.case_act(person, "case_printed", {"content": self.content(), "copies": 1, "layout": "a"})
        self.case_act(person, "scan_attached", self.scan_payload(), sha256="f" * 64)
        self.case_act(person, "papers_checked", self.ticks())

    def submit(self, person: str = "clerk") -> None:
        """Hand in."""
        self.case_act(person, "case_submitted", {"content": self.content()})

    def bring_to(self, lifecycle: Lifecycle, person: str = "clerk") -> None:
        """File the case and take it to a point of its life."""
        self.file(person)
        self.make_ready(person)
        if lifecycle is Lifecycle.FILED:
            return
        if lifecycle is Lifecycle.WITHDRAWN:
            self.case_act(person, "case_withdrawn")
            return
        self.submit(person)
        if lifecycle is Lifecycle.RETURNED:
            self.case_act("reviewer", "case_returned", {"reasons": ["other"]})
        if lifecycle in (Lifecycle.APPROVED, Lifecycle.CLAIMED, Lifecycle.ENDED):
            self.case_act("reviewer", "case_approved", self.approval_payload())
        if lifecycle in (Lifecycle.CLAIMED, Lifecycle.ENDED):
            self.issue()
        if lifecycle is Lifecycle.ENDED:
            self.change("representative", "change-0")

    def issue(self, number: int = 1) -> None:
        """The hub issues a certificate under the case's approval, to representative ``number``."""
        case = self.world.case("case-1")
        assert case is not None
        facts = {
            "case": "case-1",
            "unit": "unit-1",
            "jti": "ab" * 12,
            "approval": case.approval,
            "representative_no": number,
            "issued_at": "2026-11-23T02:00:00.000Z",
            "expires_at": "2027-11-23T02:00:00.000Z",
            "status_index": 1,
        }
        self.world.add(
            self.world.propose("hub", "certificate_issued", ("certificate", "certificate-1"), facts)
        )


def make_world(*, single_clerk: bool = False, unit: bool = True) -> OfficeWorld:
    """Found the office and, unless told otherwise, register ``unit-1``."""
    here = OfficeWorld(MemoryWorld(OFFICE, single_clerk=single_clerk))
    office = ("office", OFFICE)
    here.world.act("admin", "office_founded", office, founding_facts(), {"name": "演管"})
    for name in ("clerk", "reviewer", "auditor", "both"):
        here.world.act("admin", "person_added", office, person_facts(name), {"name": f"演{name}"})
    if unit:
        public, private = here.unit_payload()
        here.world.act("clerk", "unit_registered", ("unit", "unit-1"), public, private)
    return here
