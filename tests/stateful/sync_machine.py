"""The state machine: what desks, hub, line and disks of an office may do, in any order (sync_world.py).

After every step the desk that acted and the hub are held against the invariants (sync_checks.py); in the
end the weather clears, people attend to what was halted or refused, and all must hold the same.
"""

from __future__ import annotations

import contextlib
import functools
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RULE_MARKER, RuleBasedStateMachine, initialize, rule

from core.errors import EnvironmentFault, UserError
from core.services import applications, backup, review, sync, units
from core.services.conflicts import open_items, settle
from core.services.device_certificates import certificate_or_refuse
from core.services.session import Session
from core.sync import inbox
from core.sync.desk import FORKS, feed_cursor, find_halt, keep_halt
from core.sync.outbox import next_pull
from tests.core.services.office_kit import invented_units
from tests.stateful.sync_checks import Books, hold
from tests.stateful.sync_world import LIMIT, Broken, Desk, World, restored, template

WHO = st.integers(0, 5)
UNIT = CASE = st.integers(0, 2)
AT = st.one_of(st.integers(-5, -1), st.integers(1, 60))
"""The statement, or with a minus the commit, at which a process dies."""
LINE_FAULTS = {"hub_unreachable", "hub_answer_damaged"}
ROUNDS = 15
RESTORED = ("here", "here", "lost", "elsewhere")
COPIES = 3
"""Backups, and images of disks, that are kept."""

Case = Callable[[Session, str], object]


def _print(session: Session, case: str) -> None:
    applications.note_printed(session, case, applications.get_case(session, case).case.content, 1)


CLERK: dict[str, Case] = {
    "print": _print,
    "recall": applications.recall,
    "submit": applications.submit,
    "withdraw": applications.withdraw,
}
REVIEWER: dict[str, Case] = {
    "approve": review.approve,
    "return": lambda session, case: review.return_for_correction(session, case, ["other"]),
    "undo": review.undo_approval,
}


def step(act: Callable[..., None]) -> Callable[..., None]:
    """Count a step, and keep a machine that has failed from healing."""

    @functools.wraps(act)
    def stepped(self: SyncMachine, **arguments: Any) -> None:
        self.steps += 1
        self.tally["steps"] += 1
        self.tally[act.__name__] += 1
        self.failed = True
        act(self, **arguments)
        self.failed = False

    return stepped


class SyncMachine(RuleBasedStateMachine):
    """One history. ``server`` is a PostgreSQL server; ``tally`` counts over all histories of a run."""

    server: ClassVar[str]
    tally: ClassVar[Counter[str]] = Counter()

    @classmethod
    def only(cls, *names: str) -> type[SyncMachine]:
        """Return the same machine without all rules but these."""
        rules = [name for name, what in vars(cls).items() if hasattr(what, RULE_MARKER)]
        return type("Only", (cls,), {name: None for name in rules if name not in names})

    def __init__(self) -> None:
        super().__init__()
        self.failed = True  # until there is something to heal
        self.number = self.steps = 0
        self.backups: list[tuple[str, Path]] = []
        self.images: list[tuple[str, Path]] = []

    @initialize(count=st.sampled_from((2, 2, 2, 2, 2, 2, 3, 3, 4, 5)))
    def begin(self, count: int) -> None:
        """An office of some desks, all in order."""
        self.world = World(template(self.server), count)
        self.books = Books(self.world)
        self.books.hub.look()
        self.failed = False

    def teardown(self) -> None:
        """Heal and compare, unless it has failed already."""
        if not hasattr(self, "world"):
            return
        try:
            if not self.failed:
                self.heal()
        finally:
            self.tally["histories"] += self.steps > 0
            self.tally.update(self.world.counts)
            self.tally["recorded"] += len(self.books.hub.hashes)
            self.tally["refused"] += len(self.books.hub.rejected)
            self.world.close()

    # --- small things ---------------------------------------------------------------------------

    def desk(self, who: int) -> Desk:
        """Return one of the desks."""
        return self.world.desks[who % len(self.world.desks)]

    def fresh(self) -> int:
        """Return a number that was not there before."""
        self.number += 1
        return self.number

    def look(self, desk: Desk, *, hub: bool = True) -> None:
        """Hold hub and desk against the invariants."""
        if hub:
            self.books.hub.look()
        self.books.look(desk)

    def act(self, desk: Desk, login: str, do: Callable[[Session], object]) -> None:
        """Let a person do something; what the desk's own judge refuses was never done."""
        with contextlib.suppress(UserError):
            do(desk.sit(login))
            self.tally["acts"] += 1

    def cycle(self, desk: Desk, *fates: str, at: tuple[int, bool] = (0, False)) -> bool:
        """Run a cycle; tell whether it came through."""
        session = desk.sit()
        epoch, known = session.device.epoch, self.books.hub.epochs[session.device.id]
        try:
            sync.sync(session, self.world.line(*fates, at=at))
        except EnvironmentFault as fault:
            with session.read() as uow:
                halted = find_halt(uow) is not None
            self.tally["halts"] += halted
            hold("h", halted or fault.code in LINE_FAULTS, f"{fault.code} {fault.params}")
            return False
        hold("o", epoch >= known, f"generation {epoch} was let in after {known}")
        return True

    # --- people ---------------------------------------------------------------------------------

    def correct(self, session: Session, unit: int) -> None:
        """Correct one of the units."""
        subject = self.world.template.units[unit]
        values = units.get_unit(session, subject).values
        units.correct_unit(session, subject, {**values, "address": f"演练路{self.fresh()}号"})

    @rule(who=WHO, unit=UNIT, send=st.booleans())
    @step
    def edit(self, who: int, unit: int, send: bool) -> None:
        """A clerk corrects a unit, and perhaps sends it off."""
        self.work_on(self.desk(who), unit, send)

    def work_on(self, desk: Desk, unit: int, send: bool) -> None:
        """Correct a unit; with ``send`` one batch goes to the hub."""
        self.act(desk, "both", lambda session: self.correct(session, unit))
        if send:
            self.cycle(desk, "well", "dead")
        self.look(desk, hub=send)

    @rule(who=WHO, at=st.integers(10, 13))
    @step
    def register(self, who: int, at: int) -> None:
        """A clerk registers a unit; another desk may do the same unseen."""
        desk = self.desk(who)
        self.act(desk, "both", lambda session: units.register_unit(session, invented_units()[at].values))
        self.look(desk, hub=False)

    @rule(who=WHO, case=CASE, what=st.sampled_from(sorted(CLERK)))
    @step
    def work(self, who: int, case: int, what: str) -> None:
        """A clerk works on a case."""
        desk = self.desk(who)
        self.act(desk, "clerk", lambda session: CLERK[what](session, self.world.template.cases[case]))
        self.look(desk, hub=False)

    @rule(who=WHO, case=CASE, what=st.sampled_from(sorted(REVIEWER)))
    @step
    def approve(self, who: int, case: int, what: str) -> None:
        """A reviewer approves a case, sends it back, or takes the approval back."""
        desk = self.desk(who)
        self.act(desk, "reviewer", lambda session: REVIEWER[what](session, self.world.template.cases[case]))
        self.look(desk, hub=False)

    @rule(who=WHO, redo=st.booleans())
    @step
    def attend(self, who: int, redo: bool) -> None:
        """Somebody attends to what was halted and refused."""
        desk = self.desk(who)
        self.go_on(desk)
        self.settle(desk, "redo" if redo else "drop")
        self.look(desk, hub=False)

    def go_on(self, desk: Desk) -> bool:
        """The administrator lets a halted copy go on; tell whether there was anything to decide."""
        admin = desk.sit("admin")
        with admin.read() as uow:
            halt = find_halt(uow)
        if halt is None:
            return False
        hold("h", halt.code in FORKS and desk.device in self.books.branched, f"{halt.code} without a cause")
        sync.continue_as_new_generation(admin)
        self.tally["generations"] += 1
        return True

    def settle(self, desk: Desk, choice: str) -> int:
        """Settle what was refused; return how many items there were."""
        session = desk.sit()
        with session.read() as uow:
            if not uow.refusals.count():
                return 0
        items = open_items(session)
        for item in items:
            wanted = choice if item.option(choice).open else "drop"
            if item.option(wanted).open:
                settle(session, item.id, wanted)
                self.tally["settled"] += 1
        return len(items)

    # --- sync -----------------------------------------------------------------------------------

    @rule(who=WHO)
    @step
    def push(self, who: int) -> None:
        """One batch gets through, and then nothing."""
        desk = self.desk(who)
        self.cycle(desk, "well", "dead")
        self.look(desk)

    @rule(who=WHO)
    @step
    def pull(self, who: int) -> None:
        """One page of the feed."""
        desk = self.desk(who)
        session = desk.sit()
        me, certificate = sync.desk_of(session), certificate_or_refuse(session)
        with session.read() as uow:
            halt, payload = find_halt(uow), next_pull(uow, me, LIMIT)
        if halt is None:
            answer = self.world.line().ask("/api/v1/feed", payload, me.signer, certificate)
            try:
                inbox.take_feed(session.store, me, certificate, answer, payload["after"])
            except EnvironmentFault as fault:  # as the stick's import does
                hold("h", fault.code in FORKS, f"{fault.code} {fault.params}")
                with session.begin() as uow:
                    keep_halt(uow, me, fault.code, fault.params)
        self.look(desk)

    @rule(who=WHO)
    @step
    def whole_cycle(self, who: int) -> None:
        """A cycle in good weather."""
        desk = self.desk(who)
        self.cycle(desk)
        self.look(desk)

    @rule(who=WHO, at=st.integers(0, 2))
    @step
    def lost_request(self, who: int, at: int) -> None:
        """A message never arrives."""
        desk = self.desk(who)
        self.cycle(desk, *["well"] * at, "request lost")
        self.look(desk)

    @rule(who=WHO, at=st.integers(0, 2), cut=st.booleans())
    @step
    def lost_answer(self, who: int, at: int, cut: bool) -> None:
        """A message arrives, and its answer does not, or in part."""
        desk = self.desk(who)
        self.cycle(desk, *["well"] * at, "answer cut" if cut else "answer lost")
        self.look(desk)

    @rule(who=WHO, at=st.integers(0, 2))
    @step
    def duplicate(self, who: int, at: int) -> None:
        """A message arrives twice, and then nothing more."""
        desk = self.desk(who)
        self.cycle(desk, *["well"] * at, "doubled", "dead")
        self.look(desk)

    @rule(which=st.integers(0, 11))
    @step
    def late(self, which: int) -> None:
        """A batch of long ago arrives (again)."""
        if not self.world.on_their_way:
            self.cycle(self.desk(which), "request lost")
        sent = self.world.on_their_way
        self.world.deliver("/api/v1/actions", sent[which % len(sent)])
        self.books.hub.look()

    # --- deaths ---------------------------------------------------------------------------------

    @rule(who=WHO, what=st.sampled_from(("edit", "cycle", "attend")), at=AT, after=st.booleans())
    @step
    def desk_dies(self, who: int, what: str, at: int, after: bool) -> None:
        """A desk's process is killed at some statement of what it does."""
        desk = self.desk(who)
        doing: dict[str, Callable[[], object]] = {
            "edit": lambda: self.act(desk, "both", lambda session: self.correct(session, 0)),
            "cycle": lambda: self.cycle(desk),
            "attend": lambda: (self.go_on(desk), self.settle(desk, "redo")),
        }
        self.tally["desk deaths"] += not desk.lives(at, after, doing[what])
        self.look(desk)

    @rule(who=WHO, message=st.integers(0, 1), at=AT, after=st.booleans())
    @step
    def hub_dies(self, who: int, message: int, at: int, after: bool) -> None:
        """The hub's process is killed at some statement of what it answers, and starts again."""
        desk = self.desk(who)
        self.cycle(desk, *["well"] * message, "hub dies", at=(at, after))
        self.look(desk)

    # --- copies ---------------------------------------------------------------------------------

    @rule(who=WHO)
    @step
    def back_up(self, who: int) -> None:
        """Somebody makes a backup."""
        self.save(self.backups, self.desk(who))

    def save(self, kept: list[tuple[str, Path]], desk: Desk) -> None:
        """Make a backup or an image of a desk; the oldest of many goes."""
        target = self.world.place / f"saved-{self.fresh()}"
        if kept is self.backups:
            backup.back_up(desk.sit("admin"), target)
        else:
            desk.image(target)
        kept.append((desk.device, target))
        del kept[:-COPIES]

    def saved(self, kept: list[tuple[str, Path]], which: int) -> tuple[Desk, Path]:
        """Return a backup or image and the desk that it is of; the first is made when there is none."""
        if not kept:
            self.save(kept, self.desk(which))
        device, place = kept[which % len(kept)]
        return next(each for each in self.world.desks if each.device == device), place

    @rule(which=st.integers(0, 5), how=st.sampled_from(RESTORED), on=st.booleans())
    @step
    def restore(self, which: int, how: str, on: bool) -> None:
        """A backup is restored over its desk, on a new disk after the old one broke, or beside it."""
        desk, file = self.saved(self.backups, which)
        device = desk.device
        if how == "elsewhere":
            desk = self._another(desk)
        if how == "lost":
            desk.stop()
            shutil.rmtree(desk.folder.root)
        if how != "here":
            self.books.branched.add(device)
        restored(file, desk)
        self.replaced(desk, on)

    def replaced(self, desk: Desk, on: bool) -> None:
        """Look at a desk whose disk is another one now; ``on``: work goes on there at once."""
        self.books.forget(desk)
        self.look(desk, hub=False)
        if on:
            self.work_on(desk, 0, send=True)

    def _another(self, desk: Desk) -> Desk:
        """Return another copy, or the one that there is: two of one desk are trouble enough."""
        copies = [each for each in self.world.desks if each.name.startswith("copy")]
        if copies:
            same = [each for each in copies if each.device == desk.device]
            return same[0] if same else desk
        made = self.world.new_copy()
        self.world.desks.append(made)
        return made

    @rule(who=WHO)
    @step
    def image(self, who: int) -> None:
        """Somebody copies a whole disk."""
        self.save(self.images, self.desk(who))

    @rule(which=st.integers(0, 5), how=st.sampled_from(("here", "here", "beside")), on=st.booleans())
    @step
    def put_back(self, which: int, how: str, on: bool) -> None:
        """A copy of a disk is put in its desk's place, or beside it; nothing in it says that it is old."""
        desk, image = self.saved(self.images, which)
        self.books.branched.add(desk.device)
        if how == "beside":
            desk = self._another(desk)
        desk.put_back(image)
        self.replaced(desk, on)

    # --- the end --------------------------------------------------------------------------------

    def heal(self) -> None:
        """Let the weather clear and people do their part; then all must hold the same."""
        for desk in list(self.world.desks):
            desk.sit()
        last = {desk.device: desk for desk in self.world.desks}
        for desk in [each for each in self.world.desks if last[each.device] is not each]:
            self._come_to_rest([desk])  # a copy that is given up is emptied first
            self.books.hub.look()
            self.books.at_rest(desk)
            self.world.desks.remove(desk)
            desk.stop()
        self._come_to_rest(self.world.desks)
        self.books.hub.look()
        lost, doubled = self.books.lost_and_doubled(self.world.desks)
        self.tally["lost"] += lost
        self.tally["doubled"] += doubled
        for desk in self.world.desks:
            self.books.at_rest(desk)
        self.books.by_the_program(self.world.desks[self.number % len(self.world.desks)])

    def _come_to_rest(self, desks: list[Desk]) -> None:
        for turn in range(ROUNDS):
            if not sum([self._busy(desk, "redo" if turn < 2 else "drop") for desk in desks]):
                return
        raise Broken("e", "never comes to rest")

    def _busy(self, desk: Desk, choice: str) -> bool:
        """Let a desk do what it has to; tell whether there was or is anything to do."""
        session, hub = desk.sit(), self.books.hub
        with session.read() as uow:
            waits = uow.outbox.count(desk.device) + uow.refusals.count()
            behind = feed_cursor(uow) != len(hub.hashes) or find_halt(uow) is not None
        if not waits and not behind:
            return False
        if not self.cycle(desk):
            self.go_on(desk)
        self.settle(desk, choice)
        hub.look()
        return True
