"""Trust as an operator lives it: offline root, ceremony, https on both sides, a second desk, a key withdrawn.

One process a verb; the row runs once, and each test looks at one thing it left behind. All data is invented.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.clock import china_date, system_clock
from hub.ceremony import read_transcript
from tests.e2e import desk_kit as kit
from tests.e2e.desk_kit import APP, Answer, Desk, Hub, app

pytestmark = pytest.mark.slow

_PEOPLE = (("boss", "演练管理员", ["admin"]), ("clerk", "演练受理员", ["clerk", "reviewer"]))


class TlsHub(Hub):
    """A hub over https, its root offline."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = self.url.replace("http:", "https:")
        self.tls = folder / "tls"

    def start(self) -> None:
        files = ("--tls-cert", str(self.tls / "server.pem"), "--tls-key", str(self.tls / "server.key"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*APP, "hub", *self.where, "--listen", f"127.0.0.1:{self.port}", *files],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self.process.stdout is not None
        assert json.loads(self.process.stdout.readline()) == {"ready": True, "url": self.url}


@dataclass
class Row:
    """What happened."""

    place: Path
    first: Desk
    second: Desk
    hub: TlsHub
    answers: dict[str, Answer] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Answer:
        return self.answers[name]

    def keep(self, name: str, answer: Answer, exit: int = 0) -> Answer:
        assert answer.exit == exit, (name, answer.exit, answer.out.decode(), answer.err.decode())
        self.answers[name] = answer
        return answer

    @property
    def ca(self) -> tuple[str, Path]:
        return "--ca", self.hub.tls / "ca.pem"

    def enrol(self) -> Answer:
        return self.first.as_("boss", "office", "enrol", self.hub.url, *self.ca)

    def sync(self, desk: Desk) -> Answer:
        return desk.as_("clerk", "sync", *self.ca)


def _found(row: Row) -> None:
    inputs, people = row.first.inputs, []
    for login, name, roles in _PEOPLE:
        (inputs / f"{login}.txt").write_text(f"secret of {login}\n", "utf-8")
        people.append({"login": login, "name": name, "password_file": f"{login}.txt", "roles": roles})
    office = kit.write_json(inputs / "office.json", {"office": kit.OFFICE, "people": people})
    row.keep("office init", app("office", "init", office, "--rehearsal", "--data", row.first.data))
    row.keep("test-ca", app("hub", "test-ca", row.hub.tls))
    asked = ("--url", row.hub.url, "--root-out", row.place / "verifiers.pem", "--rehearsal", "--offline-root")
    row.keep("hub init", app("hub", "init", *row.hub.where, *asked))
    row.hub.start()
    row.keep("asked", row.enrol())
    row.keep("no root", app("hub", "enrol", row["asked"].body["fingerprint"], *row.hub.where), 1)


def _ceremony(row: Row) -> None:
    keys = row.keep("keys", app("hub", "keys", *row.hub.where)).body
    [waiting] = keys["pending"]
    line = {name: waiting[name] for name in ("fingerprint", "code", "name")}
    plan = {
        "ceremony": "2026-first",
        "held_on": china_date(system_clock()).isoformat(),
        "hub": keys["hub"],
        "root": {"action": "create"},
        "witnesses": ["见证人甲", "见证人乙"],
        "certify": [line | {"single_clerk": False, "days": 365, "purposes": [1, 2]}],
        "renew": [],
        "revoke": [],
    }
    file = kit.write_json(row.place / "ceremony.json", plan)
    wrong = kit.write_json(row.place / "wrong.json", plan | {"witnesses": ["见证人甲"]})
    (row.place / "root.txt").write_text("海风吹过的旧口令\n", "utf-8")
    where = ("--transcript", row.place / "transcript.json", "--root", row.place / "root.json")
    secret = ("--root-password-file", row.place / "root.txt", *row.hub.where)
    row.keep("one witness", app("hub", "ceremony", wrong, *where, *secret), 1)
    row.keep("dry run", app("hub", "ceremony", file, *where, *secret, "--dry-run"))
    assert not (row.place / "root.json").exists() and not (row.place / "transcript.json").exists()
    row.keep("ceremony", app("hub", "ceremony", file, *where, *secret))
    row.hub.stop()
    row.hub.start()
    row.keep("enrolled", row.enrol())
    row.keep("first sync", row.sync(row.first))


def _second(row: Row) -> None:
    request, package, data = row.place / "request.json", row.place / "package.json", row.second.data
    secret = ("--password-file", row.second.inputs / "clerk.txt")
    row.keep("request in clear", app("desk", "request", "--data", data, "--out", request), 2)
    row.keep("request given up", app("desk", "request", "--data", data, "--out", request, *secret))
    row.keep("forgotten", app("desk", "forget", "--data", data))
    row.keep("nothing to forget", app("desk", "forget", "--data", data), 1)
    row.keep("request", app("desk", "request", "--data", data, "--out", request, *secret))
    assert '"signing_seed"' not in (data / "joining.json").read_text()
    mark = row["request"].body["fingerprint"]
    admit = ("desk", "admit", request, "--out", package, "--fingerprint")
    row.keep("admit wrongly", row.first.as_("boss", *admit, "0000-" + mark[5:]), 1)
    row.keep("admit by clerk", row.first.as_("clerk", *admit, mark), 1)
    row.keep("admit", row.first.as_("boss", *admit, mark))
    row.keep("join", row.second.as_("clerk", "desk", "join", package))
    row.keep("too early", row.sync(row.second), 3)
    row.keep("admitting sync", row.sync(row.first))
    row.keep("second sync", row.sync(row.second))
    unit = {
        "uscc": kit.USCC,
        "name": "演练第九小学",
        "purpose": "演练数据，不是真实登记信息。",
        "address": "演练镇示范路1号",
        "representative_name": kit.NAME,
        "funding_source": "财政补助",
        "starting_capital": "10万元",
        "sponsor": "演练局",
        "valid_from": "2024-01-01",
        "valid_to": "2099-01-01",
    }
    row.keep("unit add", row.second.as_("clerk", "unit", "add", row.second.file("unit.jsonl", unit)))
    row.keep("unit pushed", row.sync(row.second))
    row.keep("unit pulled", row.sync(row.first))


def _withdraw(row: Row) -> None:
    kid = row["join"].body["kid"]
    row.keep("devices", app("hub", "devices", *row.hub.where))
    row.keep("revoke", app("hub", "revoke-key", kid, "--reason", "遗失", *row.hub.where))
    row.keep("revoke again", app("hub", "revoke-key", kid, *row.hub.where), 1)
    row.keep("refused", row.sync(row.second), 3)
    row.keep("others sync", row.sync(row.first))
    row.keep("list", row.first.as_("boss", "desk", "list"))
    row.keep("alarms", app("hub", "alarms", *row.hub.where))


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Row]:
    place = tmp_path_factory.mktemp("trust")
    for name in ("inputs", "one", "two"):
        (place / name).mkdir()
    desks = [Desk(place / name, place / "inputs") for name in ("one", "two")]
    made = Row(place, *desks, TlsHub(place))
    try:
        for step in (_found, _ceremony, _second, _withdraw):
            step(made)
        yield made
    finally:
        if made.hub.process is not None:
            made.hub.stop()


def test_without_its_root_the_hub_enrols_nobody_and_names_the_ceremony(row: Row) -> None:
    told = row["no root"].body
    assert told["error"] == "root_offline" and "ceremony" in told["message"]
    assert row["one witness"].body["error"] == "ceremony_witnesses"


def test_the_ceremony_leaves_a_signed_transcript_and_an_encrypted_root(row: Row) -> None:
    told = row["ceremony"].body
    assert told["held"] and told["root_made"] and told["restart_hub"]
    assert row["dry run"].body["held"] is False
    body = read_transcript((row.place / "transcript.json").read_bytes())
    assert body["root_fingerprint"] == told["root_fingerprint"] == row["enrolled"].body["root_fingerprint"]
    assert [item["code"] for item in body["certified"]] == [kit.OFFICE]
    root = json.loads((row.place / "root.json").read_text())
    assert root["wrapped"]["kdf"] == "argon2id" and "BEGIN" not in json.dumps(root)


def test_the_second_desk_joins_with_its_own_keys_and_works(row: Row) -> None:
    assert row["admit wrongly"].body["error"] == "fingerprint_differs"
    assert row["admit by clerk"].body["error"] == "role_missing"
    assert row["nothing to forget"].body["error"] == "desk_not_requested"
    assert row["admit"].body["fingerprint"] == row["request"].body["fingerprint"]
    assert row["request given up"].body["fingerprint"] != row["request"].body["fingerprint"]
    assert {item["login"] for item in row["join"].body["people"]} == {"boss", "clerk"}
    assert row["join"].body["device"] != row["office init"].body["device"]
    assert row["too early"].body["error"] == "device_unknown"
    assert row["unit pushed"].body["pushed"] == 1 and row["unit pulled"].body["pulled"] == 1


def test_a_withdrawn_desk_hears_what_to_do_and_the_others_go_on(row: Row) -> None:
    told = row["refused"].body
    assert told["error"] == "device_revoked" and "停用" in told["message"]
    assert row["revoke again"].body["error"] == "key_revoked_before"
    revoked = [item["device"] for item in row["list"].body["desks"] if item["revoked_at"]]
    assert revoked == [row["join"].body["device"]]
    before = {item["kid"]: item["certificates"] for item in row["devices"].body["devices"]}
    assert len(before) == 2 and all(count >= 1 for count in before.values())  # both have client certificates
    assert row["alarms"].body == {"alarms": []}


def test_no_secret_is_printed_or_left_in_clear(row: Row) -> None:
    key = (row.hub.folder / "hub.key").read_text().strip()
    for answer in row.answers.values():
        assert key.encode() not in answer.out + answer.err
        assert b"PRIVATE" not in answer.out + answer.err
    assert not (row.second.data / "joining.json").exists()
    for file in (row.place / "package.json", row.place / "request.json", row.place / "transcript.json"):
        assert "演练管理员" not in file.read_text()
