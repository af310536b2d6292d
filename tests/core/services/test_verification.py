"""Verifying at a desk beside the real hub: online, offline by what was kept, and only the bundle kept."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
from cryptography.x509 import load_pem_x509_certificate
from joserfc.jwk import ECKey

from core.clock import to_stamp
from core.credentials.certificate_claims import build_always, build_claims
from core.credentials.key_binding import bind
from core.credentials.key_proof import new_holder_key
from core.credentials.person_digest import person_digest
from core.credentials.printed import kid_of
from core.credentials.sdjwt import issue
from core.credentials.status import StatusReference
from core.credentials.verifier import judge, open_trust
from core.credentials.x509 import es256_signer
from core.errors import EnvironmentFault, Refusal, UserError
from core.forms.matters import Matter, matters_text, offered, seed_matters
from core.intake.symbols import read_shown
from core.services import stick
from core.services.certificate_paper import certificate_paper
from core.services.matters import keep_matters, known_matters
from core.services.sync import sync
from core.services.verification import Asked, Person, check, fetch
from hub import stick as at_hub
from hub.bundle import bundle
from hub.engine import lock_office
from hub.facts import record_issued
from hub.ledger import Ledger
from hub.scenarios import add_scenarios, remove_scenarios
from hub.status_lists import INVALID, list_uri, set_status, take_slot
from tests.core.credentials.samples import ROOT as REAL_ROOT
from tests.core.credentials.samples import UNIT
from tests.core.credentials.shown import coded, lay_out
from tests.core.services.office_kit import open_kit
from tests.core.services.real_hub import lost, open_real_hub

NUMBER = "110101199003070011"
PERSON = Person("某乙", NUMBER)


class Room:
    """An office, its hub, and one certificate as a phone would hold it."""

    def __init__(self, place: Path) -> None:
        self.kit = open_kit(place)
        self.real = open_real_hub(place, self.kit)
        self.real.enrol(self.kit)
        hub = self.real.hub
        with hub.database.write() as connection:
            self.slot = take_slot(connection, hub.random)
        claims = build_claims(UNIT, "某甲", 1, PERSON.name, "appointed", person_digest(NUMBER, bytes(16)))
        self.key = new_holder_key()
        holder = {name: value for name, value in self.key.items() if name != "d"}
        status = StatusReference(list_uri(hub.issuer, self.slot.list), self.slot.slot)
        always = build_always(hub.issuer, hub.now(), hub.now(), hub.now() + 9 * 86400, holder, status, True)
        self.text = issue(claims, None, always, hub.sign, hub.x5c)

    def shown(self) -> str:
        """What the phone shows at this moment, bound to it."""
        key = es256_signer(ECKey.import_key(dict(self.key)).as_pem(private=True))
        hub = self.real.hub
        return bind(self.text, f"{hub.issuer}/v", "a nonce of the hub", hub.now(), key)

    def offline_code(self) -> str:
        """The same as the code of a phone without network."""
        hub = self.real.hub
        leaf = kid_of(load_pem_x509_certificate(hub.leaf_pem))
        return coded(lay_out(self.shown().encode(), leaf, hub.x5c[0]))

    def void(self) -> None:
        with self.real.hub.database.write() as connection:
            set_status(connection, self.slot, INVALID)

    def claimed_case(self) -> str:
        """A case of this office whose certificate a phone holds; the desk knows of it."""
        case, hub = self.kit.approved_case(), self.real.hub
        with self.kit.sit("clerk") as session:
            sync(session, self.real.port)
            office = session.office
        with hub.database.write() as connection:
            lock_office(connection, office)
            ledger = Ledger(hub, connection, office)
            state = ledger.world.case(case)
            assert state is not None
            slot = take_slot(connection, hub.random)
            public = {"case": case, "unit": state.unit, "jti": "ab" * 12, "approval": state.approval}
            public |= {"representative_no": 1, "issued_at": hub.stamp(), "status_index": slot.index}
            public["expires_at"] = to_stamp(hub.clock() + timedelta(days=300))
            record_issued(hub, connection, ledger, slot, public)
        with self.kit.sit("clerk") as session:
            sync(session, self.real.port)
        return case

    def close(self) -> None:
        self.real.close()
        self.kit.close()


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.close()


def answer(room: Room, asked: Asked | None = None, text: str = "") -> tuple[str, tuple[str, ...], bool]:
    with room.kit.sit("clerk") as session:
        found = check(session, room.real.port, text or room.text, asked or Asked())
    return found.verdict.judgement.answer, found.verdict.judgement.reasons, found.online


def test_online_a_voiding_counts_at_once_and_offline_after_the_bundle_ends(room: Room) -> None:
    assert answer(room, Asked("BANK", PERSON)) == ("valid", ("rehearsal", "holder_not_proven"), True)
    room.kit.clock.move(minutes=5)
    room.real.wire = lost
    assert answer(room) == ("valid", ("rehearsal", "holder_not_proven"), False), "the kept bundle answers"
    room.void()
    room.real.wire = lambda path, body, carry: carry()
    assert answer(room) == ("not valid", ("certificate_void",), True)
    room.real.wire = lost
    room.kit.clock.move(hours=23)
    assert answer(room)[:2] == ("not valid", ("certificate_void",))
    room.kit.clock.move(hours=2)
    assert answer(room)[:2] == ("unknown", ("status_stale",))


def test_the_hubs_list_of_matters_is_this_desks_too_and_the_last_one_stays(room: Room) -> None:
    with room.kit.sit("clerk") as session:
        assert known_matters(session) == seed_matters()
    housing = {"code": "HOUSING", "name": "住房公积金缴存", "department": "住房公积金管理机构"}
    add_scenarios(room.real.hub, json.dumps({"scenarios": [housing]}).encode())
    remove_scenarios(room.real.hub, b'{"codes": ["SEAL"]}')
    with room.kit.sit("clerk") as session:
        sync(session, room.real.port)
        room.real.wire = lost
        known = check(session, room.real.port, room.text, Asked()).matters
        assert known == known_matters(session) and known["HOUSING"] == Matter(**housing)
        assert "SEAL" not in offered(known) and matters_text(["SEAL"], known) == "公章刻制备案"
        for told in ([], {}, 1, [{"code": "x"}], [{**housing, "code": "a b"}], [{**housing, "removed": 1}]):
            with pytest.raises(EnvironmentFault, match="hub_answer_damaged"):
                keep_matters(session, told)
        keep_matters(session, None)
        assert known_matters(session) == known


def test_a_sync_brings_the_bundle_and_an_older_one_is_not_taken(room: Room) -> None:
    old = bundle(room.real.hub)
    room.kit.clock.move(hours=2)
    room.void()
    with room.kit.sit("clerk") as session:
        sync(session, room.real.port)
        kept = json.loads((session.folder.root / "status-bundle.json").read_text())
        assert kept["bundle"] != old and room.text not in json.dumps(kept)
        (session.folder.root / "status-bundle.json").write_text(json.dumps(kept | {"bundle": old}))
    room.real.wire = lost
    assert answer(room)[:2] == ("unknown", ("status_stale",))


def test_without_any_bundle_the_answer_is_unknown(room: Room, tmp_path: Path) -> None:
    room.real.wire = lost
    assert answer(room)[:2] == ("unknown", ("status_missing",))
    with room.kit.sit("clerk") as session:
        (session.folder.root / "status-bundle.json").write_text("{damaged")
    assert answer(room)[:2] == ("unknown", ("status_missing",))


def test_links_are_the_hubs_own_and_end(room: Room) -> None:
    issuer = room.real.hub.issuer
    with room.kit.sit("clerk") as session:
        with pytest.raises(UserError, match="shown_foreign"):
            check(session, room.real.port, "https://elsewhere.test/v/abc", Asked())
        with pytest.raises(EnvironmentFault) as gone:
            check(session, room.real.port, f"{issuer}/v/{'A' * 24}", Asked())
        assert gone.value.params["reason"] == "shown_expired"
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            check(session, None, f"{issuer}/v/{'A' * 24}", Asked())


def test_only_a_log_line_is_kept_and_it_names_nobody(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert answer(room, Asked("BANK", PERSON))[0] == "valid"
    said = caplog.text
    assert "verified certificate: valid" in said
    assert NUMBER not in said and PERSON.name not in said and UNIT["name"] not in said


def test_a_forged_answer_of_a_hub_is_not_kept(room: Room) -> None:
    with room.kit.sit("clerk") as session:
        fetch(session, room.real.port)
        before = (session.folder.root / "status-bundle.json").read_bytes()

        class Liar:
            def enrol(self, request: bytes) -> dict[str, object]:
                return {}

            def ask(self, *rest: object) -> dict[str, object]:
                return {"bundle": "a.b.c", "root": room.real.hub.root_pem.decode()}

        with pytest.raises(EnvironmentFault, match="hub_answer_damaged"):
            fetch(session, Liar())  # type: ignore[arg-type]
        assert (session.folder.root / "status-bundle.json").read_bytes() == before


def test_a_case_without_a_certificate_has_no_sheet(room: Room) -> None:
    case = room.kit.approved_case()
    with room.kit.sit("clerk") as session:
        sync(session, room.real.port)
        with pytest.raises(Refusal, match="certificate_not_standing"):
            certificate_paper(session, room.real.port, case)


def test_a_claimed_case_has_a_sheet_of_a_rehearsal_that_is_marked(room: Room) -> None:
    case = room.claimed_case()
    with room.kit.sit("clerk") as session:
        pdf = certificate_paper(session, room.real.port, case)
    document = pypdfium2.PdfDocument(pdf)
    words = document[0].get_textpage().get_text_bounded()
    assert "事业单位法人电子证书" in words and "演练　不具法律效力" in words
    shown = read_shown(pdf).text
    assert answer(room, text=shown)[:2] == ("valid", ("rehearsal",))
    assert answer(room, Asked(person=PERSON), text=shown)[0] == "not valid"
    real = open_trust([REAL_ROOT], bundle(room.real.hub), room.kit.clock())
    assert judge(shown, real, room.kit.clock()).judgement.answer == "unknown", "never valid below a real root"


def test_an_office_on_the_stick_alone_judges_by_what_the_stick_brought(room: Room, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()

    def carried() -> str:
        with room.kit.sit("clerk") as clerk:
            stick.export_stick(clerk, usb)
            assert at_hub.import_stick(room.real.hub, usb).faults == ()
            assert stick.import_stick(clerk, usb).faults == ()
            return check(clerk, None, room.text, Asked()).verdict.judgement.answer

    room.real.wire = lost
    with room.kit.sit("clerk") as clerk:
        assert check(clerk, None, room.text, Asked()).verdict.judgement.reasons == ("status_missing",)
    assert carried() == "valid"
    room.void()
    assert carried() == "not valid"
