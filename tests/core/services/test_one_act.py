"""One act: what the clerk was shown is what the real hub ends, in one transaction, ahead of all else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, event, select

from core.credentials.status import INVALID, SUSPENDED, VALID, read_token
from core.errors import EnvironmentFault
from core.rehearsal.people import make_people
from core.services import changes, claims
from core.services.applications import get_case
from core.services.sync import sync
from hub import tables
from hub.delegation_tables import delegation_view
from hub.engine import lock_office
from hub.ledger import Ledger
from hub.status_lists import Slot, list_uri
from tests.asgi import get
from tests.core.services.office_kit import open_kit
from tests.core.services.real_hub import open_real_hub
from tests.hub.trees import authorise, issue, under

MINUTE = 60
BASIS = "演练编办〔2026〕9号"
State = dict[str, frozenset[str]]


class Office:
    """Two units with a certificate and people below it; one of them also has an open code."""

    def __init__(self, place: Path) -> None:
        self.kit = open_kit(place)
        self.real = open_real_hub(place, self.kit)
        self.real.enrol(self.kit)
        self.slots: dict[str, list[Slot]] = {}
        cases = [self.kit.approved_case(), self.kit.approved_case()]
        people = iter(make_people(Random(5), 6, self.kit.today()))
        with self.kit.sit("clerk") as clerk:
            sync(clerk, self.real.port)
            self.office = clerk.office
            found = [get_case(clerk, case) for case in cases]
            self.unit, self.other = (each.unit.id for each in found)
            for each in found:
                self.grow(each.unit.id, each.case.id, each.case.approval or "", people)
            sync(clerk, self.real.port)
            claims.mint_claim(clerk, cases[0])
            sync(clerk, self.real.port)

    def grow(self, unit: str, case: str, approval: str, people: Any) -> None:
        """A certificate, a manager below it, a user below them, and an offer that nobody took."""
        hub = self.real.hub
        with hub.database.write() as connection:
            lock_office(connection, self.office)
            ledger = Ledger(hub, connection, self.office)
            holder, top = issue(hub, connection, ledger, unit, case, approval)
            manager, first = authorise(hub, connection, ledger, holder, next(people), "manager")
            _, second = authorise(hub, connection, ledger, under(holder, manager), next(people), "user")
            authorise(hub, connection, ledger, holder, next(people), "user", claimed=False)
        assert first is not None and second is not None
        self.slots[unit] = [top, first, second]

    def filed(self) -> str:
        with self.kit.sit("clerk") as clerk:
            values = {"representative_name": "演新任"}
            return changes.file_change(clerk, self.unit, "representative", values=values, basis=BASIS)

    def statuses(self, unit: str) -> list[int | None]:
        """What the hub serves of a unit's places to anybody who asks now."""
        hub, found = self.real.hub, []
        for slot in self.slots[unit]:
            uri = list_uri(hub.issuer, slot.list)
            status, body = get(self.real._app, urlsplit(uri).path)
            assert status == 200
            read = read_token(body.decode(), uri, [hub.root_pem], self.kit.clock(), rehearsal=hub.rehearsal)
            assert read.ttl is not None and read.ttl <= MINUTE, "how long a verifier may keep it"
            found.append(read.values.get(slot.slot))
        return found

    def close(self) -> None:
        self.real.close()
        self.kit.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def ended(connection: Connection) -> State:
    """Return what has ended at the hub, whoever's it was."""
    held, below, codes = tables.certificate_view, delegation_view, tables.claim_code
    queries = {
        "certificates": select(held.c.certificate).where(held.c.void.is_(True)),
        "delegations": select(below.c.delegation).where(below.c.ended.is_(True)),
        "codes": select(codes.c.jti).where(codes.c.voided.is_(True)),
    }
    return {name: frozenset(connection.execute(query).scalars()) for name, query in queries.items()}


def test_what_the_clerk_sees_is_what_the_hub_ends_and_in_one_transaction(here: Office) -> None:
    change, hub = here.filed(), here.real.hub
    with here.kit.sit("reviewer") as reviewer:
        told = changes.preview_change(reviewer, change)
        seen = {
            "certificates": frozenset(each.certificate.id for each in told.certificates),
            "delegations": frozenset(each.id for each in told.delegations),
            "codes": frozenset(each.jti for each in told.claims),
        }
        assert [len(each) for each in seen.values()] == [1, 3, 1]
        assert sorted(each.role for each in told.delegations) == ["manager", "user", "user"]
        with hub.database.read() as connection:
            assert not any(ended(connection).values())
        changes.approve_change(reviewer, change)
        states: list[State] = []
        event.listen(hub.database.engine, "commit", lambda connection: states.append(ended(connection)))
        sync(reviewer, here.real.port)
    with hub.database.read() as connection:
        assert ended(connection) == seen, "exactly what was shown, and nothing of the other unit"
    partly = [each for each in states if each["certificates"] or each["delegations"]]
    assert partly and all(each == seen for each in partly), "no moment in which only a part had ended"


def test_a_change_goes_first_in_a_sync_that_is_cut_right_after(here: Office) -> None:
    with here.kit.sit("clerk") as clerk:
        for _ in range(3):
            here.kit.submitted_case(clerk)  # older work that waits
    change = here.filed()

    def cut(path: str, body: bytes, carry: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
        if path != "/api/v1/urgent":
            raise EnvironmentFault("hub_unreachable")
        return carry()

    with here.kit.sit("reviewer") as reviewer:
        changes.approve_change(reviewer, change)
        here.real.wire, here.real.said = cut, []
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            sync(reviewer, here.real.port)
        assert here.real.said[:2] == ["/api/v1/urgent", "/api/v1/actions"]
    here.kit.clock.move(seconds=MINUTE)
    assert here.statuses(here.unit) == [SUSPENDED] * 3, "nobody acts on it though none of the rest arrived"
    assert here.statuses(here.other) == [VALID] * 3


def test_the_served_list_says_so_within_a_minute(here: Office) -> None:
    change = here.filed()
    with here.kit.sit("reviewer") as reviewer:
        changes.approve_change(reviewer, change)
        assert here.statuses(here.unit) == [VALID] * 3, "and the signed list is kept from here on"
        sync(reviewer, here.real.port)
    late = 0
    while here.statuses(here.unit) != [INVALID] * 3:
        here.kit.clock.move(seconds=1)
        late += 1
        assert late <= MINUTE, "still signed as before"
    assert here.statuses(here.other) == [VALID] * 3
