"""The way to certificates: which hub, whether it knows this office, and how to ask it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from ui.files import CERTIFICATE
from ui.messages import Message
from ui.paper_out import MakePdf, PaperOut
from ui.screens.first_run.office_pages import plain_box
from ui.screens.first_run.state import HubWish
from ui.screens.settings.section import Section
from ui.sync_view import clock_words
from ui.widgets.buttons import Button
from ui.widgets.choices import TickBox
from ui.widgets.confirm import Question, ask
from ui.widgets.labels import label

if TYPE_CHECKING:
    from core.services.session import Session


@dataclass(frozen=True)
class HubFacts:
    """What the session knows of its hub. ``ends`` a UTC stamp or empty."""

    linked: bool
    embedded: bool
    url: str
    enrolled: bool
    single_clerk: bool
    ends: str
    fingerprint: str
    admin: bool
    pending: int
    last_sync: str
    head_size: int = 0
    head_time: str = ""

    def head_words(self) -> str:
        """Return the newest checkpoint that this desk found right."""
        if not self.head_size:
            return "还没有核对过的检查点，请先同步一次。"
        return f"最近核对的检查点：{self.head_size} 条记录，{clock_words(self.head_time)}，与本机一致。"

    def words(self) -> str:
        """Return the state in one sentence."""
        if not self.linked:
            return "尚未接入。登记、打印、审核照常办理；领取码要在接入后才能生成。"
        where = "单机平台" if self.embedded else f"省级平台 {self.url}"
        if not self.enrolled:
            return f"{where}：等待核准。请把指纹报给上级核对，核准后自动接通。"
        single = "，已核准为单人窗口" if self.single_clerk else ""
        return f"{where}：已接入{single}，登记机关证书有效至 {clock_words(self.ends)}。"


def _facts(session: Session) -> HubFacts:
    from core.services.closing import newest_head
    from core.services.hub_link import hub_link, request_fingerprint
    from core.services.office_papers import office_face
    from core.services.sync import status

    link, state, face = hub_link(session), status(session), office_face(session)
    head = newest_head(session)
    with session.read() as uow:
        certificate = session.certificate(uow)
    waiting = link is not None and certificate is None
    return HubFacts(
        linked=link is not None,
        embedded=link is not None and link.embedded,
        url=link.url if link else "",
        enrolled=certificate is not None,
        single_clerk=certificate is not None and certificate.single_clerk,
        ends=certificate.not_after if certificate else "",
        fingerprint=request_fingerprint(session) if waiting else "",
        admin="admin" in face.roles,
        pending=state.pending,
        last_sync=state.last_sync,
        head_size=0 if head is None else head.size,
        head_time="" if head is None else head.hub_time,
    )


class HubPage(Section):
    """State, and for administrators of an office without a hub the way to one."""

    title = "平台"

    def build(self) -> None:
        """State card and choice card."""
        state = self.add_card("接入情况")
        self.words = label("", "strong", wrap=True)
        self.fingerprint = label("", wrap=True)
        self.fingerprint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.counts = label("", "muted", wrap=True)
        for each in (self.words, self.fingerprint, self.counts):
            state.body.addWidget(each)
        state.body.addWidget(label("按 F5 随时同步，并查看连接问题和解决办法。", "hint", wrap=True))
        row = QHBoxLayout()
        self.stick = Button("用 U 盘同步…", icon_name="usb", on_click=self._on_stick)
        row.addWidget(self.stick)
        row.addStretch(1)
        state.body.addLayout(row)
        self._build_closing()
        self.choice = self.add_card(
            "接入省级平台", "地址和签发机构证书由上级提供。提交后把指纹用电话报给上级核对。"
        )
        self.url, self.ca = QLineEdit(), QLineEdit()
        self.url.setPlaceholderText("https://")
        for caption, line in (("地址", self.url), ("签发机构证书文件（没有则留空）", self.ca)):
            line.setAccessibleName(caption)
            self.choice.body.addWidget(label(caption, "label", buddy=line))
            if line is self.ca:
                row = QHBoxLayout()
                row.addWidget(line, 1)
                row.addWidget(Button("选择…", on_click=self._on_browse))
                self.choice.body.addLayout(row)
            else:
                self.choice.body.addWidget(line)
                self.plain = plain_box(self.url)
                self.choice.body.addWidget(self.plain)
        self.single = TickBox("申请核准为单人窗口（本机关只有一名经办人）")
        self.choice.body.addWidget(self.single)
        buttons = QHBoxLayout()
        self.join = Button("提交接入申请", face="primary", on_click=self._on_join)
        self.own = Button("改用单机平台…", on_click=self._on_own)
        buttons.addWidget(self.join)
        buttons.addWidget(self.own)
        buttons.addStretch(1)
        self.choice.body.addLayout(buttons)
        self.choice.hide()

    def _build_closing(self) -> None:
        self.out = PaperOut(self, self.say, chooser=self.chooser)
        self.closing = self.add_card(
            "日结与核对", "日结单印有当天的件数和最近核对的检查点，装订入册后，平台上的记录改动过就对不上。"
        )
        self.head = label("", "muted", wrap=True)
        self.closing.body.addWidget(self.head)
        row = QHBoxLayout()
        self.print_day = Button("打印日结单", icon_name="printer", on_click=self._on_print_day)
        self.save_day = Button("另存日结单…", on_click=self._on_save_day)
        row.addWidget(self.print_day)
        row.addWidget(self.save_day)
        row.addStretch(1)
        self.closing.body.addLayout(row)

    def refresh(self) -> None:
        """Ask where it stands."""
        super().refresh()
        self.ask(_facts, self.show_facts)

    def show_facts(self, facts: HubFacts) -> None:
        """Show where it stands."""
        self.words.setText(facts.words())
        self.fingerprint.setVisible(bool(facts.fingerprint))
        self.fingerprint.setText(f"接入申请指纹：{facts.fingerprint}")
        last = f"，上次同步 {clock_words(facts.last_sync)}" if facts.last_sync else ""
        self.counts.setText(f"待上传 {facts.pending} 条{last}")
        self.stick.setVisible(not facts.embedded)
        self.closing.setVisible(facts.enrolled)
        self.head.setText(facts.head_words())
        self.choice.setVisible(facts.admin and not facts.enrolled and not facts.embedded)
        if facts.url and not self.url.text():
            self.url.setText(facts.url)

    def _on_stick(self) -> None:
        from ui.stick_dialog import StickDialog

        self.stick_dialog = StickDialog(self, self.desk, self.chooser)
        self.stick_dialog.open()

    def _day_maker(self) -> MakePdf:
        session = self.desk.session

        def make() -> bytes:
            from core.clock import china_date
            from core.services.closing import closing_sheet

            return closing_sheet(session, china_date(session.now()))

        return make

    def _on_print_day(self) -> None:
        self.out.print(self._day_maker(), "日结单", name=self.desk.settings.printer)

    def _on_save_day(self) -> None:
        self.out.save(self._day_maker(), "日结单")

    def _on_browse(self) -> None:
        chosen = self.chooser.open(self, "选择签发机构证书", CERTIFICATE)
        if chosen:
            self.ca.setText(chosen)

    def _on_join(self) -> None:
        single, plain = self.single.isChecked(), self.plain.isChecked()
        wish = HubWish("province", self.url.text(), self.ca.text(), single, plain)
        if wish.problem():
            self.say(Message("", wish.problem()))
            return

        def op(session: Session) -> None:
            from core.services.hub_link import read_ca, remember_hub
            from core.services.offices import enrolment_request

            ca_pem = read_ca(Path(wish.ca_file)) if wish.ca_file else None
            remember_hub(session, wish.url, ca_pem, plain_http=wish.plain_http)
            enrolment_request(session, single_clerk=wish.single_clerk)

        self.act(op, lambda nothing: self._done("已记下平台地址，正在提交接入申请。"))

    def _on_own(self) -> None:
        sure = ask(
            self,
            Question(
                "改用单机平台",
                "平台将在这台电脑上运行。办理、审核和发证密钥都在同一台电脑上，不具备“两把钥匙分开保管”的保护。",
                "改用单机平台",
                ("只适合演练和单机试用", "以后不能再改接省级平台"),
                danger=True,
            ),
        )
        if sure:

            def op(session: Session) -> None:
                from core.services.hub_link import choose_embedded

                choose_embedded(session)

            self.act(op, lambda nothing: self._done("正在启动单机平台。"))

    def _done(self, words: str) -> None:
        self.navigator.toast(words, "accent")
        self.refresh()
