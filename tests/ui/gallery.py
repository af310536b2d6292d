"""Pictures of the screen kit, to be looked at: ``python tests/ui/gallery.py OUT`` (invented data)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.forms import registry
from core.forms.check import check_form, normalise, progress
from core.forms.spec import CheckContext
from ui.application import make_application
from ui.customer_view import CustomerView
from ui.customer_window import CustomerWindow, FullClaimWindow
from ui.forms.form_state import FormState
from ui.forms.form_view import FormView
from ui.main_window import MainWindow
from ui.navigation import Page
from ui.screen import Chip, Footer, Header, Screen, ScreenAction
from ui.task import lanes
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.confirm import ConfirmDialog, Question
from ui.widgets.labels import label
from ui.widgets.notice import EmptyState
from ui.widgets.preview_view import PageImage, PreviewView

CONTEXT = CheckContext(as_of=date(2026, 11, 23), office_area="460100")
GOOD = {
    "filled_on": "2026-11-20",
    "unit_name": "海口市龙华区示范幼儿园",
    "address": "海南省海口市龙华区滨海大道88号",
    "representative_name": "王龑",
    "representative_mobile": "13800138000",
    "representative_id": "11010519491231002X",
    "other_manager": "yes",
    "office_name": "海口市事业单位登记管理局",
    "manager_name": "李\U0002c29d梅",
    "manager_mobile": "13912345678",
    "manager_id": "460000199202020025",
    "handset_confirmed": "yes",
    "occasion": "alone",
    "attendant": "manager",
    "identity_checked": "yes",
}
HALF = {
    **{name: "" for name in GOOD},
    "filled_on": "2026-11-20",
    "unit_name": "海口市龙华区示范幼儿园",
    "representative_name": "王龑",
    "representative_mobile": "1380013",
    "representative_id": "110105194912310021",
}


class DemoScreen(Screen):
    """The form beside its paper."""

    def __init__(self) -> None:
        super().__init__()
        self.form = FormView(registry.latest("attachment-1"))
        self.form.add_to_heading(
            "representative", Button("按信用代码调档", key="F3", icon_name="download", face="quiet")
        )
        self.preview = PreviewView()
        card = Card("打印预览")
        card.heading.insertWidget(1, label("随填随显", "chip"))
        card.add_to_heading(Button("打印", key="F9", icon_name="printer", face="quiet"))
        card.body.addWidget(self.preview)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 8, 18, 8)
        row.setSpacing(14)
        row.addWidget(self.form, 11)
        row.addWidget(card, 9)
        self.form.value_edited.connect(self.edit)
        self.values: dict[str, str] = {}

    def load(self, values: dict[str, str], reveal: bool = False) -> None:
        self.values = normalise(self.form.spec, values)
        found = check_form(self.form.spec, self.values, CONTEXT)
        self.form.show(FormState(self.form.spec, self.values, found, reveal=reveal))
        self.preview.request(paper(dict(self.values)))
        self.shell_changed.emit()

    def edit(self, field: str, text: str) -> None:
        self.load({**self.values, field: text})

    def header(self) -> Header:
        saved = Chip("草稿 已自动保存 10:42:08", "good")
        return Header("电子证书申领", "附件 1　事业单位法人电子证书申领表", (saved,))

    def footer(self) -> Footer:
        done, total = progress(self.form.spec, self.values)
        return Footer(done, total, ("Enter 下一项", "Shift+Enter 上一项", "F1 帮助"))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        return (
            ScreenAction("draft", "存草稿", print, "F2", "device-floppy"),
            ScreenAction("submit", "提交审核", print, "F8", "rubber-stamp"),
            ScreenAction("claim", "生成领取码", print, "F10", "qrcode", "primary", self.footer().done == 14),
        )


def paper(values: dict[str, str]):  # type: ignore[no-untyped-def]
    def render(width: int) -> Sequence[PageImage]:
        try:
            from core.documents.pdf import render_form
            from core.documents.preview import raster

            pdf = render_form(registry.latest("attachment-1"), values, rehearsal=True).pdf
            return [raster(pdf, 0, width / 595.276)]
        except ImportError:
            height = round(width * 1.4142)
            return [(width, height, b"\xff" * (width * height * 3))]

    return render


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def shell(rehearsal: bool = False) -> tuple[MainWindow, DemoScreen]:
    window = MainWindow("电子证书窗口", "海口市 · 2 号窗口", rehearsal=rehearsal)
    screen = DemoScreen()
    icons = ("file-plus", "user-edit", "clipboard-list", "rubber-stamp", "qrcode", "archive", "chart-bar")
    titles = ("申领登记", "变更责任人", "受理台账", "审核制证", "领取码", "批量导入", "统计")
    for number, (icon_name, title) in enumerate(zip(icons, titles, strict=True)):
        window.add_page(Page(f"p{number}", title, icon_name, (lambda: screen) if number == 0 else Empty))
    window.add_page(Page("manual", "操作手册", "help-circle", Empty, at_foot=True))
    window.add_page(Page("settings", "设置", "settings", Empty, at_foot=True))
    window.set_chips((Chip("离线可用 · 3 条待同步", "warn"),))
    window.open("p0")
    return window, screen


class Empty(Screen):
    """A page with nothing on it."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.addWidget(
            EmptyState(
                "inbox",
                "还没有受理记录",
                "新的申领从“申领登记”开始，草稿也会出现在这里。",
                Button("开始登记", face="primary"),
            )
        )

    def header(self) -> Header:
        return Header("受理台账")


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    application = make_application(catch_faults=False)
    window, screen = shell()
    plain = (
        ("form-1366", 1366, 768, "light", 14),
        ("form-1280-150pct", 1280, 720, "light", 14),
        ("form-1920", 1920, 1080, "light", 14),
        ("dark-1366", 1366, 768, "dark", 14),
        ("large-1366", 1366, 768, "light", 20),
        ("large-1920-18", 1920, 1080, "light", 18),
    )
    for name, width, height, look, base in plain:
        theme().apply(look, base)  # type: ignore[arg-type]
        window.resize(width, height)
        window.show()
        screen.load(GOOD)
        screen.form.focus_field("unit_name")
        wait(700)
        shoot(window, out / f"{name}.png")
    theme().apply("light", 14)
    window.resize(1366, 768)
    screen.load({**GOOD, "other_manager": "", "attendant": "representative"})
    wait(400)
    shoot(window, out / "alone-1366.png")
    screen.load(HALF)
    screen.form.focus_field("representative_id")
    wait(300)
    shoot(window, out / "typing-1366.png")
    screen.load({**HALF, "other_manager": "yes"}, reveal=True)
    screen.form.focus_first_error()
    window.toast.say("还有 9 项需要核对，已定位到第一项。", "warn")
    wait(400)
    shoot(window, out / "errors-1366.png")
    window.toast.hide()
    others(out, window)
    application.processEvents()
    lanes().shutdown()


def others(out: Path, window: MainWindow) -> None:
    window.open("p2")
    window.toast.say("已提交审核，受理号 460100-2026-000123。")
    wait(100)
    shoot(window, out / "empty.png")
    question = Question(
        "作废并换新码",
        "现有领取码立即失效，手机上已扫描但未完成的领取将中断。",
        "作废并换新码",
        ("海口市龙华区示范幼儿园", "领取人 李**"),
        danger=True,
    )
    dialog = ConfirmDialog(window, question)
    dialog.show()
    wait(100)
    shoot(dialog, out / "confirm.png")
    dialog.close()
    import qrcode

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data("https://hub.invalid/c?credential_offer_uri=https://hub.invalid/o/" + "A" * 207)
    matrix = tuple(tuple(bool(cell) for cell in line) for line in code.get_matrix())
    view = CustomerView(
        "海口市龙华区示范幼儿园",
        "李**",
        matrix,
        297,
        phones_note="安卓、鸿蒙、苹果手机均可使用",
        rehearsal=True,
    )
    for name, width, height in (("customer-1920", 1920, 1080), ("customer-1024", 1024, 768)):
        customer = CustomerWindow()
        customer.resize(width, height)
        customer.show_view(view)
        customer.show()
        wait(100)
        shoot(customer, out / f"{name}.png")
        customer.close()
    full = FullClaimWindow(window, lambda: "042917")
    full.resize(1366, 768)
    full.show_view(view)
    full.show()
    full.pin.setDown(True)
    full.pin.pressed.emit()
    wait(100)
    shoot(full, out / "full-claim.png")
    full.close()


def shoot(widget: QWidget, path: Path) -> None:
    widget.grab().save(str(path))
    print(path)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "gallery"))
