"""Backup and restore: whole, checked before it counts; a restore is a new generation, and can be undone."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Cancelled, EnvironmentFault, UserError
from core.services import applications, audit, backup, sync
from core.services.session import Folder, unlock
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import PNG, OfficeKit, SeededRandom, password


def _backed_up(kit: OfficeKit, place: Path) -> Path:
    with kit.sit("admin") as admin:
        return backup.back_up(admin, place / "b.certdesk")


def _cases(kit: OfficeKit, folder: Folder | None = None) -> list[str]:
    session = unlock(folder or kit.folder, "admin", password("admin"), kit.ports)
    with session.read() as uow:
        found = sorted(line.case for line in uow.lists.cases())
    session.close()
    return found


def test_what_was_backed_up_comes_back_as_a_new_generation(kit: OfficeKit, tmp_path: Path) -> None:
    kept = kit.approved_case()
    file = _backed_up(kit, tmp_path)
    assert backup.verify_backup(file).startswith("2026-11-23T02:")
    lost = kit.approved_case()
    session = backup.restore(file, kit.folder, "admin", password("admin"), kit.ports)
    assert session.device.epoch == 2
    assert audit.verify_record(session) == 12
    scan = applications.get_case(session, kept).case.scans[0].id
    assert applications.read_scan(session, scan) == PNG
    session.close()
    with kit.sit("clerk") as clerk:
        kit.made += 1
        number = kit.filed_case(clerk)
        with clerk.read() as uow:
            newest = uow.ledger.record(None, 0, 1)[0].signed.action
        assert (newest.device_epoch, newest.seq) == (2, 2)
        assert audit.verify_record(clerk) == 14
    assert _cases(kit) == sorted([kept, number])
    # What lay there before is kept aside, whole, and opens.
    aside = [path for path in tmp_path.iterdir() if path.name.startswith("office.before-restore-")]
    assert len(aside) == 1 and _cases(kit, Folder(aside[0])) == sorted([kept, lost])


def test_one_backup_restored_twice_is_two_generations(kit: OfficeKit, tmp_path: Path) -> None:
    file = _backed_up(kit, tmp_path)
    for epoch in (2, 3):
        session = backup.restore(file, kit.folder, "admin", password("admin"), kit.ports)
        assert session.device.epoch == epoch
        session.close()
        kit.clock.move(minutes=1)


def test_a_restored_desk_and_its_hub_come_together_again(kit: OfficeKit, tmp_path: Path) -> None:
    """What the hub has from after the backup comes back down the feed; nothing is counted twice or lost."""
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    hub = PostedHub(fake.post)
    kit.enrol(hub)
    before = kit.approved_case()
    file = _backed_up(kit, tmp_path)
    with kit.sit("clerk") as clerk:
        applications_before = kit.filed_case(clerk)
        sync.sync(clerk, hub)
        office = clerk.office
    backup.restore(file, kit.folder, "admin", password("admin"), kit.ports).close()
    with kit.sit("clerk") as clerk:
        offline = kit.filed_case(clerk)  # made before the desk has heard of what it lost
        report = sync.sync(clerk, hub)
        assert report.rejected == () and report.pending == 0 and report.pulled == 2
        assert sorted(_cases(kit)) == sorted([before, applications_before, offline])
        assert audit.verify_record(clerk) > 0
        audit.check_rebuild(clerk)
        again = sync.sync(clerk, hub)
        assert (again.pushed, again.pulled) == (0, 0)
    assert len({signed.hash for signed, _ in fake.offices[office].feed}) == len(fake.offices[office].feed)


def test_both_sides_of_a_restore_acting_on_one_case_have_one_winner(kit: OfficeKit, tmp_path: Path) -> None:
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    hub = PostedHub(fake.post)
    kit.enrol(hub)
    with kit.sit("clerk") as clerk:
        case_id = kit.filed_case(clerk)
    file = _backed_up(kit, tmp_path)
    with kit.sit("clerk") as clerk:
        applications.withdraw(clerk, case_id)
        sync.sync(clerk, hub)
    backup.restore(file, kit.folder, "admin", password("admin"), kit.ports).close()
    with kit.sit("clerk") as clerk:
        kit.print_case(clerk, case_id)
        report = sync.sync(clerk, hub)
        assert [code for _, code in report.rejected] == ["version_conflict"] and report.pulled == 1
        assert applications.get_case(clerk, case_id).case.lifecycle.value == "withdrawn"
        with clerk.read() as uow:
            assert uow.lists.cases()[0].delivery == "rejected"
        audit.verify_record(clerk)
        audit.check_rebuild(clerk)


def test_a_wrong_password_or_a_damaged_backup_changes_nothing(kit: OfficeKit, tmp_path: Path) -> None:
    kit.approved_case()
    file = _backed_up(kit, tmp_path)
    later = kit.approved_case()
    good = file.read_bytes()
    before = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}
    with pytest.raises(UserError, match="wrong_password"):
        backup.restore(file, kit.folder, "admin", "not the password", kit.ports)
    file.write_bytes(good[: len(good) // 2])
    with pytest.raises(UserError, match="backup_damaged"):
        backup.restore(file, kit.folder, "admin", password("admin"), kit.ports)
    file.write_bytes(good)
    after = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*"))}
    changed = {path.name for path in set(before) ^ set(after)} | {
        path.name for path in before.keys() & after.keys() if before[path] != after[path]
    }
    assert changed <= {"b.certdesk", tmp_path.name, "desk.db-wal", "desk.db-shm"}
    assert later in _cases(kit)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_a_backup_is_found(kit: OfficeKit, tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "b.certdesk"
    if not file.exists():
        kit.approved_case()
        _backed_up(kit, tmp_path)
        (tmp_path / "good").write_bytes(file.read_bytes())
    good = (tmp_path / "good").read_bytes()
    backup.verify_backup(tmp_path / "good")
    damaged = bytearray(good)
    tail = data.draw(st.booleans())
    place = data.draw(st.integers(len(good) - 2000, len(good) - 1) if tail else st.integers(0, len(good) - 1))
    damaged[place] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        damaged = damaged[: data.draw(st.integers(0, len(good)))]
    file.write_bytes(damaged)
    try:
        made_at = backup.verify_backup(file)
    except UserError as told:
        assert told.code == "backup_damaged"
        return
    # ZIP headers repeat themselves and hold dates nobody reads: then every member must still be whole.
    with zipfile.ZipFile(tmp_path / "good") as whole, zipfile.ZipFile(file) as other:
        names = set(whole.namelist()) - {"manifest.json"}
        assert {n: whole.read(n) for n in names} == {n: other.read(n) for n in names}
    assert made_at


def _archive(place: Path, files: dict[str, bytes], manifest: object) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(manifest))
    return place


@pytest.mark.parametrize("manifest", [[], 7, {}, {"format": "certdesk-backup/1", "files": []}, None])
def test_an_odd_manifest_is_damage(tmp_path: Path, manifest: object) -> None:
    with pytest.raises(UserError, match="backup_damaged"):
        backup.verify_backup(_archive(tmp_path / "x", {"desk.db": b"", "keyring.json": b""}, manifest))


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "a\\evil"])
def test_a_backup_cannot_write_outside_its_folder(tmp_path: Path, name: str) -> None:
    import hashlib

    files = {"desk.db": b"", "keyring.json": b"", name: b"x"}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    manifest = {"format": "certdesk-backup/1", "made_at": "2026", "files": digests}
    with pytest.raises(UserError, match="backup_damaged"):
        backup.restore(_archive(tmp_path / "x", files, manifest), Folder(tmp_path / "new"), "a", "b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x"]


def test_a_stopped_backup_leaves_nothing_and_spoils_no_older_one(kit: OfficeKit, tmp_path: Path) -> None:
    kit.approved_case()
    file = _backed_up(kit, tmp_path)
    good = file.read_bytes()
    steps: list[tuple[int, int]] = []
    with kit.sit("admin") as admin:
        with pytest.raises(Cancelled):
            backup.back_up(admin, file, lambda *step: steps.append(step), lambda: len(steps) == 1)
        assert steps == [(1, steps[0][1])]
        with pytest.raises(EnvironmentFault, match="disk_readonly"):
            backup.back_up(admin, tmp_path / "nowhere" / "b.certdesk")
    assert file.read_bytes() == good
    assert {path.name for path in tmp_path.iterdir()} == {"office", "b.certdesk"}
    assert not (kit.folder.root / "backup.tmp.db").exists()


def test_a_backup_taken_while_somebody_writes_is_one_moment(kit: OfficeKit, tmp_path: Path) -> None:
    with kit.sit("clerk") as clerk, kit.sit("admin") as admin:
        unit = kit.unit(clerk)
        with clerk.begin() as uow:  # an open write of somebody else
            uow.set_meta("half", "done")
            file = backup.back_up(admin, tmp_path / "b.certdesk")
    other = backup.restore(file, Folder(tmp_path / "other"), "clerk", password("clerk"), kit.ports)
    with other.read() as uow:
        assert uow.find_meta("half") is None and uow.projection.unit(unit) is not None
    other.store.verify()
    other.close()


def test_only_the_newest_automatic_backups_are_kept(kit: OfficeKit) -> None:
    kit.folder.backups.mkdir(exist_ok=True)
    for number in range(7):
        (kit.folder.backups / f"auto-2026110{number}.certdesk").write_bytes(b"")
    (kit.folder.backups / "mine.certdesk").write_bytes(b"")
    backup.rotate(kit.folder, 3)
    assert sorted(path.name for path in kit.folder.backups.iterdir()) == [
        "auto-20261104.certdesk",
        "auto-20261105.certdesk",
        "auto-20261106.certdesk",
        "mine.certdesk",
    ]
