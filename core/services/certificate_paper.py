"""The printed certificate (纸质打印件) of a claimed case: made and signed by the hub, fetched by the desk."""

from __future__ import annotations

import base64
import binascii

from core.errors import EnvironmentFault, Refusal
from core.services.applications import get_case
from core.services.asking import asking
from core.services.device_certificates import certificate_or_refuse
from core.services.session import Session
from core.sync.hub import Hub

_KNOWN = ("certificate_not_standing", "case_unknown", "text_too_long", "glyph_missing")


def certificate_paper(session: Session, hub: Hub, case_id: str) -> bytes:
    """Return the signed PDF.

    Raises ``UserError('not_enrolled')``, ``Refusal`` case_unknown, certificate_not_standing (not claimed,
    void, suspended or expired), text_too_long, glyph_missing; ``EnvironmentFault`` hub_*.
    """
    case = get_case(session, case_id).case
    certificate = certificate_or_refuse(session)
    payload = asking(session, "certificate-print", {"case": case.id})
    try:
        answer = hub.ask("/api/v1/certificate-print", payload, session.device.signer, certificate)
    except EnvironmentFault as fault:
        reason = fault.params.get("reason")
        if fault.code == "hub_refused" and reason in _KNOWN:
            told = fault.params.get("told", {})
            raise Refusal(
                str(reason), **{key: told[key] for key in ("field", "character") if key in told}
            ) from fault
        raise
    try:
        pdf = base64.b64decode(str(answer["pdf"]), validate=True)
    except (KeyError, binascii.Error) as fault:
        raise EnvironmentFault("hub_answer_damaged") from fault
    if answer.get("nonce") != payload["nonce"] or not pdf.startswith(b"%PDF-"):
        raise EnvironmentFault("hub_answer_damaged")
    return pdf
