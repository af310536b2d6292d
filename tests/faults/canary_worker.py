"""A whole day's work with planted canaries, ended by kill -9: ``python -m tests.faults.canary_worker``.

Arguments: data folder, folder of what a user exported on purpose (searched for nothing), place of the wire's
record. Standard input: the unwrapped keys, as for desk_worker.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from pathlib import Path

from PIL import Image, ImageDraw

from core.errors import CertDeskError
from core.keys.keyring import Keyring
from core.logs import get_logger, start_logging, write_crash_report
from core.records.people import Role
from core.services import applications, audit, backup, claims, people, review, sync, units
from core.services.offices import enrol
from core.services.paper import case_sheet
from core.services.session import Folder, Ports, Session, open_session
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import MovableClock, SeededRandom, invented_units
from tests.faults.desk_worker import _key

# Valid in every check, invented, and found nowhere else in the program.
NAMES = ("羊拟㛃金丝", "符例䶮雀鸟", "演柜台新人名")
IDS = ("469023199001010008", "46000619850215000X")
PHONES = ("13800007391", "13800008264")
SCAN_MARK = b"CANARY-IN-A-SCAN-7391"
CANARIES = (*NAMES, *IDS, *PHONES)


def _picture() -> bytes:
    image = Image.new("RGB", (300, 400), "white")
    ImageDraw.Draw(image).text((10, 10), "scan", fill="black")
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue() + SCAN_MARK


def work(folder: Folder, exports: Path, wire: Path, keys: dict[str, str]) -> None:
    """Do a day's work, log what happens, crash."""
    clock = MovableClock()
    ports = Ports(clock, SeededRandom("canary"))
    sessions = {
        login: open_session(folder, Keyring.load(folder.keyring), _key(text), ports)
        for login, text in keys.items()
    }
    start_logging(folder.root / "logs")
    fake = FakeHub(clock, SeededRandom("hub"))

    def post(path: str, body: bytes) -> tuple[int, bytes]:
        answer = fake.post(path, body)
        with wire.open("ab") as handle:
            handle.write(path.encode() + b"\n" + body + b"\n" + answer[1] + b"\n")
        return answer

    hub = PostedHub(post)
    clerk, reviewer, admin = sessions["clerk"], sessions["reviewer"], sessions["admin"]
    people.add_person(admin, people.NewPerson("new", NAMES[2], "a long password", frozenset({Role.CLERK})))
    enrol(admin, hub)
    case_id = _case(clerk, reviewer)
    sheet = case_sheet(clerk, case_id)
    (exports / "chosen.pdf").write_bytes(sheet.rendered.pdf)  # a user chose this: exempt
    minted = claims.mint_claim(clerk, case_id)
    wire.with_suffix(".codes").write_text("\n".join((minted.link, minted.scheme_link, minted.by_value)))
    sync.sync(clerk, hub)
    fake.issue(clerk.office, case_id, minted.jti)
    sync.sync(clerk, hub)
    audit.verify_record(clerk)
    units.find_units(clerk, NAMES[0])
    folder.backups.mkdir(exist_ok=True)
    backup.back_up(admin, folder.backups / "auto-1.certdesk")
    _complain(folder, clerk, case_id)
    applications.save_draft(clerk, "", "attachment-1", "", _values(clerk, case_id))
    os.kill(os.getpid(), signal.SIGKILL)


def _values(clerk: Session, case_id: str) -> dict[str, str]:
    return dict(applications.get_case(clerk, case_id).case.values)


def _case(clerk: Session, reviewer: Session) -> str:
    values = dict(invented_units()[0].values) | {"representative_name": NAMES[0]}
    unit = units.register_unit(clerk, values)
    typed = applications.start_values(clerk, "attachment-1", unit) | {
        "representative_id": IDS[0],
        "representative_mobile": PHONES[0],
        "other_manager": "yes",
        "manager_name": NAMES[1],
        "manager_id": IDS[1],
        "manager_mobile": PHONES[1],
        "office_name": "演练登记管理局",
        "handset_confirmed": "yes",
        "attendant": "representative",
        "identity_checked": "yes",
        "occasion": "alone",
    }
    draft = applications.save_draft(clerk, "", "attachment-1", unit, typed)
    case_id = applications.file_case(clerk, "attachment-1", unit, typed, draft)
    view = applications.get_case(clerk, case_id)
    applications.note_printed(clerk, case_id, view.case.content, 1)
    applications.attach_scan(clerk, case_id, _picture())
    ticks = {item.id: {"original": item.original, "copy": item.copy} for item in view.checklist}
    applications.tick_papers(clerk, case_id, ticks)
    applications.submit(clerk, case_id)
    review.return_for_correction(
        reviewer, case_id, ["other"], f"{NAMES[1]}的号码{IDS[1]}请核对，电话{PHONES[1]}"
    )
    applications.submit(clerk, case_id)
    review.approve(reviewer, case_id)
    return case_id


def _complain(folder: Folder, clerk: Session, case_id: str) -> None:
    """Faults with values near them: refusals, a bug of ours, a library's error; all logged, one reported."""
    log = get_logger("canary")
    typed = _values(clerk, case_id) | {"representative_id": IDS[0][:-1] + "9"}
    for act in (
        lambda: applications.amend_case(clerk, case_id, typed),
        lambda: units.register_unit(clerk, dict(invented_units()[0].values)),
        lambda: json.loads(f"{{{NAMES[0]} {IDS[0]} {PHONES[0]}"),
        lambda: {}[f"{NAMES[1]} {IDS[1]}"],
        lambda: (
            clerk.store.begin().__enter__().connection.exec_driver_sql(f"SELECT '{NAMES[0]}' FROM nowhere")
        ),
    ):
        try:
            act()
        except CertDeskError as fault:
            log.warning("refused", extra={"code": fault.code, "case_id": case_id})
            log.exception("with values %s %s %s", NAMES[0], IDS[0], PHONES[0])
        except Exception as fault:
            log.exception("a bug near %s %s %s", NAMES[0], IDS[0], PHONES[0])
            write_crash_report(folder.root / "logs", fault, "REF1")


def _bad_sql(clerk: Session) -> None:
    with clerk.read() as uow:
        uow.connection.exec_driver_sql("SELECT ? FROM nowhere", (f"{NAMES[0]} {PHONES[1]}",))


if __name__ == "__main__":
    work(Folder(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.stdin.readline()))
