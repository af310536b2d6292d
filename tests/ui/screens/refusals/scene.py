"""Two desks that disagree in every way the page has a face for. All data is invented."""

from __future__ import annotations

from core.services import applications, review, units
from core.services.applications import get_case
from tests.core.services.office_kit import OfficeKit
from tests.core.services.two_desks import TwoDesks


def amend(kit: OfficeKit, login: str, case_id: str, **other: str) -> None:
    """Amend a case at one desk."""
    with kit.sit(login) as session:
        applications.amend_case(session, case_id, {**get_case(session, case_id).case.values, **other})


def amended_twice(pair: TwoDesks) -> str:
    """Both desks amend one case; ``there`` also prints and ticks papers. Returns the case."""
    with pair.here.sit("clerk") as clerk:
        case_id = pair.here.filed_case(clerk)
    pair.settle_down()
    amend(pair.here, "both", case_id, representative_mobile="13800000001")
    changed = {"representative_mobile": "13800000002", "remark": "法定代表人换了手机"}
    amend(pair.there, "clerk", case_id, **changed)
    with pair.there.sit("clerk") as clerk:
        pair.there.print_case(clerk, case_id)
        pair.there.tick_all(clerk, case_id)
    pair.sync("here", "there")
    return case_id


def approved_meanwhile(pair: TwoDesks) -> str:
    """``here`` prints once more while ``there`` approves, which can be done again. Returns the case."""
    with pair.here.sit("clerk") as clerk:
        case_id = pair.here.submitted_case(clerk)
    pair.settle_down()
    with pair.here.sit("clerk") as clerk:
        pair.here.print_case(clerk, case_id)
    with pair.there.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
    pair.sync("here", "there")
    return case_id


def withdrawn_meanwhile(pair: TwoDesks) -> str:
    """``here`` withdraws while ``there`` approves: nothing is left to be done again. Returns the case."""
    with pair.here.sit("clerk") as clerk:
        case_id = pair.here.submitted_case(clerk)
    pair.settle_down()
    with pair.here.sit("clerk") as clerk:
        applications.withdraw(clerk, case_id)
    with pair.there.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
    pair.sync("here", "there")
    return case_id


def filed_twice(pair: TwoDesks) -> str:
    """Both desks file for one unit. Returns the case that stands."""
    with pair.here.sit("clerk") as clerk:
        unit = pair.here.unit(clerk)
    pair.settle_down()
    filed = {}
    for name, mobile in (("here", "13800000001"), ("there", "13800000002")):
        kit = pair.kit(name)
        with kit.sit("clerk") as clerk:
            typed = kit.typed(clerk, unit, representative_mobile=mobile)
            filed[name] = applications.file_case(clerk, "attachment-1", unit, typed)
    pair.sync("here", "there")
    return filed["here"]


def corrected_twice(pair: TwoDesks) -> str:
    """Both desks correct one unit. Returns the unit."""
    with pair.here.sit("clerk") as clerk:
        unit = pair.here.unit(clerk)
    pair.settle_down()
    for name, address in (("here", "演练市演练路 1 号"), ("there", "演练市演练路 2 号附楼")):
        with pair.kit(name).sit("clerk") as clerk:
            units.correct_unit(clerk, unit, {**units.get_unit(clerk, unit).values, "address": address})
    pair.sync("here", "there")
    return unit
