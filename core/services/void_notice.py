"""The printed notice of voiding (失效告知书) of a change or of a case that appointed a new manager."""

from __future__ import annotations

from core.clock import CHINA, from_stamp
from core.documents import notices
from core.documents.pdf import NO_OFFSET, Rendered
from core.errors import UserError
from core.records.changes import DEREGISTERED, HANDED_OVER
from core.services.dying import ended_by, has_voided
from core.services.handover import handover_code
from core.services.session import Session

_BASIS = {
    "representative": "法定代表人变更",
    "manager": "电子证书第一管理责任人变更",
    "details": "证书所载登记事项变更",
    "deregistration": "事业单位注销登记",
    "handover": "登记管理机关变更",
    "loss": "安装电子证书的手机丢失",
}
_AGAIN = "请由法定代表人或其授权的第一管理责任人，持有关材料到窗口重新申领电子证书。"
_REMEDY = {
    DEREGISTERED: "你单位已注销，不再申领电子证书。",
    HANDED_OVER: "请到接收的登记管理机关办理登记并申领电子证书。",
}


def void_notice(
    session: Session, change_id: str, phone: str = "", offset_mm: tuple[float, float] = NO_OFFSET
) -> Rendered:
    """Render the notice of an approved change that voids.

    Raises ``UserError`` change_unknown, change_voids_nothing (not approved, or it ended nothing).
    """
    with session.read() as uow:
        change = uow.projection.change(change_id)
        unit = None if change is None else uow.projection.unit(change.unit)
        if change is None or unit is None:
            raise UserError("change_unknown")
        if not has_voided(uow, change):
            raise UserError("change_voids_nothing")
        approved_at = change.changed_at
        office = session.office_state(uow).name
        ended = [uow.projection.case(each.case) for each in ended_by(uow, change)]
    numbers = [case.case_no for case in ended if case is not None]
    lines = [
        notices.Ended(
            f"事业单位法人电子证书（受理号 {number}）", "包括第一管理责任人、其他管理人和使用人的全部授权"
        )
        for number in dict.fromkeys(numbers)
    ]
    lines.append(notices.Ended("此前生成、尚未使用的全部领取码"))
    moment = from_stamp(approved_at).astimezone(CHINA)
    since = f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
    basis = f"{_BASIS[change.change]}（{change.basis}）"
    return notices.render_void_notice(
        notices.Office(office, phone),
        unit.values.get("name", ""),
        basis,
        lines,
        since,
        _REMEDY.get(unit.closed, _AGAIN),
        handover=handover_code(change),
        rehearsal=session.rehearsal,
        offset_mm=offset_mm,
    )
