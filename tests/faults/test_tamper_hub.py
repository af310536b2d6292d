"""T18: the hub's own people against who holds public keys and one old checkpoint (security.md 5.2).

Every attack is made on a copy of an honest hub's database (or of its exported files) and looked at by
``verify-log`` itself. The known-bad control is the same verifier without the old checkpoint: it has to miss
a cut tail that was signed again, or the suite proves nothing.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from app import main
from core.clock import system_clock
from core.ids import system_random
from core.tlog import checkpoint as notes
from hub import log
from hub.app import build
from hub.desks import find_desk
from hub.engine import lock_office, open_database
from hub.enrolments import accept
from hub.facts import record_issued, void_certificates
from hub.ledger import Ledger
from hub.sealed import SealedValues
from hub.setup import Hub, init
from hub.status_lists import take_slot
from tests.asgi import post
from tests.faults.log_attacks import ATTACKS, FILE_ATTACKS, LOOKUP_ATTACKS, Scene, cut_tail_and_sign
from tests.hub.sample_office import SampleOffice
from tests.hub.test_register import page_of, send

Captured = pytest.CaptureFixture[bytes]
TIMES = int(os.environ.get("CERTDESK_TAMPER_TIMES", "10"))
"""Attacks of each kind; a release runs 100."""
KEY = bytes(range(32))
ISSUER = "https://hub.example/p"


@dataclass
class Ground:
    """An honest hub at rest: its database's file, what somebody kept of it, and its key for the attackers."""

    folder: Path
    hub: Hub
    offices: list[str]
    kept: dict[str, list[str]]

    @property
    def database(self) -> Path:
        return self.folder / "hub.db"

    def origin(self, office: str) -> str:
        return f"hub.example/p/log/{office}"


def _post(hub: Hub, path: str, data: bytes) -> tuple[int, bytes]:
    return post(build(hub), path, data)


def _cosign(hub: Hub, office: SampleOffice, note: str) -> None:
    with hub.database.write() as connection:
        name = notes.witness_name(log.origin(hub, office.office), office.device)
        text = notes.cosign(note, name, office.signer, int(office.clock().timestamp()))
        assert find_desk(connection, office.office, office.device) is not None
        assert log.add_cosignature(hub, connection, office.office, office.device, text)


def _note(hub: Hub, office: str) -> str:
    with hub.database.read() as connection:
        return log.checkpoint(connection, office)


def _issue(hub: Hub, office: SampleOffice, index: int, *, void: bool = False) -> None:
    """A fact of the hub's own in the middle of the office's."""
    approved = office.approved_case(index)
    office.push_all_recorded()
    facts: dict[str, Any] = {
        "case": approved.case,
        "unit": approved.unit,
        "jti": f"{index:024x}",
        "approval": approved.approval,
        "representative_no": 1,
        "issued_at": hub.stamp(),
        "expires_at": hub.stamp(),
    }
    with hub.database.write() as connection:
        lock_office(connection, office.office)
        ledger = Ledger(hub, connection, office.office)
        slot = take_slot(connection, hub.random)
        record_issued(hub, connection, ledger, slot, facts | {"status_index": slot.index})
        if void:
            void_certificates(hub, connection, ledger, approved.unit, "演练")


def _refused(office: SampleOffice) -> None:
    """An action that the hub refuses: a link of the desk's chain that is not in the log."""
    case = office.approved_case(60).case
    office.push_all_recorded()
    office.submit(case)
    assert [each["verdict"] for each in office.push()] == ["rejected"]
    office.reject_last(case)


def _history(hub: Hub, office: SampleOffice, kept: list[str], cases: int) -> None:
    assert send(office, page_of(office, 70, 75))["verdict"] == "recorded"
    for index in range(cases):
        office.approved_case(index)
        if index % 10 == 9:
            office.push_all_recorded()
            kept.append(_note(hub, office.office))
            _cosign(hub, office, kept[-1])
    _issue(hub, office, cases)
    _issue(hub, office, cases + 2, void=True)
    minted = office.mint(office.approved_case(cases + 3))
    office.act("claim_voided", "claim", minted.claim, {"reason": "cancelled"})
    office.push_all_recorded()
    _refused(office)
    office.approved_case(cases + 1)
    office.push_all_recorded()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("ground")
    hub = init(f"sqlite:///{folder / 'hub.db'}", ISSUER, folder / "root.pem", KEY, rehearsal=False)
    offices: list[str] = []
    kept: dict[str, list[str]] = {}
    for cases in (40, 10):
        office = SampleOffice(lambda path, data: _post(hub, path, data), system_clock)
        office.enrolled(accept(hub, office.enrolment(), False))
        office.push_all_recorded()
        _history(hub, office, kept.setdefault(office.office, []), cases)
        offices.append(office.office)
    hub.database.close()
    made = Ground(folder, hub, offices, kept)
    (folder / "hub.db.key").write_text(KEY.hex() + "\n")
    (folder / "hub.db.key").chmod(0o600)
    yield made


@pytest.fixture(scope="module")
def tally() -> Iterator[dict[str, int]]:
    """What the suite counts; printed as its one line at the end."""
    count = dict.fromkeys(("injected", "found", "honest", "alarms", "control", "missed"), 0)
    yield count
    print(
        f"\nT18 tamper-hub: injected {count['injected']}, found {count['found']}, "
        f"honest logs {count['honest']}, false alarms {count['alarms']}, "
        f"control missed {count['missed']} of {count['control']}"
    )


@contextmanager
def _copy(ground: Ground, place: Path) -> Iterator[Path]:
    copy = place / "copy"
    copy.mkdir()
    for name in ("hub.db", "hub.db.key"):
        shutil.copy(ground.database.with_name(name), copy / name)
    yield copy
    shutil.rmtree(copy)


@contextmanager
def _inside(database: Path) -> Iterator[Connection]:
    opened = open_database(f"sqlite:///{database}", KEY)
    with opened.write() as connection:
        yield connection
    opened.close()


def _verify(
    capfdbinary: Captured, ground: Ground, *where: str, old: list[Path]
) -> tuple[int, dict[str, Any]]:
    """Run the verb as a stranger would."""
    capfdbinary.readouterr()
    key = ground.hub.signer.public_bytes().hex()
    marks = [part for path in old for part in ("--checkpoint", str(path))]
    code = main(["verify-log", *where, "--hub-key", key, *marks])
    answer: dict[str, Any] = json.loads(capfdbinary.readouterr().out)
    return code, answer


def _where(copy: Path) -> tuple[str, str]:
    return "--db", f"sqlite:///{copy / 'hub.db'}"


def _old(ground: Ground, office: str, place: Path, which: int = -1) -> Path:
    path = place / "old.txt"
    path.write_text(ground.kept[office][which], "utf-8")
    return path


def _scene(ground: Ground, connection: Connection, seed: str, which: int = -1) -> Scene:
    office = ground.offices[0]
    key = ground.hub.signer.public_bytes()
    kept = notes.verify_note(ground.kept[office][which], key).size
    rolled = ground.kept[office][0]
    dice = random.Random(seed)
    sealed = SealedValues(KEY, system_random)
    return Scene(connection, office, ground.hub.signer, ground.origin(office), kept, rolled, dice, sealed)


@pytest.mark.parametrize("kind", ATTACKS)
def test_every_attack_is_found(
    kind: str,
    ground: Ground,
    tmp_path: Path,
    capfdbinary: Captured,
    tally: dict[str, int],
) -> None:
    office = ground.offices[0]
    for turn in range(TIMES):
        with _copy(ground, tmp_path) as copy:
            with _inside(copy / "hub.db") as connection:
                ATTACKS[kind](_scene(ground, connection, f"{kind} {turn}"))
            where = _where(copy)
            if turn % 2 and kind not in ("drop an office", "move a column", "edit tile"):
                out = str(copy / "files")  # half of them as they reach somebody who has only the files
                assert main(["hub", "export-log", *where, "--out", out]) == 0
                where = ("--dir", out)
            old = _old(ground, office, tmp_path)
            code, answer = _verify(capfdbinary, ground, *where, old=[old])
        tally["injected"] += 1
        assert (code, answer["error"]) == (1, "log_tampered"), (kind, turn, answer)
        assert answer["params"]["office"] == office and answer["params"]["check"]
        untouched = [line for line in answer["offices"] if line["office"] == ground.offices[1]]
        assert [line["ok"] for line in untouched] == [True]
        tally["found"] += 1


@pytest.mark.parametrize("kind", LOOKUP_ATTACKS)
def test_every_change_to_what_the_hub_acts_by_is_found(
    kind: str,
    ground: Ground,
    tmp_path: Path,
    capfdbinary: Captured,
    tally: dict[str, int],
) -> None:
    """No hash says it; the operator's ``hub check`` makes the rows again from the record."""
    for turn in range(TIMES):
        with _copy(ground, tmp_path) as copy:
            with _inside(copy / "hub.db") as connection:
                LOOKUP_ATTACKS[kind](_scene(ground, connection, f"{kind} {turn}"))
            capfdbinary.readouterr()
            code = main(["hub", "check", *_where(copy)])
        answer = json.loads(capfdbinary.readouterr().out)
        tally["injected"] += 1
        assert (code, answer["error"]) == (1, "record_differs"), (kind, turn, answer)
        assert {each["office"] for each in answer["differences"]} == {ground.offices[0]}
        tally["found"] += 1


@pytest.mark.parametrize("kind", FILE_ATTACKS)
def test_every_damage_to_the_files_is_found(
    kind: str,
    ground: Ground,
    tmp_path: Path,
    capfdbinary: Captured,
    tally: dict[str, int],
) -> None:
    office = ground.offices[0]
    whole = tmp_path / "whole"
    assert main(["hub", "export-log", *_where(ground.folder), "--out", str(whole)]) == 0
    for turn in range(TIMES):
        damaged = tmp_path / f"files-{turn}"
        shutil.copytree(whole, damaged)
        FILE_ATTACKS[kind](damaged, office, random.Random(f"{kind} {turn}"))
        old = _old(ground, office, tmp_path)
        code, answer = _verify(capfdbinary, ground, "--dir", str(damaged), old=[old])
        tally["injected"] += 1
        assert (code, answer["error"]) == (1, "log_tampered"), (kind, turn, answer)
        tally["found"] += 1
        shutil.rmtree(damaged)


def test_honest_logs_raise_no_alarm(
    ground: Ground, tmp_path: Path, capfdbinary: Captured, tally: dict[str, int]
) -> None:
    out = tmp_path / "files"
    assert main(["hub", "export-log", *_where(ground.folder), "--out", str(out)]) == 0
    for where in (_where(ground.folder), ("--dir", str(out))):
        for office in ground.offices:
            for which in range(len(ground.kept[office])):
                old = _old(ground, office, tmp_path, which)
                code, answer = _verify(capfdbinary, ground, *where, old=[old])
                tally["honest"] += len(answer["offices"])
                tally["alarms"] += sum(not line["ok"] for line in answer["offices"])
                assert (code, answer["ok"]) == (0, True), answer
    assert answer["entries"] == sum(line["entries"] for line in answer["offices"]) > 256
    capfdbinary.readouterr()
    assert main(["hub", "check", *_where(ground.folder)]) == 0
    assert json.loads(capfdbinary.readouterr().out)["differences"] == []


def test_the_control_without_an_old_checkpoint_misses_a_tail_that_was_cut_and_signed_again(
    ground: Ground, tmp_path: Path, capfdbinary: Captured, tally: dict[str, int]
) -> None:
    for turn in range(TIMES):
        with _copy(ground, tmp_path) as copy:
            with _inside(copy / "hub.db") as connection:
                cut_tail_and_sign(_scene(ground, connection, f"control {turn}"))
            code, answer = _verify(capfdbinary, ground, *_where(copy), old=[])
            seen, _ = _verify(
                capfdbinary, ground, *_where(copy), old=[_old(ground, ground.offices[0], tmp_path)]
            )
        tally["control"] += 1
        tally["missed"] += code == 0 and bool(answer["ok"])
        assert seen == 1
    assert tally["missed"] == tally["control"] == TIMES


def test_a_cosignature_in_the_database_alone_shows_a_rewritten_history(
    ground: Ground, tmp_path: Path, capfdbinary: Captured
) -> None:
    """Whoever forgets to delete the witnesses is found without any old checkpoint."""
    with _copy(ground, tmp_path) as copy:
        with _inside(copy / "hub.db") as connection:
            scene = _scene(ground, connection, "witness")
            scene.change(5, recorded_at="2020-01-01T00:00:00.000Z")
            from hub.log_tables import log_cosignature

            witnesses = connection.execute(log_cosignature.select()).all()
            scene.sign_again()
            mine = [dict(row._mapping) for row in witnesses if row.office == scene.office]
            connection.execute(log_cosignature.insert(), mine)
        code, answer = _verify(capfdbinary, ground, *_where(copy), old=[])
    assert (code, answer["params"]["check"]) == (1, "cosignature")
