"""The wizard over the empty desk: every step keeps its answers, nothing is written before the last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from core.errors import UserError
from core.paths import DataPaths
from ui.files import Chooser
from ui.messages import Message, sentence
from ui.screens.first_run.joining import Joining
from ui.screens.first_run.pages import Passwords, Welcome, Working
from ui.screens.unlock.opened import Opened, opened
from ui.screens.unlock.restore import Restore
from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from core.services.rehearsal import Trainee
    from ui.screens.first_run.office_pages import HubChoice, OfficeChoice, People
    from ui.screens.first_run.slips import Slips


@dataclass(frozen=True)
class Rehearsed:
    """A fresh rehearsal office and its invented people."""

    way: Opened
    people: tuple[Trainee, ...]


@dataclass(frozen=True)
class FoundedWay:
    """A fresh real office, its recovery codes by account, and what was wrong with the hub's address."""

    way: Opened
    recovery: dict[str, str]
    hub_problem: Message | None


class FirstRun(QStackedWidget):
    """``entered(Opened)`` when an office stands; ``rehearsal_requested`` when one is there already.

    ``sign_in_requested`` when this computer has joined an office and somebody may sign in."""

    entered = Signal(object)
    restoring = Signal()
    rehearsal_requested = Signal()
    back_requested = Signal()
    sign_in_requested = Signal()

    def __init__(
        self,
        place: Path,
        rehearsal_place: Path,
        *,
        may_go_back: bool = False,
        rehearsal_exists: bool = False,
        units: int = 300,
        chooser: Chooser | None = None,
    ) -> None:
        super().__init__()
        self._place, self._rehearsal_place = place, rehearsal_place
        self._rehearsal_exists, self._units, self._chooser = rehearsal_exists, units, chooser
        self._task: Task[Rehearsed] | None = None
        self.welcome = Welcome(may_go_back=may_go_back, rehearsal_exists=rehearsal_exists)
        self.working = Working()
        self.restore = Restore(chooser)
        self.office: OfficeChoice | None = None
        self.people: People | None = None
        self.hub: HubChoice | None = None
        self.slips: Slips | None = None
        self.passwords: Passwords | None = None
        self.joining = Joining(self, place, self.working, self._front, chooser)
        for page in (
            self.welcome,
            self.working,
            self.restore,
            self.joining.asking,
            self.joining.waiting,
        ):
            self.addWidget(page)
        self.welcome.rehearse_requested.connect(self._rehearse)
        self.welcome.found_requested.connect(self._open_office)
        self.welcome.restore_requested.connect(self._open_restore)
        self.welcome.back_requested.connect(self.back_requested)
        self.working.stop_requested.connect(self._stop)
        self.restore.back_requested.connect(lambda: self._front(self.welcome))
        self.restore.restore_requested.connect(self._restore)
        self.welcome.join_requested.connect(self.joining.open)
        self.joining.entered.connect(self.entered)
        self.joining.left.connect(self._on_left_joining)
        self.joining.sign_in_requested.connect(self.sign_in_requested)
        self.setFocusProxy(self.welcome)
        self.welcome.show_waiting(self._waits_to_join())
        if self._waits_to_join():
            self.joining.open()

    def _front(self, page: QWidget) -> None:
        self.setCurrentWidget(page)
        page.setFocus()

    # -- rehearsal --------------------------------------------------------------------------------

    def _rehearse(self) -> None:
        if self._rehearsal_exists:
            self.rehearsal_requested.emit()
            return
        place, units = self._rehearsal_place, self._units
        self.welcome.tell(None)
        self.working.begin("正在准备演练", "建立虚构的机关和人员，录入虚构单位，约需几秒。", may_stop=True)
        self._front(self.working)

        def op(progress: ReportProgress, cancel: CancelToken) -> Rehearsed:
            from core.services.rehearsal import found_rehearsal
            from core.services.session import Folder

            made = found_rehearsal(
                Folder(place),
                lambda done, total: progress(done, total, f"已录入 {done} / {total} 家虚构单位"),
                lambda: cancel.cancelled,
                units=units,
            )
            return Rehearsed(opened(made.session, place), made.people)

        task: Task[Rehearsed] = Task(self, op, "found rehearsal")
        self._task = task
        task.with_progress(self.working.advance).on_success(self._on_rehearsed)
        task.on_failure(self._on_failed).on_cancelled(lambda: self._front(self.welcome)).start("store")

    def _stop(self) -> None:
        for task in (self._task, self.joining.task):
            if task is not None:
                self.working.stopping()
                task.cancel()

    def _on_rehearsed(self, made: Rehearsed) -> None:
        self._task = None
        self.passwords = Passwords(made.people)
        self.passwords.go_requested.connect(lambda: self.entered.emit(made.way))
        self.addWidget(self.passwords)
        self._front(self.passwords)

    def _on_failed(self, error: BaseException) -> None:
        self._task = None
        self.welcome.tell(sentence(error))
        self._front(self.welcome)

    # -- joining an office ------------------------------------------------------------------------

    def _waits_to_join(self) -> bool:
        return DataPaths(self._place).joining.exists()

    def _on_left_joining(self, message: Message | None) -> None:
        self.welcome.tell(message, "good")
        self.welcome.show_waiting(self._waits_to_join())
        self._front(self.welcome)
        self.welcome.join.setFocus()

    def _refused_while_waiting(self) -> bool:
        """Nothing else is set up here while keys wait: they would be left behind."""
        waits = self._waits_to_join()
        if waits:
            self.welcome.tell(sentence(UserError("desk_waits")))
        return waits

    # -- a real office ----------------------------------------------------------------------------

    def _open_office(self) -> None:
        if self._refused_while_waiting():
            return
        if self.office is None or self.people is None or self.hub is None:
            self._make_office_pages()
        assert self.office is not None
        self._front(self.office)

    def _make_office_pages(self) -> None:
        from core.forms.divisions import offices
        from ui.screens.first_run.office_pages import HubChoice, OfficeChoice, People

        office, people, hub = OfficeChoice(offices()), People(), HubChoice(self._chooser)
        self.office, self.people, self.hub = office, people, hub
        for page in (office, people, hub):
            self.addWidget(page)
        office.back_requested.connect(lambda: self._front(self.welcome))
        office.next_requested.connect(lambda: self._front(people))
        people.back_requested.connect(lambda: self._front(office))
        people.next_requested.connect(lambda: self._front(hub))
        hub.back_requested.connect(lambda: self._front(people))
        hub.next_requested.connect(self._found)

    def _found(self) -> None:
        assert self.office is not None and self.people is not None and self.hub is not None
        chosen = self.office.chosen()
        assert chosen is not None
        place, wish, drafts = self._place, self.hub.wish(), self.people.people
        code, name = chosen[0].code, chosen[1]
        self.working.begin("正在设立机关", "为每个人制作签名密钥和恢复码。", may_stop=False)
        self._front(self.working)

        def op(progress: ReportProgress, cancel: CancelToken) -> FoundedWay:
            from core.records.people import Role
            from core.services.founding import choose_hub, found_real_office
            from core.services.hub_link import read_ca
            from core.services.people import NewPerson
            from core.services.session import Folder

            ca_pem = read_ca(Path(wish.ca_file)) if wish.ca_file else None
            people = [
                NewPerson(each.login, each.name, each.password, frozenset(Role(role) for role in each.roles))
                for each in drafts
            ]
            founded = found_real_office(Folder(place), code, name, people)
            fault = choose_hub(
                founded,
                wish.kind,
                wish.url,
                ca_pem,
                single_clerk=wish.single_clerk,
                plain_http=wish.plain_http,
            )
            problem = None if fault is None else sentence(fault)
            return FoundedWay(opened(founded.session, place), founded.recovery, problem)

        task: Task[FoundedWay] = Task(self, op, "found office")
        task.on_success(self._on_founded).on_failure(self._on_not_founded).start("store")

    def _on_founded(self, made: FoundedWay) -> None:
        from ui.screens.first_run.slips import Slips, slip_maker

        self.slips = Slips(made.recovery, slip_maker(made.way.session, ""), chooser=self._chooser)
        if made.hub_problem is not None:
            self.slips.tell(made.hub_problem, "warn")
        self.slips.finished.connect(lambda: self.entered.emit(made.way))
        self.addWidget(self.slips)
        self.setCurrentWidget(self.slips)
        self.slips.all.setFocus()

    def _on_not_founded(self, error: BaseException) -> None:
        assert self.hub is not None
        self.hub.tell(sentence(error))
        self._front(self.hub)

    # -- restore ----------------------------------------------------------------------------------

    def _open_restore(self) -> None:
        if self._refused_while_waiting():
            return
        self.setCurrentWidget(self.restore)
        self.restore.open()

    def _restore(self, file: str, login: str, password: str) -> None:
        place = self._place
        self.restoring.emit()

        def op(progress: ReportProgress, cancel: CancelToken) -> Opened:
            from core.services.backup import restore
            from core.services.session import Folder

            return opened(restore(Path(file), Folder(place), login, password), place)

        emit: Callable[[Opened], None] = self.entered.emit
        task: Task[Opened] = Task(self, op, "restore")
        task.on_success(emit).on_failure(self._on_not_restored).start("store")

    def _on_not_restored(self, error: BaseException) -> None:
        self.restore.go.setEnabled(True)
        self.restore.tell(sentence(error))
        self.restore.password.setFocus()
