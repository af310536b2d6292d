"""ICU's data in a bundle are cut; what Qt asks of them for Chinese and English answers as before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from installer.icu import kept, slim_icu

_ASK = """
from functools import cmp_to_key
from PySide6.QtCore import QCollator, QLocale, QStringDecoder, QTimeZone

names = ["重庆", "北京市", "阿坝", "行署", "𠀀村", "龘", "信丰县", "Ab", "a10", "a9", "ä", "z"]
for name in ("zh_CN", "zh_HK", "en_US", "C"):
    locale = QLocale(name)
    collator = QCollator(locale)
    collator.setNumericMode(True)
    print(name, sorted(names, key=cmp_to_key(collator.compare)))
    print(locale.toUpper("straße ıÿ"), locale.toLower("ÀÉ ΑΣ I"))
    for zone in (b"Asia/Shanghai", b"Asia/Urumqi", b"UTC"):
        for form in (QTimeZone.NameType.LongName, QTimeZone.NameType.ShortName):
            print(QTimeZone(zone).displayName(QTimeZone.TimeType.StandardTime, form, locale))
print([QStringDecoder(name).isValid() for name in ("GB18030", "GBK", "GB2312", "UTF-8")])
with open("/proc/self/maps") as maps:
    print(*sorted({line.split()[-1] for line in maps if "libicudata" in line}))
"""


def _answers(folder: str) -> tuple[str, str]:
    environment = {**os.environ, "LD_LIBRARY_PATH": folder, "PYTHONUTF8": "1"}
    told = subprocess.check_output([sys.executable, "-c", _ASK], env=environment, text=True)
    said, _, library = told.strip().rpartition("\n")
    return said, library


def test_a_desk_in_chinese_or_english_asks_the_same_of_an_eighth(tmp_path: Path) -> None:
    spec = find_spec("PySide6")
    assert spec is not None and spec.origin is not None
    whole = next(Path(spec.origin).parent.glob("Qt/lib/libicudata.so.*"), None)
    if whole is None or not shutil.which("ld"):
        pytest.skip("a Qt without ICU, or no binutils")
    place = tmp_path / "_internal"
    place.mkdir()
    cut = Path(shutil.copy(whole, place))
    slim_icu(tmp_path)
    assert cut.stat().st_size < whole.stat().st_size / 7
    assert [path.name for path in place.iterdir()] == [whole.name]
    full, slim = _answers(""), _answers(str(place))
    assert slim[1] == str(cut) and full[1] != slim[1]
    assert slim[0] == full[0] and "中国标准时间" in slim[0] and "[True, True, True, True]" in slim[0]


STAYS = (
    "zh.res", "zh_Hans_CN.res", "en_001.res", "root.res", "pool.res", "res_index.res", "zoneinfo64.res",
    "supplementalData.res", "coll/zh.res", "coll/ucadata.icu", "zone/en.res", "gb18030.cnv", "cnvalias.icu",
)  # fmt: skip
GOES = (
    "de.res", "zu_ZA.res", "coll/ja.res", "zone/fr.res", "curr/zh.res", "brkitr/cjdict.dict",
    "euc-jp-2007.cnv",
)  # fmt: skip


@pytest.mark.parametrize("name", STAYS)
def test_what_stays(name: str) -> None:
    assert kept(name)


@pytest.mark.parametrize("name", GOES)
def test_what_goes(name: str) -> None:
    assert not kept(name)
