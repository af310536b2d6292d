"""Two desks of one office: scans from one to the other, one stick for both, and random days with sticks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import EnvironmentFault, UserError
from core.records.states import Lifecycle
from core.services import applications, register, review, scans, stick, units
from core.services.stick import StickReport
from core.words import pinyin_initials
from hub import stick as at_hub
from tests.core.services.office_kit import PNG, invented_units
from tests.core.services.test_scans import signed_scan
from tests.core.services.two_desks import DESKS, TwoDesks, two_desks

CALM = frozenset({"stick_gap", "stick_damaged", "stick_again"})
"""What a report may name after sticks were copied, damaged and mixed up; none of it loses anything."""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[TwoDesks]:
    """An office of two desks."""
    with two_desks(tmp_path) as pair:
        pair.there.made += 100
        yield pair


def export(pair: TwoDesks, name: str, usb: Path) -> StickReport:
    with pair.kit(name).sit("both") as session:
        return stick.export_stick(session, usb)


def take(pair: TwoDesks, name: str, usb: Path) -> StickReport:
    with pair.kit(name).sit("both") as session:
        return stick.import_stick(session, usb)


def test_the_reviewer_at_the_second_desk_sees_what_the_first_scanned(pair: TwoDesks) -> None:
    with pair.here.sit("clerk") as clerk:
        case = pair.here.submitted_case(clerk)
        scan = signed_scan(clerk, case)
    pair.sync("here")
    with pair.there.sit("reviewer") as reviewer, pytest.raises(UserError, match="scan_unknown"):
        applications.read_scan(reviewer, scan)
    pair.sync("there")
    with pair.there.sit("reviewer") as reviewer:
        assert applications.read_scan(reviewer, scan) == PNG
        assert scans.scans_waiting(reviewer) == scans.ScansWaiting(0, 0)
        review.approve(reviewer, case)
    pair.settle_down()
    pair.in_order()


def test_both_desks_share_one_stick(pair: TwoDesks, tmp_path: Path) -> None:
    """Each writes, the hub answers both, each takes its own; the case goes from desk to desk on the way."""
    usb = tmp_path / "usb"
    usb.mkdir()
    with pair.here.sit("clerk") as clerk:
        case = pair.here.submitted_case(clerk)
        scan = signed_scan(clerk, case)
    with pair.there.sit("clerk") as clerk:
        pair.there.unit(clerk)
    sent = [export(pair, name, usb) for name in DESKS]
    there = at_hub.import_stick(pair.hub, usb)
    assert (there.files, there.foreign, there.faults) == (sum(each.files for each in sent), 0, ())
    taken = [take(pair, name, usb) for name in DESKS]
    assert [(each.pending, each.faults) for each in taken] == [(0, ()), (0, ())]
    assert all(each.foreign for each in taken)
    with pair.there.sit("reviewer") as reviewer, pytest.raises(UserError, match="scan_not_here_yet"):
        review.approve(reviewer, case)
    for name in (
        "there",
        "here",
    ):  # the scan was asked for on the second way; the first desk hears of the rest
        export(pair, name, usb)
        at_hub.import_stick(pair.hub, usb)
        assert take(pair, name, usb).faults == ()
    with pair.there.sit("reviewer") as reviewer:
        assert applications.read_scan(reviewer, scan) == PNG
        review.approve(reviewer, case)
    for name in ("there", "here"):
        export(pair, name, usb)
        at_hub.import_stick(pair.hub, usb)
        assert take(pair, name, usb).faults == ()
    with pair.here.sit("clerk") as clerk:
        assert applications.get_case(clerk, case).case.lifecycle is Lifecycle.APPROVED
    pair.in_order()


def test_a_register_that_came_by_stick_is_found_by_initials(pair: TwoDesks, tmp_path: Path) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    wanted = invented_units()[3].values
    with pair.here.sit("clerk") as clerk:
        register.import_units(clerk, enumerate([unit.values for unit in invented_units()[:5]], 1))
    for name in DESKS:
        export(pair, name, usb)
    at_hub.import_stick(pair.hub, usb)
    assert take(pair, "there", usb).faults == ()
    with pair.there.sit("clerk") as clerk:
        found = units.find_units(clerk, min(pinyin_initials(wanted["name"])))
        assert wanted["uscc"] in [line.uscc for line in found]


# --- random days --------------------------------------------------------------------------------

STICKS = ("a", "b", "c")
STEPS = st.one_of(
    st.tuples(st.sampled_from(["unit", "case", "sync"]), st.sampled_from(DESKS), st.just("")),
    st.tuples(st.sampled_from(["export", "take"]), st.sampled_from(DESKS), st.sampled_from(STICKS)),
    st.tuples(st.just("hub"), st.just(""), st.sampled_from(STICKS)),
    st.tuples(st.sampled_from(["copy", "spoil", "lose"]), st.sampled_from(STICKS), st.sampled_from(STICKS)),
)


def _step(pair: TwoDesks, place: Path, what: str, who: str, which: str) -> None:
    usb = place / which if which else place
    if what == "unit":
        with pair.kit(who).sit("clerk") as clerk:
            pair.kit(who).unit(clerk)
    elif what == "case":
        pair.kit(who).approved_case()
    elif what == "sync":
        pair.sync(who)
    elif what == "export":
        assert export(pair, who, usb).faults == ()
    elif what in ("take", "hub"):
        try:
            report = take(pair, who, usb) if what == "take" else at_hub.import_stick(pair.hub, usb)
        except EnvironmentFault as fault:
            assert fault.code == "stick_empty"
            return
        assert {fault.code for fault in report.faults} <= CALM, report.faults
        assert report.rejected == ()
    else:
        _befall(place, what, who, which)


def _befall(place: Path, what: str, source: str, target: str) -> None:
    if what == "copy" and source != target:
        shutil.rmtree(place / target)
        shutil.copytree(place / source, place / target)
    elif what == "lose":
        shutil.rmtree(place / target)
        (place / target).mkdir()
    elif what == "spoil":
        for path in sorted((place / target).rglob("*.cds"))[1::3]:
            path.write_bytes(path.read_bytes()[:-1])


def _random_days(steps: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory() as folder, two_desks(Path(folder)) as pair:
        place = Path(folder) / "sticks"
        for name in STICKS:
            (place / name).mkdir(parents=True)
        pair.there.made += 100
        for what, who, which in steps:
            _step(pair, place, what, who, which)
        fresh = place / "fresh"
        fresh.mkdir()
        for _ in range(2):  # the second way brings each desk what the other one did
            for name in DESKS:
                assert export(pair, name, fresh).faults == ()
            assert at_hub.import_stick(pair.hub, fresh).faults == ()
            for name in DESKS:
                assert take(pair, name, fresh).faults == ()
        pair.in_order()
        for name in DESKS:
            with pair.kit(name).sit("both") as session:
                assert scans.scans_waiting(session).to_send == 0


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(STEPS, min_size=8, max_size=16))
def test_random_days_with_sticks(steps: list[tuple[str, str, str]]) -> None:
    """Whatever order: nothing is lost, nothing doubled, nobody halts; one more way and all hold the same."""
    _random_days(steps)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, min_size=10, max_size=40))
def test_many_random_days_with_sticks(steps: list[tuple[str, str, str]]) -> None:
    """The same, longer."""
    _random_days(steps)
