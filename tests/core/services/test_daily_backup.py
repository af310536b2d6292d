"""The backup that nobody thinks of: one a day, whole, and not more of them than wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Cancelled, EnvironmentFault
from core.services.backup import verify_backup
from core.services.daily_backup import back_up_daily, backup_folder, newest_backup
from tests.core.services.office_kit import OfficeKit


def test_once_a_day_and_the_oldest_go(kit: OfficeKit) -> None:
    made = []
    with kit.sit("clerk") as clerk:
        for _ in range(4):
            made.append(back_up_daily(clerk, "", 2))
            assert back_up_daily(clerk, "", 2) is None
            kit.clock.move(days=1)
        left = sorted(backup_folder(clerk, "").glob("auto-*"))
    assert left == made[-2:]
    assert newest_backup(kit.folder.backups) == made[-1]
    assert verify_backup(left[-1])


def test_a_folder_of_the_office_is_used_and_other_files_in_it_are_left(
    kit: OfficeKit, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    share.chmod(0o755)  # not by mkdir's mode, from which the umask takes
    other = share / "auto-20200101-ffffffff.certdesk"
    other.write_bytes(b"another desk's")
    with kit.sit("clerk") as clerk:
        made = back_up_daily(clerk, str(share), 1)
    assert made is not None and made.parent == share
    assert other.exists() and share.stat().st_mode & 0o777 == 0o755


def test_stopping_and_an_unwritable_folder_leave_nothing(kit: OfficeKit, tmp_path: Path) -> None:
    with kit.sit("clerk") as clerk:
        with pytest.raises(Cancelled):
            back_up_daily(clerk, "", 5, cancelled=lambda: True)
        assert newest_backup(kit.folder.backups) is None
        blocked = tmp_path / "file"
        blocked.write_bytes(b"")
        with pytest.raises(EnvironmentFault):
            back_up_daily(clerk, str(blocked / "inside"), 5)
