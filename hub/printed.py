"""Printed certificates: a desk asks for the sheet of a claimed case, the hub makes and signs it.

Only what stands is printed. The sheet says what the phone's certificate says, and its symbol names the
same place in the status list: it dies with the certificate.
"""

from __future__ import annotations

import base64
from typing import Any

from cryptography import x509
from sqlalchemy import Connection, select

from core.clock import china_date, from_stamp
from core.credentials.printed import Face, Printed, sign_printed
from core.credentials.status import StatusReference
from core.documents.certificate import CertificateFace, render_certificate
from core.errors import Refusal
from core.records.fold_certificate import fold_certificate
from hub import tables
from hub.chain import is_name
from hub.desk_handler import Payload, Request
from hub.ledger import Ledger
from hub.paper_signing import sign_pdf
from hub.setup import Hub
from hub.status_lists import list_uri

REASON = "事业单位法人电子证书纸质打印件"
SYMBOL_LIMIT = 600
"""Characters; a longer symbol does without the address."""


def certificate_print(request: Request) -> Payload:
    """Answer ``certificate-print`` {"case"}: ``{"pdf": base64}``.

    Raises ``Refusal`` envelope_malformed, case_unknown, certificate_not_standing, and what
    :func:`core.documents.certificate.render_certificate` refuses.
    """
    case, hub = request.payload.get("case"), request.hub
    if not isinstance(case, str) or not is_name(case):
        raise Refusal("envelope_malformed")
    with hub.database.read() as connection:
        face, rehearsal = read_face(hub, connection, request.desk.office, case), hub.rehearsal
    pdf = sign_pdf(hub, render_certificate(face, rehearsal=rehearsal).pdf, REASON)
    return {"pdf": base64.b64encode(pdf).decode("ascii")}


def read_face(hub: Hub, connection: Connection, office: str, case_id: str) -> CertificateFace:
    """Return what the sheet of a case's standing certificate says, with its signed symbol."""
    ledger = Ledger(hub, connection, office)
    case, row = ledger.world.case(case_id), _standing(connection, office, case_id)
    if case is None:
        raise Refusal("case_unknown")
    state = fold_certificate(ledger.world.entries("certificate", row.certificate)) if row else None
    unit = ledger.world.unit_before(case.unit, row.position) if row else None
    if state is None or unit is None or state.suspended or from_stamp(state.expires_at) <= hub.clock():
        raise Refusal("certificate_not_standing")
    if case.erased or unit.erased:
        raise Refusal("certificate_not_standing")
    representative = case.values.get("representative_name", "")
    symbol = _symbol(hub, row, unit.values, representative, state)
    return CertificateFace(
        values={name: str(value) for name, value in unit.values.items()},
        representative=representative,
        office_name=unit.values.get("office_name", ""),
        issued_on=china_date(from_stamp(state.issued_at)).isoformat(),
        printed_on=china_date(hub.clock()).isoformat(),
        symbol=symbol,
    )


def _standing(connection: Connection, office: str, case: str) -> Any:
    view = tables.certificate_view
    mine = (view.c.office == office, view.c.case == case, view.c.void.is_(False))
    return connection.execute(
        select(view).where(*mine).order_by(view.c.position.desc()).limit(1)
    ).one_or_none()


def _symbol(hub: Hub, row: Any, values: Any, representative: str, state: Any) -> str:
    def made(address: str) -> str:
        face = Face(
            uscc=values["uscc"],
            name=values["name"],
            address=address,
            representative=representative,
            office_name=values.get("office_name", ""),
            valid_from=values["valid_from"],
            valid_to=values["valid_to"],
        )
        reference = StatusReference(list_uri(hub.issuer, row.list), row.slot)
        expires = int(from_stamp(state.expires_at).timestamp())
        printed = Printed(face, int(from_stamp(state.issued_at).timestamp()), expires, reference)
        return sign_printed(printed, x509.load_pem_x509_certificate(hub.leaf_pem), hub.sign)

    text = made(values.get("address", ""))
    return text if len(text) <= SYMBOL_LIMIT else made("")
