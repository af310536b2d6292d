"""What ``verify-log`` shares whatever it reads: the public key, old checkpoints, the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from core.errors import Refusal, UserError
from core.tlog.audit import LogCopy, Progress, Verdict, audit
from core.tlog.checkpoint import Checkpoint, verify_note
from core.tlog.proof import verify_proof
from core.verbs.files import read_text
from core.verbs.outcome import DONE, REFUSED, Outcome, UsageFault


def read_hub_key(text: str) -> bytes:
    """Return the hub's public key given as 64 hex digits or as a file holding them.

    Raises ``UserError('hub_key_malformed')``.
    """
    path = Path(text)
    digits = text if len(text) == 64 else read_text(path, "hub_key").strip()
    try:
        key = bytes.fromhex(digits)
    except ValueError as fault:
        raise UserError("hub_key_malformed") from fault
    if len(key) != 32:
        raise UserError("hub_key_malformed")
    return key


def read_old(paths: Iterable[Path], hub_key: bytes) -> list[Checkpoint]:
    """Read old checkpoints; each must bear this hub's signature.

    What a scanner or a mail did to the ends of lines is put right. Raises ``Refusal`` checkpoint_malformed /
    checkpoint_forged: then the key or the file is the wrong one.
    """
    return [verify_note(note_in(path), hub_key) for path in paths]


def note_in(path: Path) -> str:
    """Return the text of a checkpoint's file as it was signed."""
    return read_text(path, "checkpoint").replace("\r\n", "\n").strip("\n") + "\n"


def check_proof(path: Path, hub_key: bytes, old: Sequence[Checkpoint]) -> Outcome:
    """Check one action's proof; with old checkpoints it has to be under one of these very heads.

    Raises as :func:`core.tlog.proof.verify_proof`, ``Refusal('proof_elsewhere')``.
    """
    found = verify_proof(read_text(path, "proof").replace("\r\n", "\n"), hub_key)
    if old and found.head not in old:
        raise Refusal("proof_elsewhere")
    names = ("kind", "subject_kind", "subject", "person", "device")
    place = {"log": found.head.origin, "entries": found.head.size, "position": found.position}
    said = {"recorded_at": found.recorded_at, "action": found.hash}
    about = {name: found.action.get(name) for name in names}
    return Outcome(DONE, {**place, **said, **about, "ok": True})


def office_of(head: Checkpoint) -> str:
    """Return the office whose log a checkpoint is of."""
    return head.origin.rpartition("/log/")[2]


def check(
    there: Sequence[str],
    wanted: str,
    read: Callable[[str], LogCopy],
    hub_key: bytes,
    old: Sequence[Checkpoint],
    tell: Callable[[str], None] = lambda line: None,
) -> Outcome:
    """Check the logs of ``wanted``, an office or ``all``; exit 1 with log_tampered when one is wrong.

    ``tell`` hears how far it is, a line of JSON at a time.
    """
    if wanted != "all" and any(office_of(head) != wanted for head in old):
        raise UsageFault("usage", why="--checkpoint is of another office")
    offices = list(there) if wanted == "all" else [wanted]
    offices += sorted({office_of(head) for head in old if wanted == "all"} - set(offices))
    found = []
    for office in offices:
        if office in there:
            mine = [head for head in old if office_of(head) == office]
            found.append(audit(read(office), hub_key, mine, _telling(office, tell)))
        else:
            found.append(Verdict(office, 0, check="office_missing"))
    return _outcome(found)


def _telling(office: str, tell: Callable[[str], None]) -> Progress:
    def progress(what: str, done: int, total: int) -> None:
        tell(json.dumps({"office": office, "checking": what, "done": done, "of": total}))

    return progress


def _outcome(found: Sequence[Verdict]) -> Outcome:
    wrong = [verdict for verdict in found if not verdict.ok]
    body: dict[str, Any] = {
        "offices": [_line(verdict) for verdict in found],
        "entries": sum(verdict.entries for verdict in found),
        "ok": not wrong,
    }
    if not wrong:
        return Outcome(DONE, body)
    first = wrong[0]
    where = {"office": first.office, "check": first.check, "position": first.position}
    return Outcome(REFUSED, {"fault": Refusal("log_tampered", **where), **body})


def _line(verdict: Verdict) -> dict[str, Any]:
    line: dict[str, Any] = {"office": verdict.office, "entries": verdict.entries, "ok": verdict.ok}
    if verdict.ok:
        return line | {"root": verdict.root}
    return line | {"check": verdict.check, "position": verdict.position}
