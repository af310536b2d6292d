"""One form PDF, and 1,000 forms in one file, against Typst with a kept compiler and the same design.

Run: .venv/bin/python -m benchmarks.paper
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import typst

from benchmarks.timing import interleaved, report
from benchmarks.typst_page import font_folder, markup, rows_json
from core.documents.layouts import get_layout
from core.documents.pdf import render_form, render_many
from core.forms.registry import latest

ROUNDS_ONE, ROUNDS_MANY, MANY = 30, 5, 1000


def invented(number: int) -> dict[str, str]:
    """Return one invented form; every text differs from form to form."""
    return {
        "filled_on": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        "unit_name": f"示范县第{number}演练服务中心",
        "address": f"海南省示范县演练路{number}号政务服务中心三楼",
        "representative_name": "张㛃䶮" if number % 7 == 0 else f"张{chr(0x4E00 + number)}",
        "representative_mobile": f"1380000{number % 10000:04d}",
        "representative_id": f"46900219900101{number % 1000:03d}1",
        "other_manager": "yes",
        "office_name": "示范县事业单位登记管理局",
        "manager_name": f"李{chr(0x5E00 + number)}",
        "manager_mobile": f"1390000{number % 10000:04d}",
        "manager_id": f"46900219920202{number % 1000:03d}X",
        "remark": f"演练第{number}号",
    }


def main() -> None:
    """Print both comparisons."""
    form, layout = latest("attachment-1"), get_layout("attachment-1", 1)
    folder = Path(tempfile.mkdtemp())
    page = folder / "page.typ"
    page.write_text(markup(layout, "json(bytes(sys.inputs.rows))"), "utf-8")
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(font_folder())])
    compiler = typst.Compiler(str(page), font_paths=fonts)
    counter = iter(range(10_000))

    def peer_one() -> bytes:
        made: bytes = compiler.compile(sys_inputs={"rows": rows_json([invented(next(counter))])})
        return made

    one = interleaved(
        {
            "certdesk, one form": lambda: render_form(form, invented(next(counter)), rehearsal=False),
            "typst, one form": peer_one,
        },
        ROUNDS_ONE,
    )
    print(report("One form PDF", one["certdesk, one form"], one["typst, one form"], "<= 1.0x"))
    starts = iter(range(0, 10_000, 7))

    def rows() -> list[dict[str, str]]:
        start = next(starts)
        return [invented(start + number) for number in range(MANY)]

    many = interleaved(
        {
            "certdesk, 1,000 forms": lambda: render_many(form, rows(), rehearsal=False),
            "typst, 1,000 forms": lambda: compiler.compile(sys_inputs={"rows": rows_json(rows())}),
        },
        ROUNDS_MANY,
    )
    ours, peer = many["certdesk, 1,000 forms"], many["typst, 1,000 forms"]
    print(report("1,000 forms in one file", ours, peer, "peer/ours >= 8x"))
    (folder / "peer.pdf").write_bytes(peer_one())
    print("peer's page for looking at:", folder / "peer.pdf")


if __name__ == "__main__":
    main()
