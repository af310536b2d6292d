"""What a bundle asks of a desktop is read off its files; asking for more than promised fails the build."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from installer import linux
from installer.reach import Reach, dotted, links, measure, read_version

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ELF files")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder with one shipped library: Qt's core, which asks for glibc 2.28 and leaves others outside."""
    spec = find_spec("PySide6")
    assert spec is not None and spec.origin is not None
    shutil.copy(Path(spec.origin).parent / "Qt" / "lib" / "libQt6Core.so.6", tmp_path)
    return tmp_path


def test_the_newest_glibc_is_found_with_the_file_that_asks(bundle: Path) -> None:
    reach = measure(bundle)
    assert (2, 17) <= reach.glibc <= (2, 28)
    assert reach.asked == {reach.glibc: ["libQt6Core.so.6"]}
    assert reach.beyond(reach.glibc) == []


def test_asking_for_more_than_promised_fails_the_build(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        linux.check_reach(bundle, "2.5")
    assert stopped.value.code == 1
    assert "libQt6Core.so.6 asks for glibc" in capsys.readouterr().err


def test_a_library_that_no_package_is_known_for_fails_the_build(bundle: Path) -> None:
    # The control: its ICU was not copied, and no desktop has that one.
    assert any("libicui18n" in line for line in measure(bundle).unknown())
    with pytest.raises(SystemExit):
        linux.check_reach(bundle, "9.9")


def test_depends_name_what_stays_outside_under_old_and_new_names() -> None:
    outside = {name: ["a.so"] for name in ("libglib-2.0.so.0", "libc.so.6", "libcups.so.2")}
    reach = Reach({(2, 31): ["a.so"], (2, 5): ["b.so"]}, outside)
    assert reach.depends() == ["libc6 (>= 2.31)", "libglib2.0-0t64 | libglib2.0-0"]
    assert reach.depends(required=False) == ["libcups2t64 | libcups2"]
    assert reach.unknown() == []


def test_versions_compare_as_numbers() -> None:
    assert read_version("2.9") < read_version("2.31")
    assert dotted(read_version("2.31")) == "2.31"


def test_every_known_base_has_a_promise_that_is_a_version() -> None:
    assert all(read_version(promise) >= (2, 28) for promise in linux.PROMISES.values())
    assert linux.promise_of_this_base() >= (2, 17)


def test_what_is_needed_is_listed(bundle: Path) -> None:
    assert "libc.so.6" in set().union(*links(bundle).values())
