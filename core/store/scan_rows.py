"""The scans' lane in the desk's database: how far each got, what waits, parts of those on their way here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, text

from core.ids import RandomBytes
from core.keys.sealing import seal, unseal
from core.records.states import OPEN_LIFECYCLES
from core.store import tables as t

OPEN, THERE, GONE, REFUSED = "open", "there", "gone", "refused"
"""States of a transfer: under way, whole at both ends, erased at the hub, refused there for good."""

FINAL = (THERE, GONE, REFUSED)


@dataclass(frozen=True)
class Transfer:
    """How far one scan got: ``done`` of ``size`` bytes; ``code`` says why it does not go on."""

    scan: str
    subject: str
    state: str = OPEN
    attempt: int = 0
    done: int = 0
    size: int = 0
    code: str = ""


@dataclass(frozen=True)
class Unsent:
    """A scan of this desk that the hub has not confirmed; ``row`` pages through them, newest first."""

    row: int
    scan: str
    subject: str
    name: str
    size: int


# CROSS JOIN: SQLite then begins with the few open cases, never with every action there is.
_WANTED = """
FROM case_row
CROSS JOIN action ON action.subject = case_row."case"
JOIN receipt ON receipt.hash = action.hash AND receipt.verdict = 'recorded'
WHERE action.kind = 'scan_attached' AND case_row.lifecycle IN ({open})
AND NOT EXISTS (SELECT 1 FROM attachment WHERE scan = action.body ->> '$.public.scan')
AND NOT EXISTS (SELECT 1 FROM scan_transfer
    WHERE scan = action.body ->> '$.public.scan' AND state IN ('gone', 'refused'))
""".format(open=", ".join(f"'{state.value}'" for state in sorted(OPEN_LIFECYCLES)))


_NOT_REFUSED = """NOT EXISTS (
SELECT 1 FROM action JOIN receipt ON receipt.hash = action.hash AND receipt.verdict = 'rejected'
WHERE action.subject = attachment.subject AND action.kind = 'scan_attached'
AND action.body ->> '$.public.scan' = attachment.scan)"""
"""The hub never asks for a scan whose action it refused."""


class ScanRows:
    """Reads and writes the lane's rows on one connection."""

    def __init__(self, connection: Connection, random: RandomBytes) -> None:
        self._connection = connection
        self._random = random

    # --- what waits ---------------------------------------------------------------------------

    def unsent(self, before: int, limit: int) -> list[Unsent]:
        """Return scans to send, newest first, below row ``before`` (0: from the newest)."""
        kept, moved = t.attachment, t.scan_transfer
        query = (
            select(text("attachment.rowid"), kept.c.scan, kept.c.subject, kept.c.name, kept.c.size)
            .join_from(moved, kept, moved.c.scan == kept.c.scan)
            .where(moved.c.state == OPEN, text(_NOT_REFUSED))
            .order_by(text("attachment.rowid DESC"))
            .limit(limit)
        )
        if before:
            query = query.where(text("attachment.rowid < :before").bindparams(before=before))
        found = self._connection.execute(query)
        return [Unsent(int(r[0]), str(r.scan), str(r.subject), str(r.name), int(r.size)) for r in found]

    def wanted(self, limit: int) -> list[tuple[str, str]]:
        """Return (case, scan) of open cases whose bytes are not here."""
        query = text(
            f"SELECT DISTINCT action.subject, action.body ->> '$.public.scan' {_WANTED} LIMIT :limit"
        )
        return [(str(row[0]), str(row[1])) for row in self._connection.execute(query, {"limit": limit})]

    def count_waiting(self) -> tuple[int, int]:
        """Return how many scans wait to be sent, and how many of open cases wait to be fetched."""
        kept, moved = t.attachment, t.scan_transfer
        query = select(func.count()).select_from(moved).join(kept, moved.c.scan == kept.c.scan)
        unsent = self._connection.execute(query.where(moved.c.state == OPEN, text(_NOT_REFUSED))).scalar_one()
        wanted = self._connection.execute(
            text(f"SELECT count(DISTINCT action.body ->> '$.public.scan') {_WANTED}")
        ).scalar_one()
        return int(unsent), int(wanted)

    def case_of(self, scan: str) -> str | None:
        """Return the case that a scan was attached to; slow for one that never was here."""
        for table in (t.attachment, t.scan_transfer):
            known = self._connection.execute(select(table.c.subject).where(table.c.scan == scan)).scalar()
            if known is not None:
                return str(known)
        query = text(
            "SELECT subject FROM action "
            "WHERE kind = 'scan_attached' AND body ->> '$.public.scan' = :scan LIMIT 1"
        )
        found = self._connection.execute(query, {"scan": scan}).scalar()
        return None if found is None else str(found)

    def size_of(self, scan: str) -> int | None:
        """Return the size of a scan that is here, None for one that is not."""
        kept = t.attachment
        found = self._connection.execute(select(kept.c.size).where(kept.c.scan == scan)).scalar()
        return None if found is None else int(found)

    # --- how far ------------------------------------------------------------------------------

    def find(self, scan: str) -> Transfer | None:
        """Return how far a scan got, None if nothing was begun."""
        moved = t.scan_transfer
        row = self._connection.execute(select(moved).where(moved.c.scan == scan)).first()
        return None if row is None else Transfer(**row._mapping)

    def begin(self, scan: str, subject: str, size: int) -> None:
        """Note that a scan is here and waits to be sent."""
        if self.find(scan) is None:
            self.note(Transfer(scan, subject, size=size))

    def note(self, transfer: Transfer) -> None:
        """Write down how far a scan got."""
        moved = t.scan_transfer
        self._connection.execute(delete(moved).where(moved.c.scan == transfer.scan))
        self._connection.execute(insert(moved).values(**transfer.__dict__))

    def drop_attachment(self, scan: str) -> None:
        """Forget where a scan's bytes lay: they come anew."""
        self._connection.execute(delete(t.attachment).where(t.attachment.c.scan == scan))

    def forget(self, subject: str) -> None:
        """Drop what was fetched of an erased subject's scans."""
        moved, part = t.scan_transfer, t.scan_part
        scans = select(moved.c.scan).where(moved.c.subject == subject)
        self._connection.execute(delete(part).where(part.c.scan.in_(scans)))

    # --- parts on their way here --------------------------------------------------------------

    def add_part(self, key: bytes, scan: str, start: int, data: bytes) -> None:
        """Keep a part, sealed under the subject's key."""
        blob = seal(key, data, f"{scan} {start}".encode(), self._random)
        self._connection.execute(insert(t.scan_part).values(scan=scan, start=start, data=blob))

    def parts(self, key: bytes, scan: str) -> Iterator[bytes]:
        """Yield a scan's parts in order."""
        part = t.scan_part
        query = select(part.c.start, part.c.data).where(part.c.scan == scan).order_by(part.c.start)
        for row in self._connection.execute(query):
            yield unseal(key, bytes(row.data), f"{scan} {row.start}".encode())

    def drop_parts(self, scan: str) -> None:
        """Forget the parts of a scan: it is whole, or begins anew."""
        self._connection.execute(delete(t.scan_part).where(t.scan_part.c.scan == scan))
