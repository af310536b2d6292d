"""T30: a ceremony driven by one reviewed file; whatever is wrong with it, nothing happens at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.clock import china_date, from_stamp
from core.errors import CertDeskError, UserError
from core.ids import system_random
from core.sync.enrolment import fingerprint, read_certificate
from hub import schema, tables
from hub.ceremony import Vault, hold, hub_keys, read_transcript
from hub.certificates import find_office
from hub.enrolments import accept, request
from hub.root_file import open_root
from hub.setup import Hub, init, open_hub
from tests.hub.conftest import Hands
from tests.hub.sample_office import SampleOffice

PASSWORD = "仪式口令-拂晓-海风"


@dataclass
class Hall:
    """A hub whose root is offline, two offices that ask, and the file as it was reviewed."""

    hub: Hub
    folder: Path
    hands: Hands
    offices: list[SampleOffice]
    plan: dict[str, Any]
    data: bytes | None = None
    password: str = PASSWORD
    root: Path = field(init=False)
    transcript: Path = field(init=False)

    def __post_init__(self) -> None:
        self.root = self.folder / "root.json"
        self.transcript = self.folder / "transcript.json"

    def hold(self, *, dry_run: bool = False) -> dict[str, Any]:
        data = json.dumps(self.plan, ensure_ascii=False).encode() if self.data is None else self.data
        vault = Vault(self.root, self.password)
        return dict(hold(self.hub, data, self.transcript, vault, dry_run=dry_run).transcript["body"])

    def everything(self) -> tuple[Any, ...]:
        """All rows of the database and all files of the folder but the database itself."""
        with self.hub.database.read() as connection:
            rows = {
                name: sorted(map(repr, connection.execute(select(table)).all()))
                for name, table in schema.metadata.tables.items()
            }
        files = {path.name: path.read_bytes() for path in self.folder.iterdir() if "hub.db" not in path.name}
        return rows, files


def asked(hub: Hub, hands: Hands) -> tuple[SampleOffice, dict[str, Any]]:
    """An office that has asked, and the line that certifies it."""
    office = SampleOffice(lambda path, data: (500, b""), hands)
    mark = request(hub, office.enrolment())["fingerprint"]
    assert office.founding is not None
    public = office.founding.action.public
    terms = {"single_clerk": False, "days": 365, "purposes": [1, 2]}
    return office, {"fingerprint": mark, "code": public["code"], "name": public["name"], **terms}


def build(folder: Path) -> Hall:
    hands, url, key = Hands(), f"sqlite:///{folder / 'hub.db'}", system_random(32)
    init(
        url, "http://127.0.0.1:18443", folder / "root.pem", key, False, hands, offline_root=True
    ).database.close()
    hub = open_hub(url, key, hands)
    requests = [asked(hub, hands) for _ in range(2)]
    with hub.database.read() as connection:
        own = hub_keys(hub, connection)
    plan = {
        "ceremony": "2026-first",
        "held_on": china_date(hands()).isoformat(),
        "hub": own,
        "root": {"action": "create"},
        "witnesses": ["见证人甲", "见证人乙"],
        "certify": [line for _, line in requests],
        "renew": [],
        "revoke": [],
    }
    return Hall(hub, folder, hands, [office for office, _ in requests], plan)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = build(tmp_path)
    yield made
    made.hub.database.close()


def second(hall: Hall) -> None:
    """Hold the first ceremony and prepare another one with the same root."""
    told = hall.hold()
    _, line = asked(hall.hub, hall.hands)
    root = {"action": "use", "fingerprint": told["root_fingerprint"]}
    hall.plan |= {"ceremony": "2026-second", "root": root, "certify": [line]}
    hall.transcript = hall.folder / "second.json"


# --- as it should be ------------------------------------------------------------------------------


def test_a_ceremony_makes_the_root_and_certifies_what_the_file_names(hall: Hall) -> None:
    hall.plan["certify"][1] |= {"single_clerk": True, "days": 30, "purposes": [1]}
    told = hall.hold()
    assert told["root_made"] and read_transcript(hall.transcript.read_bytes()) == told
    assert told["plan"] == hall.plan
    root = open_root(hall.root, PASSWORD)
    assert b"PRIVATE KEY" in root.verifier_root
    for office, line in zip(hall.offices, hall.plan["certify"], strict=True):
        answer = request(hall.hub, office.enrolment())
        certificate = read_certificate(answer["office_certificate"])
        assert certificate.root_key == root.signer.public_bytes().hex()
        assert (certificate.single_clerk, list(certificate.purposes)) == (
            line["single_clerk"],
            line["purposes"],
        )
        life = from_stamp(certificate.not_after) - from_stamp(certificate.not_before)
        assert life == timedelta(days=line["days"])
    with hall.hub.database.read() as connection:
        assert hall.hub.trust.authority(connection) is not None
        with pytest.raises(UserError, match="root_offline"):
            hall.hub.trust.root(connection)
        secrets = connection.execute(select(tables.hub_key.c.name, tables.hub_key.c.secret)).all()
    assert {row.name for row in secrets if len(row.secret) < 40} == {"root"}  # the verifiers' root went along
    assert root.signer.seed().hex() not in hall.root.read_text() + hall.transcript.read_text()


def test_a_dry_run_says_the_same_and_changes_nothing(hall: Hall) -> None:
    before = hall.everything()
    told = hall.hold(dry_run=True)
    assert hall.everything() == before and not hall.transcript.exists()
    assert [item["code"] for item in told["certified"]] == [line["code"] for line in hall.plan["certify"]]
    hall.hold()


def test_a_second_ceremony_certifies_renews_and_revokes(hall: Hall) -> None:
    second(hall)
    first = hall.offices[0]
    known = hall.plan["certify"][0]
    renewed = {"office": first.office, "code": known["code"], "name": known["name"]}
    renewed |= {"single_clerk": True, "days": 700, "purposes": [1, 2]}
    other = hall.offices[1]
    hall.plan["renew"] = [renewed]
    hall.plan["revoke"] = [{"kid": other.signer.kid, "office": other.office, "reason": "遗失"}]
    hall.hands.forward(minutes=1)
    told = hall.hold()
    assert not told["root_made"] and len(told["certified"]) == 2
    assert [(item["device"], item["kid"]) for item in told["revoked"]] == [(other.device, other.signer.kid)]
    with hall.hub.database.read() as connection:
        data = find_office(connection, first.office)
    certificate = read_certificate(data)
    assert certificate.single_clerk
    assert from_stamp(certificate.not_after) - from_stamp(certificate.not_before) == timedelta(days=700)


def test_a_root_that_lies_at_the_hub_may_hold_ceremonies_too(tmp_path: Path) -> None:
    hands, url, key = Hands(), f"sqlite:///{tmp_path / 'hub.db'}", system_random(32)
    hub = init(url, "http://127.0.0.1:18443", tmp_path / "root.pem", key, False, hands)
    _, line = asked(hub, hands)
    with hub.database.read() as connection:
        root = hub.trust.root_public(connection)
        own = hub_keys(hub, connection)
    assert root is not None
    plan = {
        "ceremony": "one",
        "held_on": china_date(hands()).isoformat(),
        "hub": own,
        "renew": [],
        "revoke": [],
    }
    plan |= {"root": {"action": "use", "fingerprint": fingerprint(root)}, "witnesses": ["甲", "乙"]}
    data = json.dumps(plan | {"certify": [line]}).encode()
    with pytest.raises(UserError, match="root_is_online"):
        hold(hub, data, tmp_path / "out.json", Vault(tmp_path / "root.json", PASSWORD))
    assert len(hold(hub, data, tmp_path / "out.json").transcript["body"]["certified"]) == 1
    hub.database.close()


def test_a_changed_transcript_is_seen(hall: Hall) -> None:
    hall.hold()
    good = json.loads(hall.transcript.read_bytes())
    for change in (
        {"body": {**good["body"], "at": "2026-01-01T00:00:00.000Z"}},
        {"body": {**good["body"], "root_key": "00" * 32}},
        {"body": {**good["body"], "root_fingerprint": "0"}},
        {"signature": "00" * 64},
        {"signature": 7},
        {"body": []},
    ):
        with pytest.raises(UserError, match="transcript_damaged"):
            read_transcript(json.dumps(good | change).encode())
    with pytest.raises(UserError, match="transcript_damaged"):
        read_transcript(b"[" * 100_000)


# --- mistakes -------------------------------------------------------------------------------------


def _field(*path: Any, value: Any) -> Callable[[Hall], None]:
    def change(hall: Hall) -> None:
        place: Any = hall.plan
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def _without(hall: Hall) -> None:
    del hall.plan["certify"][0]["single_clerk"]


def _twice(hall: Hall) -> None:
    hall.plan["certify"].append(dict(hall.plan["certify"][0]))


def _repeated_key(hall: Hall) -> None:
    hall.data = json.dumps(hall.plan).replace('"renew": []', '"renew": [], "revoke": []').encode()


def _cut(hall: Hall) -> None:
    hall.data = json.dumps(hall.plan).encode()[:-20]


def _tampered_request(hall: Hall) -> None:
    """Somebody with the database changed what the office asked for."""
    with hall.hub.database.write() as connection:
        row = connection.execute(select(tables.enrolment)).first()
        assert row is not None
        payload = json.loads(row.request)
        payload["payload"]["founding"]["action"]["public"]["level"] = "province"
        changed = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        connection.execute(
            update(tables.enrolment)
            .where(tables.enrolment.c.fingerprint == row.fingerprint)
            .values(request=changed)
        )


def _transcript_there(hall: Hall) -> None:
    hall.transcript.write_text("an earlier one")


def _root_there(hall: Hall) -> None:
    hall.root.write_text("another one")


def _made_twice(hall: Hall) -> None:
    second(hall)
    hall.plan["root"] = {"action": "create"}
    hall.root = hall.folder / "root-2.json"


def _wrong_password(hall: Hall) -> None:
    second(hall)
    hall.password = "仪式口令-黄昏-海风"


def _wrong_fingerprint(hall: Hall) -> None:
    second(hall)
    hall.plan["root"]["fingerprint"] = fingerprint(b"another")


def _another_root(hall: Hall) -> None:
    """The root file of another province, with its own right fingerprint."""
    second(hall)
    folder = hall.folder / "other"
    folder.mkdir()
    other = build(folder)
    told = other.hold()
    hall.plan["root"]["fingerprint"] = told["root_fingerprint"]
    hall.root.write_bytes(other.root.read_bytes())
    other.hub.database.close()
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _same_name(hall: Hall) -> None:
    second(hall)
    hall.plan["ceremony"] = "2026-first"


def _certified_before(hall: Hall) -> None:
    second(hall)
    office = hall.offices[0]
    hall.plan["certify"][0]["fingerprint"] = fingerprint(office.enrolment())


def _unknown_key(hall: Hall) -> None:
    hall.plan["revoke"] = [{"kid": "00000000", "office": hall.offices[0].office, "reason": "遗失"}]


def _no_root_file(hall: Hall) -> None:
    second(hall)
    hall.root = hall.folder / "nowhere.json"


def _short_password(hall: Hall) -> None:
    hall.password = "短"


MISTAKES: dict[str, tuple[str, Callable[[Hall], None]]] = {
    "one witness": ("ceremony_witnesses", _field("witnesses", value=["见证人甲"])),
    "the same witness twice": ("ceremony_witnesses", _field("witnesses", value=["见证人甲", "见证人 甲"])),
    "another day": ("ceremony_day", _field("held_on", value="2026-01-01")),
    "another hub's address": ("ceremony_other_hub", _field("hub", "issuer", value="https://hub.example")),
    "another hub's key": ("ceremony_other_hub", _field("hub", "signer", value="ab" * 32)),
    "another exchange key": ("ceremony_other_hub", _field("hub", "exchange", value="ab" * 32)),
    "earnest for rehearsal": ("ceremony_other_hub", _field("hub", "rehearsal", value=True)),
    "a request nobody made": ("enrolment_unknown", _field("certify", 0, "fingerprint", value="0000-0000")),
    "another office's code": ("ceremony_office_differs", _field("certify", 0, "code", value="460100")),
    "another office's name": ("ceremony_office_differs", _field("certify", 1, "name", value="某县编办")),
    "too long": ("ceremony_malformed", _field("certify", 0, "days", value=40_000)),
    "a purpose unknown": ("ceremony_malformed", _field("certify", 0, "purposes", value=[1, 9])),
    "nothing said of single clerks": ("ceremony_malformed", _without),
    "a misspelt word": ("ceremony_malformed", _field("certify", 0, "singleclerk", value=True)),
    "an office twice": ("ceremony_malformed", _twice),
    "a word twice": ("ceremony_malformed", _repeated_key),
    "a file cut short": ("ceremony_malformed", _cut),
    "a request changed in the database": ("enrolment_forged", _tampered_request),
    "an earlier transcript": ("file_exists", _transcript_there),
    "an earlier root file": ("file_exists", _root_there),
    "a second root": ("root_exists", _made_twice),
    "a wrong password": ("wrong_password", _wrong_password),
    "a weak password": ("password_too_short", _short_password),
    "a wrong fingerprint": ("root_fingerprint_differs", _wrong_fingerprint),
    "another province's root": ("root_changed", _another_root),
    "no root file": ("root_file_missing", _no_root_file),
    "a ceremony held before": ("ceremony_held_before", _same_name),
    "an office certified before": ("ceremony_certified_before", _certified_before),
    "a key nobody has": ("key_unknown", _unknown_key),
}


def test_every_mistake_stops_the_whole_ceremony(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stopped = []
    for number, (mistake, (code, inject)) in enumerate(MISTAKES.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        hall = build(folder)
        try:
            inject(hall)
            before = hall.everything()
            with pytest.raises(CertDeskError) as caught:
                hall.hold()
            assert caught.value.code == code, mistake
            assert hall.everything() == before, mistake
            stopped.append(mistake)
        finally:
            hall.hub.database.close()
    kinds = len({code for code, _ in MISTAKES.values()})
    with capsys.disabled():
        print(
            f"\nT30 ceremony: mistakes {len(MISTAKES)} ({kinds} codes), stopped {len(stopped)},"
            f" changed anything 0"
        )


def test_a_full_disk_leaves_no_half_ceremony(hall: Hall) -> None:
    hall.transcript = hall.folder / "no such folder" / "transcript.json"
    before = hall.everything()
    with pytest.raises(CertDeskError, match="file_unwritable"):
        hall.hold()
    assert hall.everything() == before  # the root file was written first, and is gone again
    with pytest.raises(UserError, match="root_offline"):
        accept(hall.hub, hall.offices[0].enrolment(), False)
