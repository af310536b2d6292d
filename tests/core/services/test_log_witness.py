"""Real desks and a real hub: heads are kept on both sides, and a changed hub stops the desks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.errors import EnvironmentFault
from core.services import applications, people
from core.services.closing import newest_checkpoint
from core.services.conflicts import open_items, settle
from core.services.sync import status, sync
from core.store.checkpoints import Checkpoints, KeptCheckpoint
from core.sync import witness
from core.tlog import checkpoint as notes
from core.tlog import merkle
from core.tlog.audit import audit
from core.tlog.entry import entry_leaf
from core.tlog.proof import verify_proof
from core.verbs.outcome import Outcome
from core.verbs.running import Surroundings, run
from core.verbs.table import VERBS
from hub import log, tables
from hub.log_copy import copy_of, offices_of
from hub.log_tables import log_cosignature, log_tree
from hub.verbs import VERBS as HUB_VERBS
from tests.core.services.office_kit import OfficeKit, open_kit, password
from tests.core.services.real_hub import RealHub, open_real_hub
from tests.core.services.two_desks import two_desks
from ui.messages import sentence


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    kit = open_kit(tmp_path)
    yield kit
    kit.close()


@pytest.fixture
def hub(kit: OfficeKit, tmp_path: Path) -> Iterator[RealHub]:
    hub = open_real_hub(tmp_path, kit)
    hub.enrol(kit)
    yield hub
    hub.close()


def work(kit: OfficeKit, hub: RealHub) -> KeptCheckpoint:
    """A unit more, then a cycle; the head the desk keeps afterwards."""
    with kit.sit("clerk") as clerk:
        kit.unit(clerk)
        sync(clerk, hub.port)
        with clerk.read() as uow:
            newest = Checkpoints(uow.connection).newest()
    assert newest is not None
    return newest


def test_desk_and_hub_keep_the_same_heads(kit: OfficeKit, hub: RealHub) -> None:
    first = work(kit, hub)
    second = work(kit, hub)
    assert second.size == first.size + 1
    with hub.hub.database.read() as connection:
        office = connection.execute(select(log_tree.c.office)).scalar_one()
        assert log.checkpoint(connection, office) == second.note
        kept = connection.execute(select(log_cosignature.c.size)).scalars().all()
    assert kept == [first.size]  # the newest goes back with the next batch


def test_every_action_of_the_desk_can_be_proven(kit: OfficeKit, hub: RealHub) -> None:
    newest = work(kit, hub)
    key = hub.hub.signer.public_bytes()
    with kit.sit("clerk") as clerk, clerk.read() as uow:
        every = [signed.hash for signed in uow.ledger.chain()]
        proofs = witness.receipt_proofs(uow, every)
    assert [proof.hash for proof in proofs] == every
    for proof in proofs:
        assert proof.note == newest.note
        found = verify_proof(proof.text(), key)
        assert (found.hash, found.position) == (proof.hash, proof.index + 1)


def type_in(*words: object) -> Outcome:
    """Run a verb as it is typed."""

    def nobody(more: object) -> Any:
        raise AssertionError("nothing of a hub is asked for")

    around = Surroundings(
        lambda fault: sentence(fault).whole(), lambda _: None, lambda _: None, nobody, nobody
    )
    return run((*VERBS, *HUB_VERBS), [str(word) for word in words], around)


def test_a_cases_receipts_are_proven_to_who_holds_the_hubs_key(
    kit: OfficeKit, hub: RealHub, tmp_path: Path
) -> None:
    with kit.sit("clerk") as clerk:
        case = kit.ready_case(clerk)
    work(kit, hub)
    old, word = tmp_path / "old.txt", tmp_path / "password"
    with kit.sit("clerk") as clerk:
        old.write_text(newest_checkpoint(clerk), "utf-8")
    work(kit, hub)
    word.write_text(password("clerk"))
    word.chmod(0o600)
    desk = ("--data", kit.folder.root, "--as", "clerk", "--password-file", word)
    key = hub.hub.signer.public_bytes().hex()
    made: dict[str, dict[str, Any]] = {}
    for name, more in (("newest", ()), ("under", ("--under", old))):
        told = type_in("checkpoint", "proof", case, "--out", tmp_path / name, *more, *desk)
        assert told.exit == 0, told.body
        made[name] = told.body
        for line in told.body["proofs"]:
            seen = type_in("verify-log", "--proof", line["file"], "--hub-key", key)
            assert seen.exit == 0, seen.body
            assert {name: seen.body[name] for name in ("action", "position")} == {
                name: line[name] for name in ("action", "position")
            }
            assert (seen.body["subject"], seen.body["entries"]) == (case, told.body["entries"])
    assert made["newest"]["entries"] > made["under"]["entries"]
    assert len(made["newest"]["proofs"]) == len(made["under"]["proofs"]) >= 3
    under, newest = (made[name]["proofs"][0] for name in ("under", "newest"))
    held = ("--hub-key", key, "--checkpoint", old)
    assert type_in("verify-log", "--proof", under["file"], *held).exit == 0
    assert type_in("verify-log", "--proof", newest["file"], *held).body["error"] == "proof_elsewhere"
    one = type_in("checkpoint", "proof", under["action"], "--out", tmp_path / "one", *desk)
    assert [line["position"] for line in one.body["proofs"]] == [under["position"]]
    none = type_in("checkpoint", "proof", "0" * 64, "--out", tmp_path / "none", *desk)
    assert (none.exit, none.body["error"]) == (1, "proof_none")
    wrong = type_in("verify-log", "--proof", under["file"], "--hub-key", "00" * 32)
    assert (wrong.exit, wrong.body["error"]) == (1, "checkpoint_forged")


def test_a_back_dated_row_stops_desk_and_hub(kit: OfficeKit, hub: RealHub) -> None:
    before = work(kit, hub)
    table = tables.action
    with hub.hub.database.write() as connection:  # whoever runs the hub rewrites a moment, and signs it
        old = "2020-01-01T00:00:00.000Z"
        connection.execute(update(table).where(table.c.position == 2).values(recorded_at=old))
        office = connection.execute(select(log_tree.c.office)).scalar_one()
        rows = connection.execute(select(table.c.recorded_at, table.c.hash).order_by(table.c.position)).all()
        edge = merkle.CompactRange().extended(entry_leaf(*row) for row in rows)
        head = notes.Checkpoint(log.origin(hub.hub, office), edge.size, edge.root())
        note = notes.sign_note(head, hub.hub.signer)
        connection.execute(update(log_tree).values(edge=edge.to_text(), note=note))
    with kit.sit("clerk") as clerk:
        for _ in range(2):
            with pytest.raises(EnvironmentFault, match="log_diverged"):
                sync(clerk, hub.port)
        halt = status(clerk).halt
        assert halt is not None and halt.code == "log_diverged"
        with clerk.read() as uow:
            assert Checkpoints(uow.connection).newest() == before
    with hub.hub.database.read() as connection:  # the desk handed its proof in before it stopped
        assert connection.execute(select(tables.alarm.c.kind)).scalars().all() == ["log_diverged"]


def test_a_hub_put_back_to_an_old_backup_stops_the_desk(kit: OfficeKit, hub: RealHub, tmp_path: Path) -> None:
    work(kit, hub)
    backup = tmp_path / "old.db"
    with hub.hub.database.engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute("VACUUM INTO ?", (str(backup),))
    work(kit, hub)
    hub.hub.database.close()
    from hub.setup import open_hub
    from tests.core.services.real_hub import KEY

    old = RealHub(open_hub(f"sqlite:///{backup}", KEY, kit.clock), "")
    with kit.sit("clerk") as clerk, pytest.raises(EnvironmentFault, match="log_diverged"):
        sync(clerk, old.port)
    old.close()


def test_an_honest_history_of_two_desks_in_conflict_raises_no_alarm(tmp_path: Path) -> None:
    """Refused links, settled refusals, a member who left, two witnesses: all of it is in order."""
    with two_desks(tmp_path) as pair:
        with pair.here.sit("clerk") as clerk:
            case = pair.here.ready_case(clerk)
        pair.settle_down()
        for name in ("here", "there"):
            with pair.kit(name).sit("clerk") as clerk:
                applications.tick_papers(
                    clerk, case, {"manager_id": {"original": True, "copy": name == "here"}}
                )
        refused = pair.sync("here", "there")
        assert len(refused) == 1
        with pair.there.sit("clerk") as clerk:
            settle(clerk, open_items(clerk)[0].id, "redo")
        with pair.here.sit("admin") as admin:
            people.set_active(admin, pair.here.person("auditor"), False)
        pair.settle_down()
        pair.settle_down()
        with pair.hub.database.read() as connection:
            (office,) = offices_of(connection)
            copy = copy_of(connection, office)
            assert copy.rejected and {device for device, _ in copy.cosignatures} > {"there-desk"}
            verdict = audit(copy, pair.hub.signer.public_bytes())
        assert verdict.ok and verdict.entries > 10, verdict
