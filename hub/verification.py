"""The four functions of verification over the hub's own database, apart from who asks and what carries it.

Answers come from the ledger's state in the caller's transaction, never from a signed list: what was voided
a moment ago is void here (claim.md section 7). Three answers; whatever cannot be known is *unknown*.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from sqlalchemy import Connection, select

from core.clock import china_date, from_stamp
from core.credentials import delegation_claims
from core.credentials.certificate_claims import VCT
from core.credentials.direct import PREFIX as DIRECT
from core.credentials.direct import UnknownLeaf, unpack
from core.credentials.jose import Malformed, b64u, parse_compact
from core.credentials.judgement import NOT_VALID, UNKNOWN, VALID, Judgement
from core.credentials.key_binding import KeyBinding
from core.credentials.printed import check_signature, kid_of, read_printed
from core.credentials.sdjwt import verify
from core.credentials.status import StatusReference
from core.credentials.verifier import SHOWN_SECONDS
from core.errors import UserError
from core.forms.kinds import KINDS
from core.forms.matters import covers
from core.keys.sealing import subkey
from core.records.delegations import Stage, above, stage
from core.records.states import CaseState, CertificateState, DelegationState
from hub import tables
from hub.delegation_tables import delegation_view
from hub.delegations import tree_of
from hub.ledger import Ledger
from hub.party_tables import use_record
from hub.register_tables import register_unit
from hub.setup import Hub
from hub.status_lists import slot_of
from hub.tables import PROVINCE
from hub.world import LedgerWorld

_FACE: Final = {"representative": "representative.name"}
_STAGES: Final = {
    Stage.ENDED: "delegation_void",
    Stage.EXPIRED: "delegation_expired",
    Stage.EARLY: "delegation_not_yet",
    Stage.OFFERED: "delegation_not_claimed",
}


@dataclass(frozen=True)
class Place:
    """A unit of the province: its registration office and its id there."""

    office: str
    unit: str


@dataclass(frozen=True)
class Finding:
    """What was found out. ``data`` and ``match`` only where the answer is about them.

    ``place`` None: no unit was found to which the question belongs.
    """

    judgement: Judgement
    place: Place | None = None
    data: Mapping[str, Any] | None = None
    match: bool | None = None


def places_with_code(connection: Connection, uscc: str) -> list[Place]:
    """Return the units of the province that have this credit code, in any office."""
    found: dict[Place, None] = {}
    for table in (tables.unit_view, register_unit):
        query = select(table.c.office, table.c.unit).where(table.c.uscc == uscc).order_by(table.c.office)
        found |= {Place(row.office, row.unit): None for row in connection.execute(query)}
    return list(found)


class Verification:
    """Judges questions inside one transaction."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub = hub
        self._connection = connection
        self._worlds: dict[str, LedgerWorld] = {}
        self._now = hub.clock()

    # --- the functions ------------------------------------------------------------------------------

    def authenticity(self, presentation: str, max_age: int = SHOWN_SECONDS) -> Finding:
        """Judge the text of a certificate or of a presentation of it; unbound it says ``holder_not_proven``.

        A bound text was signed by the phone at most ``max_age`` seconds ago.
        """
        try:
            wanted = self._own_binding(presentation, max_age)
            found = verify(
                presentation,
                [self._hub.root_pem],
                self._now,
                _type_of(presentation),
                rehearsal=self._hub.rehearsal,
                key_binding=wanted,
            )
        except UserError as fault:
            return Finding(self._judged(NOT_VALID, str(fault.params["why"])))
        kind, row = self._row_at(found.status)
        if row is None:
            return Finding(self._judged(UNKNOWN, "status_missing"))
        certificate = self._certificate(row.office, row.certificate)
        judgement = self._judge_certificate(certificate)
        place = Place(row.office, certificate.unit) if certificate is not None else None
        if kind == "delegation" and judgement.answer == VALID:
            ledger = Ledger(self._hub, self._connection, row.office)
            tree = tree_of(self._connection, ledger, row.certificate)
            judgement = self._judge_delegation(tree, tree[row.delegation], None)
        if judgement.answer == VALID and wanted is None:
            judgement = self._judged(VALID, "holder_not_proven")
        return Finding(judgement, place)

    def code(self, text: str, fields: Collection[str]) -> Finding:
        """Judge what a QR symbol holds: a printed certificate's, or the offline code of a phone.

        Of a printed certificate that is valid, ``data`` is what its face must say, as far as ``fields`` go.
        """
        leaf = x509.load_pem_x509_certificate(self._hub.leaf_pem)
        leaves = {kid_of(leaf): leaf}
        try:
            if text.startswith(DIRECT):
                presentation = unpack(text, leaves)
                if presentation.endswith("~"):
                    raise Malformed("key_binding_missing")
                return self.authenticity(presentation)
            read = read_printed(text)
            if read.kid not in leaves:
                raise UnknownLeaf
            check_signature(read, leaf)
        except UnknownLeaf:
            return Finding(self._judged(UNKNOWN, "issuer_key_unknown"))
        except Malformed as fault:
            return Finding(self._judged(NOT_VALID, str(fault)))
        kind, row = self._row_at(read.printed.status)
        if kind != "certificate":
            return Finding(self._judged(UNKNOWN, "status_missing"))
        certificate = self._certificate(row.office, row.certificate)
        judgement = self._judge_certificate(certificate)
        place = Place(row.office, certificate.unit) if certificate is not None else None
        data = None
        if judgement.answer == VALID and fields:
            face = {_FACE.get(name, f"unit.{name}"): value for name, value in vars(read.printed.face).items()}
            data = {name: face[name] for name in fields if face.get(name)}
        return Finding(judgement, place, data)

    def basic(self, place: Place | None, fields: Collection[str]) -> Finding:
        """Answer a unit's registered facts, those of ``fields`` (:data:`hub.party_profile.BASIC_FIELDS`)."""
        judgement, case = self._unit(place)
        if place is None or judgement.answer != VALID or case is None:
            return Finding(judgement, place)
        unit = self._world(place.office).unit(place.unit)
        values = {f"unit.{name}": value for name, value in (unit.values if unit else {}).items()}
        values["representative.name"] = case.values.get("representative_name", "")
        return Finding(judgement, place, {name: values[name] for name in fields if values.get(name)})

    def compare(self, place: Place | None, holder: Mapping[str, str]) -> Finding:
        """Answer whether what is said of a holder is so: all of it, or *not valid* without a word which."""
        judgement, case = self._unit(place)
        if judgement.answer != VALID or case is None:
            return Finding(judgement, place)
        name, number = _holder(case, holder["role"])
        if not name or not number:
            return Finding(self._judged(UNKNOWN, "values_erased"), place)
        match = _same("person_name", name, holder["name"])
        if "id_number" in holder:
            match = _same("id_number", number, holder["id_number"]) and match
        told = judgement if match else self._judged(NOT_VALID, "holder_differs")
        return Finding(told, place, match=match)

    def matter(self, place: Place | None, person: Mapping[str, str], matter: str) -> Finding:
        """Answer whether this person may act for this unit in this matter today.

        The legal representative and the first responsible manager may act in every matter; others by a
        delegation that stands, covers the matter, and whose certificate stands.
        """
        judgement, case = self._unit(place)
        if place is None or judgement.answer != VALID or case is None:
            return Finding(judgement, place)
        known = [_holder(case, role) for role in ("representative", "manager")]
        if any(_is(pair, person) for pair in known):
            return Finding(judgement, place)
        if any(not all(pair) for pair in known):
            return Finding(self._judged(UNKNOWN, "values_erased"), place)
        return Finding(self._delegated(place, case, person, matter), place)

    def _delegated(self, place: Place, case: CaseState, person: Mapping[str, str], matter: str) -> Judgement:
        """Judge what this person was authorised for below the unit's certificate: the best of it counts."""
        ledger = Ledger(self._hub, self._connection, place.office)
        state = self._standing(place)
        tree = tree_of(self._connection, ledger, state.id) if state is not None else {}
        theirs = [each for each in tree.values() if _is((each.name or "", each.id_number or ""), person)]
        told = [self._judge_delegation(tree, each, matter) for each in theirs]
        if not told and any(not each.name for each in tree.values() if not each.ended):
            return self._judged(UNKNOWN, "values_erased")
        for answer in (VALID, UNKNOWN, NOT_VALID):
            found = next((each for each in told if each.answer == answer), None)
            if found is not None:
                return found
        return self._judged(NOT_VALID, "person_differs")

    def _judge_delegation(
        self, tree: Mapping[str, DelegationState], state: DelegationState, matter: str | None
    ) -> Judgement:
        """Judge one authorisation and everything that it hangs on."""
        day = china_date(self._now)
        for own, link in ((True, state), *((False, each) for each in above(tree, state.id))):
            stands = stage(link, day)
            if stands is Stage.SUSPENDED:
                return self._judged(NOT_VALID, "delegation_suspended" if own else "parent_suspended")
            if stands is not Stage.STANDING:
                return self._judged(NOT_VALID, _STAGES[stands] if own else "parent_void")
        if matter is not None and not covers(state.matters, matter):
            return self._judged(NOT_VALID, "matter_not_covered")
        return self._judged(VALID)

    # --- units --------------------------------------------------------------------------------------

    def place_of(self, uscc: str) -> Place | None:
        """Return the unit with this code; of several offices' the one whose certificate stands."""
        places = places_with_code(self._connection, uscc)
        standing = [place for place in places if self._standing(place) is not None]
        return next(iter(standing or places), None)

    def _unit(self, place: Place | None) -> tuple[Judgement, CaseState | None]:
        """Judge the certificate of a unit; return it with the case it was issued for."""
        if place is None:
            return self._judged(UNKNOWN, "unit_unknown"), None
        state = self._standing(place) or self._newest(place)
        if state is None:
            return self._judged(NOT_VALID, "certificate_none"), None
        return self._judge_certificate(state), self._world(place.office).case(state.case)

    def _judge_certificate(self, state: CertificateState | None) -> Judgement:
        if state is None:
            return self._judged(UNKNOWN, "status_missing")
        if state.void:
            return self._judged(NOT_VALID, "certificate_void")
        if from_stamp(state.expires_at) <= self._now:
            return self._judged(NOT_VALID, "unit_expired")
        if state.suspended:
            return self._judged(NOT_VALID, "certificate_suspended")
        return self._judged(VALID)

    def _judged(self, answer: Any, *reasons: str) -> Judgement:
        return Judgement(answer, int(self._now.timestamp()), reasons)

    # --- what the tables hold -----------------------------------------------------------------------

    def _world(self, office: str) -> LedgerWorld:
        if office not in self._worlds:
            self._worlds[office] = LedgerWorld(self._connection, office, self._hub.sealed)
        return self._worlds[office]

    def _certificate(self, office: str, certificate: str) -> CertificateState | None:
        return self._world(office).certificate(certificate)

    def _standing(self, place: Place) -> CertificateState | None:
        return self._newest(place, tables.certificate_view.c.void.is_(False))

    def _newest(self, place: Place, *where: Any) -> CertificateState | None:
        view = tables.certificate_view
        query = (
            select(view.c.certificate)
            .where(view.c.office == place.office, view.c.unit == place.unit, *where)
            .order_by(view.c.position.desc())
            .limit(1)
        )
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else self._certificate(place.office, found)

    def _row_at(self, status: StatusReference) -> tuple[str, Any]:
        """Return what has a place of our status lists: ``certificate`` or ``delegation``, and its row."""
        slot = slot_of(self._hub, status)
        for kind, table in (("certificate", tables.certificate_view), ("delegation", delegation_view)):
            if slot is None:
                break
            here = (table.c.list == slot.list, table.c.slot == slot.slot)
            row = self._connection.execute(select(table).where(*here)).one_or_none()
            if row is not None:
                return kind, row
        return "", None

    def _own_binding(self, presentation: str, max_age: int) -> KeyBinding | None:
        """Return what a bound text says it was made for; whoever relays it asked the holder, not we."""
        bound = presentation.rpartition("~")[2] if isinstance(presentation, str) else ""
        if not bound:
            return None
        try:
            nonce = parse_compact(bound).payload.get("nonce")
        except Malformed:
            nonce = None
        return KeyBinding(f"{self._hub.issuer}/v", nonce if isinstance(nonce, str) else "", max_age)


def _type_of(presentation: str) -> str:
    """Return the type that a text may have: a delegation's if it says so, else a certificate's."""
    try:
        vct = parse_compact(presentation.split("~")[0]).payload.get("vct")
    except Malformed:
        return VCT
    return delegation_claims.VCT if vct == delegation_claims.VCT else VCT


def _holder(case: CaseState, role: str) -> tuple[str, str]:
    """Return name and number of the certificate's legal representative or first responsible manager."""
    appointed = role == "manager" and case.values.get("other_manager") == "yes"
    who = "manager" if appointed else "representative"
    return case.values.get(f"{who}_name", ""), case.values.get(f"{who}_id", "")


def _is(known: tuple[str, str], person: Mapping[str, str]) -> bool:
    name, number = known
    return _same("person_name", name, person["name"]) and _same("id_number", number, person["id_number"])


def _same(kind: str, known: str, said: str) -> bool:
    normal = KINDS[kind].parse(said)
    return bool(known) and hmac.compare_digest(known.encode(), normal.encode())


def unit_reference(hub: Hub, party: str, place: Place) -> str:
    """Return the name by which one department alone knows a unit: two departments' cannot be joined."""
    key = hmac.digest(subkey(hub.nonce_key, "party references"), party.encode(), "sha256")
    return b64u(hmac.digest(key, f"{place.office}\n{place.unit}".encode(), "sha256"))


def place_of_reference(connection: Connection, party: str, reference: str) -> Place | None:
    """Return the unit that was told to this department under this name."""
    query = select(use_record.c.office, use_record.c.unit).where(
        use_record.c.party == party, use_record.c.reference == reference, use_record.c.office != PROVINCE
    )
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else Place(row.office, row.unit)
