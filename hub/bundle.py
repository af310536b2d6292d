"""The status bundle: every status list of this hub in one signed file, for desks, parties and operators."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from core.credentials.bundle import DEFAULT_HOURS, LIMIT, MOST_HOURS, make_bundle
from core.credentials.jose import parse_compact
from core.errors import Refusal, UserError
from core.forms.matters import matters_json
from hub import tables
from hub.desk_handler import Payload, Request
from hub.parties import find_party
from hub.reach import DESK, note_file, note_holding
from hub.scenarios import known_matters
from hub.setup import Hub
from hub.showing import take
from hub.status_lists import FRESH, sign_list
from hub.tables import PROVINCE


@dataclass(frozen=True)
class Given:
    """A bundle as it was handed out. Times in seconds since 1970 UTC."""

    text: str
    as_of: int
    expires_at: int


def bundle(hub: Hub, hours: int = DEFAULT_HOURS) -> str:
    """Return the bundle as of now, good for ``hours`` (1 to 72); signed anew when something changed.

    Raises ``UserError("bundle_hours", most=72)``.
    """
    if not 1 <= hours <= MOST_HOURS:
        raise UserError("bundle_hours", most=MOST_HOURS)
    with hub.database.read() as connection:
        now = hub.now()
        numbers, version = _lists(connection)
        kept = hub.bundles.get(hours)
        if kept is not None and kept[0] == version and 0 <= now - kept[1] < FRESH:
            return kept[2]
        ends = now + hours * 3600
        tokens = [sign_list(hub, connection, number, now, ends) for number in numbers]
    made = make_bundle(hub.issuer, now, ends, tokens, hub.x5c, hub.sign)
    hub.bundles[hours] = (version, now, made)
    return made


def _lists(connection: Connection) -> tuple[list[int], int]:
    """Return the lists' numbers, and a number that grows with every change of any of them."""
    table = tables.status_list
    mine = table.c.office == PROVINCE
    numbers = connection.execute(select(table.c.list).where(mine).order_by(table.c.list)).scalars().all()
    changes = connection.execute(
        select(func.coalesce(func.sum(table.c.version + 1), 0)).where(mine)
    ).scalar_one()
    return list(numbers), int(changes)


def bundle_for(hub: Hub, holder_kind: str, holder: str, hours: int = DEFAULT_HOURS) -> Given:
    """Return the bundle and note who holds it until when (:mod:`hub.reach`). Raises as :func:`bundle`."""
    given = _given(bundle(hub, hours))
    with hub.database.write() as connection:
        note_holding(connection, holder_kind, holder, given.as_of, given.expires_at)
    return given


def bundle_file(hub: Hub, party: str, hours: int) -> Given:
    """Return the bundle for a file of an operator and note it (:func:`hub.reach.note_file`).

    Raises ``UserError`` party_unknown (``party`` may be ``""``), and as :func:`bundle`.
    """
    with hub.database.read() as connection:
        if party and find_party(connection, party) is None:
            raise UserError("party_unknown", party=party[:40])
    given = _given(bundle(hub, hours))
    with hub.database.write() as connection:
        note_file(connection, party, given.text, given.as_of, given.expires_at)
    return given


def _given(made: str) -> Given:
    """Read when a bundle speaks of. Another thread may have made a newer one since."""
    payload = parse_compact(made, LIMIT).payload
    return Given(made, int(payload["iat"]), int(payload["exp"]))


def status_bundle(request: Request) -> Payload:
    """Answer ``status-bundle``: ``{"bundle", "root", "matters"}``.

    The root as PEM for whoever has none yet; the service matters, those taken off the list too.
    """
    hub = request.hub
    with hub.database.read() as connection:
        matters = matters_json(known_matters(connection))
    made = bundle_for(hub, DESK, request.desk.device).text
    return {"bundle": made, "root": hub.root_pem.decode("ascii"), "matters": matters}


def shown_take(request: Request) -> Payload:
    """Answer ``shown-take`` {"ref"}: ``{"presentation"}``, to be judged by the desk itself.

    Raises ``Refusal`` envelope_malformed, shown_expired.
    """
    ref = request.payload.get("ref")
    if not isinstance(ref, str) or len(ref) > 64:
        raise Refusal("envelope_malformed")
    with request.hub.database.read() as connection:
        return {"presentation": take(request.hub, connection, ref)}
