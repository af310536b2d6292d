"""Pages of the register at a real hub: whole or not at all, whatever a patched desk sends. Invented data."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import zstandard
from sqlalchemy import func, select

from core.clock import china_date
from core.forms.divisions import get_office
from core.forms.registry import latest
from core.ids import new_id, system_random
from core.records.model import sign_action
from core.records.register import (
    PAGE_BYTES,
    PAGE_KIND,
    REGISTER,
    Rows,
    make_lines,
    pack,
    page_public,
    page_shape,
    page_text,
    register_subject,
)
from core.rehearsal.units import make_units
from core.sync.pages import open_lines, seal_lines
from hub import register_tables, tables
from hub.register import erase_unit
from hub.world import LedgerWorld
from tests.hub.conftest import Station
from tests.hub.sample_office import OFFICE_CODE, SampleOffice

FORM = latest("unit-record")
SHAPE = page_shape(FORM)
CODE = 1 + len(SHAPE.personal) + SHAPE.public.index("uscc")


@dataclass
class Page:
    """A page in the making: a test spoils what it likes before it is signed or after."""

    rows: Rows
    private: Rows
    text: bytes = b""
    blob: bytes = b""
    sealed: str | None = None
    public: dict[str, Any] | None = None


def page_of(office: SampleOffice, start: int, end: int) -> Page:
    """Return a good page of some invented units."""
    made = make_units(get_office(OFFICE_CODE), china_date(office.clock()), 2, end)[start:]
    rows, private = make_lines(((new_id(), unit.values) for unit in made), SHAPE, system_random)
    return Page(rows, private)


def send(office: SampleOffice, page: Page, **changed: Any) -> dict[str, Any]:
    """Sign and push a page; return its receipt. The item stays in ``office.sent``."""
    item = item_of(office, page, **changed)
    receipts = office.ask("/api/v1/actions", office.batch([item]))["receipts"]
    assert len(receipts) == 1
    if receipts[0]["verdict"] == "rejected":
        office.reject_last(item["action"]["subject"])
    found: dict[str, Any] = receipts[0]
    return found


def item_of(office: SampleOffice, page: Page, by: Any = None, **changed: Any) -> dict[str, Any]:
    """Return a page's item, signed by the clerk unless said otherwise."""
    text = page.text or page_text(page.rows)
    public = page.public or page_public(FORM, text, len(page.rows))
    kind = changed.pop("subject_kind", REGISTER)
    subject = changed.pop("subject", register_subject(office.office))
    signed = office.act(PAGE_KIND, kind, subject, public, by=by, **changed)
    office.outbox.pop()
    assert office.certificate is not None
    key = bytes.fromhex(office.certificate.hub_exchange_key)
    sealed = page.sealed
    if sealed is None:
        sealed = seal_lines(page.private, key, signed.hash, system_random)
    return {
        "action": signed.action.body(),
        "algorithm": signed.algorithm,
        "signature": signed.signature,
        "sealed": sealed,
        "records": base64.b64encode(page.blob or pack(text)).decode(),
    }


def stored(station: Station, office: SampleOffice) -> tuple[int, int, int]:
    """Return how many pages, units and page actions the hub has of an office."""
    with station.hub.database.read() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table).where(table.c.office == office.office))
            for table in (register_tables.register_page, register_tables.register_unit)
        ]
        actions = connection.execute(
            select(func.count()).where(
                tables.action.c.office == office.office, tables.action.c.kind == PAGE_KIND
            )
        )
        pages, units = (int(count.scalar_one()) for count in counts)
        return pages, units, int(actions.scalar_one())


def test_a_page_is_recorded_found_and_handed_on_as_it_came(station: Station, office: SampleOffice) -> None:
    office.protocol = 2
    page = page_of(office, 0, 40)
    item = item_of(office, page)
    receipt = office.ask("/api/v1/actions", office.batch([item]))["receipts"][0]
    assert receipt["verdict"] == "recorded"
    assert stored(station, office) == (1, 40, 1)
    again = office.ask("/api/v1/actions", office.batch([item]))["receipts"][0]
    assert again == receipt
    assert stored(station, office) == (1, 40, 1)
    fed = office.feed(receipt["position"] - 1)["items"][0]
    assert fed["records"] == item["records"] and fed["action"] == item["action"]
    assert open_lines(fed["sealed"], office.exchange[0], receipt["hash"], SHAPE) == page.private
    held = office.ask(
        "/api/v1/feed",
        office.envelope("feed", after=receipt["position"] - 1, limit=10, held=[receipt["hash"]]),
    )
    assert "records" not in held["items"][0]
    with station.hub.database.read() as connection:
        world = LedgerWorld(connection, office.office, station.hub.sealed)
        for row, (_, name) in zip(page.rows, page.private, strict=True):
            unit = world.unit(row[0])
            assert unit is not None and unit == world.unit_with_code(row[CODE])
            assert unit.version == 1 and unit.representative_no == 1 and not unit.erased
            assert unit.values["representative_name"] == name
            assert unit.values["name"] == row[CODE + 1]
            before = world.unit_before(row[0], receipt["position"])
            assert before is None
            assert world.unit_before(row[0], receipt["position"] + 1) == unit


def test_a_case_of_a_page_unit_is_recorded(station: Station, office: SampleOffice) -> None:
    page = page_of(office, 0, 3)
    assert send(office, page)["verdict"] == "recorded"
    invented = office.invented(1)
    case = office.file(page.rows[1][0], invented)
    office.submit(case)
    office.approve(case)
    office.versions[page.rows[2][0]] = 1
    third = office.invented(2)
    from tests.hub.sample_office import split

    public, personal = split("unit-record", {**third.values, "address": "演练新址1号"})
    office.act("unit_corrected", "unit", page.rows[2][0], {**public, "representative_no": 1}, personal)
    office.push_all_recorded()


Spoil = Callable[[SampleOffice, Page], None]


def _another_text(office: SampleOffice, page: Page) -> None:
    page.public = page_public(FORM, page_text(page.rows), len(page.rows))
    page.rows[2][CODE + 1] += "甲"
    page.text = page_text(page.rows)


def _wrong_count(office: SampleOffice, page: Page) -> None:
    page.public = page_public(FORM, page_text(page.rows), len(page.rows) + 1)


def _another_spelling(office: SampleOffice, page: Page) -> None:
    page.text = json.dumps(page.rows, ensure_ascii=False).encode()


def _ascii_spelling(office: SampleOffice, page: Page) -> None:
    page.text = json.dumps(page.rows, separators=(",", ":")).encode()


def _lone_surrogate(office: SampleOffice, page: Page) -> None:
    page.text = page_text(page.rows).replace("演练".encode(), b"\\ud800", 1)


def _not_texts(office: SampleOffice, page: Page) -> None:
    page.text = page_text(page.rows).replace(b'"active"', b"1", 1)


def _narrow(office: SampleOffice, page: Page) -> None:
    page.rows[1].pop()


def _no_id(office: SampleOffice, page: Page) -> None:
    page.rows[1][0] = "../" + page.rows[1][0][3:]


def _id_twice(office: SampleOffice, page: Page) -> None:
    page.rows[1][0] = page.rows[0][0]


def _code_twice(office: SampleOffice, page: Page) -> None:
    page.rows[3][CODE] = page.rows[0][CODE]


def _bad_code(office: SampleOffice, page: Page) -> None:
    page.rows[3][CODE] = page.rows[3][CODE][:-1] + ("0" if page.rows[3][CODE][-1] != "0" else "1")


def _bad_day(office: SampleOffice, page: Page) -> None:
    page.rows[2][1 + len(SHAPE.personal) + SHAPE.public.index("valid_to")] = "2026-02-30"


def _other_name(office: SampleOffice, page: Page) -> None:
    page.private[1][1] += "甲"


def _other_salt(office: SampleOffice, page: Page) -> None:
    page.private[1][0] = "0" * 32


def _undisclosed(office: SampleOffice, page: Page) -> None:
    page.private[1] = ["", ""]


def _nobody_named(office: SampleOffice, page: Page) -> None:
    page.rows[1][1], page.private[1] = "", ["", ""]


def _a_line_short(office: SampleOffice, page: Page) -> None:
    page.private.pop()


def _unsealed(office: SampleOffice, page: Page) -> None:
    page.sealed = ""


def _no_records(office: SampleOffice, page: Page) -> None:
    page.blob = b"\x00"


def _bomb(office: SampleOffice, page: Page) -> None:
    page.blob = zstandard.ZstdCompressor().compress(b" " * (PAGE_BYTES + 1))


def _two_frames(office: SampleOffice, page: Page) -> None:
    page.blob = pack(page_text(page.rows)) + pack(b"[]")


def _empty(office: SampleOffice, page: Page) -> None:
    page.text = b"[]"
    page.public = page_public(FORM, b"[]", 1)


def _another_form(office: SampleOffice, page: Page) -> None:
    page.public = page_public(latest("attachment-1"), page_text(page.rows), len(page.rows))


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_another_text, "page_digest_wrong"),
        (_wrong_count, "page_malformed"),
        (_another_spelling, "page_malformed"),
        (_ascii_spelling, "page_malformed"),
        (_lone_surrogate, "page_malformed"),
        (_not_texts, "page_malformed"),
        (_narrow, "page_malformed"),
        (_no_id, "page_malformed"),
        (_id_twice, "page_malformed"),
        (_code_twice, "register_lines_refused"),
        (_bad_code, "register_lines_refused"),
        (_bad_day, "register_lines_refused"),
        (_nobody_named, "register_lines_refused"),
        (_other_name, "commitment_wrong"),
        (_other_salt, "commitment_wrong"),
        (_undisclosed, "commitment_wrong"),
        (_a_line_short, "commitment_wrong"),
        (_unsealed, "private_unreadable"),
        (_no_records, "page_malformed"),
        (_bomb, "page_malformed"),
        (_two_frames, "page_malformed"),
        (_empty, "page_malformed"),
        (_another_form, "form_unknown"),
    ],
)
def test_a_spoilt_page_is_refused_and_leaves_nothing(
    station: Station, office: SampleOffice, spoil: Spoil, code: str
) -> None:
    page = page_of(office, 0, 5)
    spoil(office, page)
    receipt = send(office, page)
    assert (receipt["verdict"], receipt["code"]) == ("rejected", code)
    assert stored(station, office) == (0, 0, 0)


def test_an_item_without_records_is_refused(station: Station, office: SampleOffice) -> None:
    item = item_of(office, page_of(office, 0, 2))
    del item["records"]
    receipt = office.ask("/api/v1/actions", office.batch([item]))["receipts"][0]
    assert receipt["code"] == "page_missing"
    assert stored(station, office) == (0, 0, 0)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"person": "nobody"}, "person_unknown"),
        ({"subject": "register"}, "action_malformed"),
        ({"base_version": 3}, "version_conflict"),
        ({"subject_kind": "unit"}, "action_unknown"),
    ],
)
def test_a_page_out_of_place_is_refused(
    station: Station, office: SampleOffice, changed: dict[str, Any], code: str
) -> None:
    receipt = send(office, page_of(office, 0, 2), **changed)
    assert (receipt["verdict"], receipt["code"]) == ("rejected", code)
    assert stored(station, office) == (0, 0, 0)


def test_only_a_clerk_or_an_administrator_signs(station: Station, office: SampleOffice) -> None:
    reviewer = office.reviewer
    office.act(
        "person_roles_set",
        "office",
        office.office,
        {"person": reviewer.id, "roles": ["reviewer"]},
        by=office.admin,
    )
    office.push_all_recorded()
    assert send(office, page_of(office, 0, 2), by=reviewer)["code"] == "role_missing"
    forged = item_of(office, page_of(office, 0, 2))
    stranger = sign_action(office_action(forged), reviewer.signer)
    forged["signature"] = stranger.signature
    assert office.ask("/api/v1/actions", office.batch([forged]))["receipts"][0]["code"] == "signature_wrong"
    assert stored(station, office) == (0, 0, 0)


def office_action(item: dict[str, Any]) -> Any:
    from core.records.model import action_from_body

    return action_from_body(item["action"])


def test_lines_that_clash_with_the_register_are_named(station: Station, office: SampleOffice) -> None:
    office.register(office.invented(0))
    office.push_all_recorded()
    assert send(office, page_of(office, 1, 4))["verdict"] == "recorded"
    page = page_of(office, 0, 6)
    receipt = send(office, page)
    assert receipt["code"] == "register_lines_refused"
    assert receipt["params"]["count"] == 4
    assert receipt["params"]["lines"] == [{"line": line, "code": "unit_exists"} for line in (1, 2, 3, 4)]
    assert stored(station, office) == (1, 3, 1)
    assert send(office, page_of(office, 4, 6))["verdict"] == "recorded"


def test_two_pages_in_a_batch_see_each_other(station: Station, office: SampleOffice) -> None:
    items = [item_of(office, page_of(office, start, end)) for start, end in ((0, 4), (4, 8), (7, 9))]
    receipts = office.ask("/api/v1/actions", office.batch(items))["receipts"]
    assert [receipt["verdict"] for receipt in receipts] == ["recorded", "recorded", "rejected"]
    assert receipts[2]["params"]["lines"] == [{"line": 1, "code": "unit_exists"}]
    assert stored(station, office) == (2, 8, 2)


def test_pages_and_single_units_in_one_batch_see_each_other(station: Station, office: SampleOffice) -> None:
    """What is written at the end of a batch counts from the moment it was judged."""
    first, twin = page_of(office, 0, 4), page_of(office, 6, 8)
    items = [item_of(office, first), item_of(office, page_of(office, 4, 6))]
    office.register(office.invented(2))
    office.register(office.invented(6))
    items += office.outbox
    office.outbox = []
    items.append(item_of(office, twin))
    receipts = office.ask("/api/v1/actions", office.batch(items))["receipts"]
    assert [receipt["code"] for receipt in receipts] == ["", "", "unit_exists", "", "register_lines_refused"]
    assert stored(station, office) == (2, 6, 2)


def test_the_same_codes_may_stand_in_another_offices_register(station: Station, office: SampleOffice) -> None:
    other = station.new_office()
    assert send(office, page_of(office, 0, 3))["verdict"] == "recorded"
    assert send(other, page_of(other, 0, 3))["verdict"] == "recorded"
    assert stored(station, office) == stored(station, other) == (1, 3, 1)


def test_a_desk_of_the_first_protocol_is_told_that_it_is_outdated(
    station: Station, office: SampleOffice
) -> None:
    receipt = send(office, page_of(office, 0, 2))
    office.register(office.invented(5))
    office.push_all_recorded()
    office.protocol = 1
    before = office.feed()
    assert [item["position"] for item in before["items"]] == list(range(1, receipt["position"]))
    assert before["next"] == receipt["position"] - 1
    status, answer = office.post("/api/v1/feed", office.envelope("feed", after=before["next"], limit=10))
    assert (status, json.loads(answer)["error"]) == (409, "desk_outdated")
    office.protocol = 2
    assert len(office.feed(before["next"])["items"]) == 2


@pytest.mark.parametrize("held", ["x", [1], ["a"] * 101, {"a": 1}])
def test_odd_words_about_held_pages_are_refused(office: SampleOffice, held: Any) -> None:
    office.protocol = 2
    assert send(office, page_of(office, 0, 2))["verdict"] == "recorded"
    status, answer = office.post("/api/v1/feed", office.envelope("feed", after=0, limit=10, held=held))
    assert (status, json.loads(answer)["error"]) == (400, "envelope_malformed")


def test_erasing_a_unit_leaves_the_others_and_the_proof(station: Station, office: SampleOffice) -> None:
    office.protocol = 2
    page = page_of(office, 0, 4)
    receipt = send(office, page)
    subject, table = page.rows[2][0], tables.subject_key
    with station.hub.database.write() as connection:
        query = select(table.c.sealed).where(
            table.c.office == office.office, table.c.subject == receipt["hash"]
        )
        before = connection.execute(query).scalar_one()
        erase_unit(station.hub, connection, office.office, subject)
        assert connection.execute(query).scalar_one() != before
        world = LedgerWorld(connection, office.office, station.hub.sealed)
        erased = [world.unit(row[0]) for row in page.rows]
        assert [unit is not None and unit.erased for unit in erased] == [False, False, True, False]
        assert "representative_name" not in (erased[2].values if erased[2] else {})
    fed = office.feed(receipt["position"] - 1)["items"][0]
    lines = open_lines(fed["sealed"], office.exchange[0], receipt["hash"], SHAPE)
    assert lines == [*page.private[:2], ["", ""], page.private[3]]
    assert base64.b64decode(fed["records"]) == pack(page_text(page.rows))
    again = page_of(office, 10, 12)
    again.rows[0][0] = subject  # an erased unit's id is never used again
    assert send(office, again)["params"]["lines"] == [{"line": 1, "code": "unit_exists"}]
