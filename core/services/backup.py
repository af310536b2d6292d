"""Backup and restore: one encrypted file with database, keyring and scans; a restore is a new epoch.

The file is a ZIP whose members are already encrypted (SQLCipher, wrapped keys, sealed scans), closed
by a manifest of SHA-256 digests, so it can lie on any stick: without a password or a recovery code
of the office it says nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from core.clock import to_stamp
from core.errors import Cancelled, CertDeskError, EnvironmentFault, UserError
from core.paths import flush_folder
from core.services.session import DeviceKeys, Folder, Ports, Session, unlock

Progress = Callable[[int, int], None]
_MANIFEST = "manifest.json"
_FORMAT = "certdesk-backup/1"


def back_up(
    session: Session,
    target: Path,
    progress: Progress = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Write a backup of everything this office holds to ``target``; verified before it counts.

    Raises ``EnvironmentFault`` disk_*, ``Cancelled`` (nothing is left behind).
    """
    part = target.with_suffix(".part")
    copy = session.folder.root / "backup.tmp.db"
    try:
        copy.unlink(missing_ok=True)
        session.store.copy_to(copy)
        files = {"desk.db": copy, "keyring.json": session.folder.keyring}
        if session.folder.settings.exists():
            files["settings.json"] = session.folder.settings
        scans = sorted(path for path in session.folder.attachments.glob("*/*") if path.suffix == "")
        files |= {f"attachments/{path.parent.name}/{path.name}": path for path in scans}
        _write(part, files, to_stamp(session.now()), progress, cancelled)
        verify_backup(part)
        os.replace(part, target)
        flush_folder(target.parent)
    except OSError as fault:
        raise EnvironmentFault("disk_full" if fault.errno == 28 else "disk_readonly") from fault
    finally:
        copy.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    return target


def _write(
    part: Path, files: dict[str, Path], moment: str, progress: Progress, cancelled: Callable[[], bool]
) -> None:
    digests = {}
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for done, (name, path) in enumerate(files.items(), 1):
            if cancelled():
                raise Cancelled()
            data = path.read_bytes()
            digests[name] = hashlib.sha256(data).hexdigest()
            archive.writestr(name, data)
            progress(done, len(files))
        manifest = {"format": _FORMAT, "made_at": moment, "files": digests}
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    with open(part, "rb") as handle:
        os.fsync(handle.fileno())


def verify_backup(path: Path) -> str:
    """Check every byte of a backup; return when it was made. Raises ``UserError('backup_damaged')``."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            files = manifest["files"]
            names = set(archive.namelist()) - {_MANIFEST}
            if (
                manifest["format"] != _FORMAT
                or names != set(files)
                or not {"desk.db", "keyring.json"} <= names
            ):
                raise UserError("backup_damaged")
            for name, expected in files.items():
                if not _safe(name) or hashlib.sha256(archive.read(name)).hexdigest() != expected:
                    raise UserError("backup_damaged")
            return str(manifest["made_at"])
    except UserError:
        raise
    except Exception as fault:  # zipfile and zlib raise a dozen kinds on hostile bytes; all mean this
        raise UserError("backup_damaged") from fault


def _safe(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def restore(backup: Path, folder: Folder, login: str, password: str, ports: Ports | None = None) -> Session:
    """Restore a backup into ``folder``; what lay there is kept aside, so a restore can be undone.

    The desk goes on as a new device epoch: what it numbered after the backup can never be mixed up
    with what it numbers now. Raises ``UserError`` backup_damaged, wrong_password.
    """
    ports = ports or Ports()
    verify_backup(backup)
    fresh = folder.root.with_name(folder.root.name + ".restoring")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir(parents=True, mode=0o700)
        with zipfile.ZipFile(backup) as archive:
            for name in archive.namelist():
                if name != _MANIFEST:
                    archive.extract(name, fresh)
        _new_epoch(unlock(Folder(fresh), login, password, ports), _epoch_of(folder, login, password, ports))
        _swap(fresh, folder, to_stamp(ports.clock()))
    except OSError as fault:
        raise EnvironmentFault("disk_full" if fault.errno == 28 else "disk_readonly") from fault
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return unlock(folder, login, password, ports)


def _epoch_of(folder: Folder, login: str, password: str, ports: Ports) -> int:
    """Return the epoch of the desk about to be replaced: restoring one backup twice is two generations."""
    try:
        session = unlock(folder, login, password, ports)
    except CertDeskError:
        return 0
    session.close()
    return session.device.epoch


def _new_epoch(session: Session, replaced: int) -> None:
    device = replace(session.device, epoch=max(session.device.epoch, replaced) + 1)
    with session.begin() as uow:
        uow.set_meta("device", device.to_json())
        kept = DeviceKeys.from_json(uow.find_meta("device") or "")
        assert kept == device
    session.close()


def _swap(fresh: Path, folder: Folder, moment: str) -> None:
    if folder.root.exists():
        aside = folder.root.with_name(f"{folder.root.name}.before-restore-{moment.replace(':', '')}")
        os.replace(folder.root, aside)
        for kept in ("hub", "logs", "backups", "rehearsal"):
            if (aside / kept).exists():
                shutil.copytree(aside / kept, fresh / kept)
    os.replace(fresh, folder.root)


def rotate(folder: Folder, keep: int) -> None:
    """Keep only the newest ``keep`` automatic backups."""
    found = sorted(folder.backups.glob("auto-*.certdesk"))
    for path in found[: max(0, len(found) - keep)]:
        path.unlink(missing_ok=True)
