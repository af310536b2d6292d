"""Somebody at the public page, and what a phone shows them."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import UserError
from hub.shown_answers import ShownAnswers
from tests.hub.conftest import Station
from tests.hub.department import strangers
from tests.hub.test_delegation import CertificateHolder

FIELDS = ("name", "uscc", "valid_to", "manager", "role", "id_digest", "person", "matters", "representative")
STRANGER = strangers(1)[0]


class Visitor:
    """Somebody at the page, with a counter of comparisons of his own process."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.answers = ShownAnswers(station.hub)

    def ask(self, thing: dict[str, str], person: Any = None, matter: Any = None) -> dict[str, Any]:
        more = {name: value for name, value in (("person", person), ("matter", matter)) if value is not None}
        return self.answers.of_question({**thing, **more})

    def refused(self, thing: dict[str, Any], **more: Any) -> str:
        with pytest.raises(UserError) as refusal:
            self.answers.of_question({**thing, **more})
        return refusal.value.code

    def match(self, thing: dict[str, str], person: dict[str, str]) -> object:
        return self.ask(thing, person)["asked"]["match"]


@pytest.fixture
def visitor(station: Station) -> Visitor:
    return Visitor(station)


def holder(manager: CertificateHolder) -> dict[str, str]:
    invented = manager.approved.invented
    who = invented.manager or invented.representative
    return {"name": who.name, "id_number": who.id_number}


def authorised(manager: CertificateHolder, number: int = 1) -> dict[str, str]:
    who = manager.people[number]
    return {"name": who.name, "id_number": who.id_number}


def shown(manager: CertificateHolder, *fields: str) -> dict[str, str]:
    """What the phone shows at this moment, by reference."""
    return {"ref": manager.phone.show(*(fields or FIELDS)).json["ref"]}


def text(manager: CertificateHolder, *fields: str) -> dict[str, str]:
    """The same as a text."""
    audience = f"{manager.phone.station.hub.issuer}/v"
    return {"text": manager.phone.presentation(audience, fields=fields or FIELDS)}
