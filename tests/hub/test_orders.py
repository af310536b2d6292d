"""In every order of events a verifier follows the change: a department, a desk, and what was shown before."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import hub.suspensions
from core.claims.offer import DELEGATION
from core.clock import china_date
from core.credentials import verifier
from core.credentials.status import StatusReference
from core.rehearsal.people import make_people
from hub.bundle import bundle
from tests.hub.conftest import Station
from tests.hub.department import Department
from tests.hub.holder import Holder, code_of, take
from tests.hub.test_changes import VOIDING, Held, ahead, change

EVENTS = ("push", "ahead", "delegate", "claim", "show", "delegate", "claim", "show")
KINDS = (*VOIDING, "suspension")
# A credit code of its own for each story: other tests' offices on this hub hold certificates, all for the
# first of the invented units, and a department that asks by the code may be told of any of them.
UNITS = count(20)


class Story:
    """A unit's phone and a user's, a change at the desk, and what the phones do until it is heard of."""

    def __init__(self, station: Station, kind: str) -> None:
        self.station, self.kind = station, kind
        self.office, self.department = station.new_office(), Department(station.hub)
        self.department.register()
        approved = self.office.approved_case(next(UNITS))
        minted = self.office.mint(approved)
        self.office.push_all_recorded()
        wallet = station.wallet()
        self.phone = Holder(station, wallet, wallet.claim(minted.text, minted.pin))
        self.uscc = approved.invented.values["uscc"]
        self.people = iter(make_people(Random(5), 4, china_date(station.hands())))
        self.person = self._named()
        self.users = [take(station, self.phone.grant(**self.person))]
        self.offers: list[str] = []
        self.digits: list[str] = []
        self.shown = [self.phone.show("name").json["link"]]
        self.effect = change(self.office, Held(approved, StatusReference("", 0)), kind)
        self.recorded = self.heard = False

    def _named(self) -> dict[str, str]:
        person = next(self.people)
        return {"name": person.name, "id_number": person.id_number}

    def happen(self, event: str) -> None:
        if event == "push":
            assert {receipt["code"] for receipt in self.office.push()} <= {"ok", ""}
            self.recorded = self.heard = True
        elif event == "ahead":
            self.heard = bool(ahead(self.office, self.effect)) or self.heard
        elif event == "delegate":
            offered = self.phone.grant(**self._named())
            if self._allowed(offered.status):
                self.offers.append(code_of(offered))
                self.digits.append(offered.json["digits"])
        elif event == "claim" and self.offers:
            self._claim(self.offers.pop(), self.digits.pop())
        elif event == "show":
            for holder in (self.phone, *self.users):
                told = holder.show("name")
                if self._allowed(told.status):
                    self.shown.append(told.json["link"])

    def _allowed(self, status: int) -> bool:
        assert not (status == 200 and self.heard), "taken after the change was heard of"
        return status == 200

    def _claim(self, code: str, digits: str) -> None:
        wallet = self.station.wallet()
        if wallet.offer(code).status != 200 or wallet.ask_token(code, digits).status != 200:
            return
        body = {"credential_configuration_id": DELEGATION, "proofs": {"jwt": [wallet.proof()]}}
        reply = wallet.post("/credential", body)
        if self._allowed(reply.status):
            self.users.append(Holder(self.station, wallet, reply.json["credentials"][0]["credential"]))

    def answers(self) -> Iterator[tuple[str, str]]:
        """What everybody who asks now is told of everything that was ever held or shown."""
        hub, ask = self.station.hub, self.department.ask
        trust = verifier.open_trust([self.station.root], bundle(hub), self.station.hands())
        for number, holder in enumerate((self.phone, *self.users)):
            text = holder.presentation(f"{hub.issuer}/v", "a nonce of the phone", fields=("name",))
            told = ask("authenticity", document={"presentation": text}).body
            yield f"department {number}", told["answer"]
            yield f"desk {number}", verifier.judge(text, trust, self.station.hands()).judgement.answer
        for link in self.shown:
            yield "shown", ask("authenticity", document={"shown": link}).body["answer"]
        unit = {"uscc": self.uscc}
        yield "unit", ask("basic", unit=unit).body["answer"]
        yield "matter", ask("matter", unit=unit, person=self.person, matter="SOCIAL").body["answer"]


@given(kind=st.sampled_from(KINDS), events=st.permutations(EVENTS))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_every_order_no_verifier_says_valid_once_the_change_was_heard(
    station: Station, kind: str, events: list[str]
) -> None:
    story = Story(station, kind)
    assert {answer for _, answer in story.answers()} == {"valid"}
    for event in events:
        story.happen(event)
        wanted = {"not valid"} if story.heard else {"valid"}
        wrong = [each for each in story.answers() if each[1] not in wanted]
        assert not wrong, (kind, event, events)
    assert story.recorded


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_heard_by_every_verifier(station: Station, kind: str) -> None:
    story = Story(station, kind)
    for event in ("delegate", "claim", "show", "push"):
        story.happen(event)
    assert len(story.users) == 2 and len(story.shown) == 4
    assert {answer for _, answer in story.answers()} == {"not valid"}


def test_the_story_sees_a_hub_that_forgets_to_void(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad control: without the voiding every verifier goes on."""
    story = Story(station, "loss")
    monkeypatch.setattr(hub.suspensions, "end_former", lambda *_: None)
    story.happen("push")
    assert "valid" in {answer for _, answer in story.answers()}
