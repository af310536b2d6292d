"""The ledger's statements, made once: putting one together costs ten times its execution."""

from __future__ import annotations

from sqlalchemy import bindparam, func, insert, select

from core.records.model import SUBJECT_KINDS
from core.store import tables as t

APPEND, ADD_RECEIPT, SEAL = insert(t.action), insert(t.receipt), insert(t.sealed)
ADD_KEY = insert(t.subject_key)
KEY_OF = select(t.subject_key.c.key).where(t.subject_key.c.subject == bindparam("subject"))
REJECTED_BEFORE = (
    select(func.count())
    .select_from(t.action)
    .join(t.receipt, t.receipt.c.hash == t.action.c.hash)
    .where(
        t.action.c.office == bindparam("office"),
        t.action.c.subject == bindparam("subject"),
        t.action.c.base_version <= bindparam("base_version"),
        t.action.c.device == bindparam("device"),
        t.receipt.c.verdict == "rejected",
    )
)
HAS_RECEIPT = select(t.receipt.c.hash).where(t.receipt.c.hash == bindparam("hash"))
BLOB_OF = select(t.sealed.c.blob).where(t.sealed.c.hash == bindparam("hash"))
LAST_OF_CHAIN = (
    select(t.action.c.seq, t.action.c.hash)
    .where(t.action.c.device == bindparam("device"), t.action.c.device_epoch == bindparam("epoch"))
    .order_by(t.action.c.seq.desc())
    .limit(1)
)
NEWEST_RECORDED = (
    select(t.action.c.hash)
    .join(t.receipt, t.receipt.c.hash == t.action.c.hash)
    .where(
        t.action.c.device == bindparam("device"),
        t.action.c.device_epoch == bindparam("epoch"),
        t.receipt.c.position.is_not(None),
    )
    .order_by(t.action.c.seq.desc())
    .limit(1)
)
OF_ANY = (
    select(t.action, t.receipt.c.verdict, t.receipt.c.position.label("hub_position"), t.sealed.c.blob)
    .outerjoin(t.receipt, t.receipt.c.hash == t.action.c.hash)
    .outerjoin(t.sealed, t.sealed.c.hash == t.action.c.hash)
)
OF_SUBJECT = OF_ANY.where(
    t.action.c.subject_kind == bindparam("kind"), t.action.c.subject == bindparam("subject")
)

PLACE = ("office", "subject", "base_version", "device")
# The next free attempt of each of these places that somebody has.
TWINS = """
WITH wanted AS (
    SELECT json_extract(value, '$[0]') AS office, json_extract(value, '$[1]') AS subject,
        json_extract(value, '$[2]') AS base_version, json_extract(value, '$[3]') AS device FROM json_each(?)
)
SELECT office, subject, base_version, device, max(attempt) + 1 FROM wanted CROSS JOIN action
    USING (office, subject, base_version, device) GROUP BY office, subject, base_version, device
"""

# Of these subjects, and of the pages on which those that are units stand. The kinds are all there are: that
# lets the index be used.
VERDICTS = f"""
WITH wanted AS (SELECT value AS subject FROM json_each(?)),
    found AS (
        SELECT a.hash FROM wanted CROSS JOIN action AS a
            ON a.subject_kind IN ({", ".join(f"'{kind}'" for kind in SUBJECT_KINDS)})
            AND a.subject = wanted.subject
        UNION SELECT f.hash FROM wanted CROSS JOIN unit_row AS u ON u.unit = wanted.subject
            CROSS JOIN register_fill AS f ON u.rowid BETWEEN f.first AND f.first + f.count - 1
    )
SELECT found.hash, receipt.verdict FROM found LEFT JOIN receipt ON receipt.hash = found.hash
"""

HEARD = "SELECT value FROM meta WHERE key = 'heard_up_to'"
NOTE_HEARD = (
    "INSERT INTO meta (key, value) VALUES ('heard_up_to', ?) ON CONFLICT DO UPDATE SET value = excluded.value"
)
FIRST_UNHEARD = (
    "SELECT position FROM action WHERE position > ?"
    " AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.hash = action.hash) ORDER BY position LIMIT 1"
)
ANY_REJECTED = "SELECT 1 FROM receipt WHERE verdict = 'rejected' LIMIT 1"
