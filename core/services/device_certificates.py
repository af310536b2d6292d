"""The desk's certificates: kept, renewed before they end, and shown when a connection is opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.clock import from_stamp, to_stamp
from core.credentials.desk_x509 import holds
from core.errors import EnvironmentFault, Refusal, UserError
from core.services.session import Session
from core.store.unit_of_work import UnitOfWork
from core.sync.device_certificate import ASKING, RENEW, DeviceCertificate, read_device_certificate
from core.sync.enrolment import OfficeCertificate, may_follow, read_certificate
from core.sync.envelope import OLDEST_PROTOCOL
from core.sync.http_hub import HttpHub
from core.sync.hub import Hub
from core.sync.identity import Identity

PATH = "/api/v1/device-certificate"
_META = "device_certificate"
_NONE_HERE = "device_certificate_unknown"
"""When the hub last said that it knows no such request; asked again a day later."""
RENEW_OFFICE = timedelta(days=180)


@dataclass(frozen=True)
class Kept:
    """The device certificate with its X.509 form (PEM chain; empty where the hub has no authority yet)."""

    certificate: DeviceCertificate
    x509: str


def certificate_or_refuse(session: Session) -> OfficeCertificate:
    """Return the office certificate. Raises ``UserError('not_enrolled')``."""
    with session.read() as uow:
        certificate = session.certificate(uow)
    if certificate is None:
        raise UserError("not_enrolled")
    return certificate


def keep_certificate(session: Session, uow: UnitOfWork, certificate: OfficeCertificate, data: Any) -> None:
    """Keep an office certificate (already read from ``data``) if what is trusted so far vouches for it.

    Raises ``Refusal`` certificate_foreign / hub_changed.
    """
    if certificate.office != session.office or certificate.rehearsal != session.rehearsal:
        raise Refusal("certificate_foreign")
    known = session.certificate(uow)
    if known is not None and not may_follow(known, certificate, data):
        raise Refusal("hub_changed")
    uow.set_meta("certificate", json.dumps(data))


def kept_certificate(session: Session, uow: UnitOfWork) -> Kept | None:
    """Return this desk's device certificate, None before the first."""
    text, office = uow.find_meta(_META), session.certificate(uow)
    if text is None or office is None:
        return None
    data = json.loads(text)
    return Kept(DeviceCertificate(**data["certificate"]), str(data["x509"]))


def renew_if_due(session: Session, hub: Hub) -> bool:
    """Ask for fresh certificates when there are none or they end soon; tell whether there are new ones.

    Needs no client certificate of its own, so an expired one is no dead end. A hub that knows no such
    request (the first release) leaves things as they are. Raises ``EnvironmentFault`` hub_*.
    """
    office = certificate_or_refuse(session)
    with session.read() as uow:
        kept = kept_certificate(session, uow)
        now = session.now() + timedelta(seconds=_hub_offset(uow))
        asked = uow.find_meta(_NONE_HERE)
    if kept is not None and office.issue == 2 and not _is_due(kept, office, now):
        return False
    if asked is not None and abs(now - from_stamp(asked)) < timedelta(days=1):
        return False
    payload = {
        "type": ASKING,
        "protocol": OLDEST_PROTOCOL,
        "office": session.office,
        "device": session.device.id,
        "sent_at": to_stamp(now),
        "nonce": session.random(16).hex(),
    }
    try:
        answer = hub.ask(PATH, payload, session.device.signer, office)
    except EnvironmentFault as fault:
        if fault.code == "hub_refused" and fault.params.get("status") == 404:
            with session.begin() as uow:
                uow.set_meta(_NONE_HERE, to_stamp(now))
            return False
        raise
    if answer.get("nonce") != payload["nonce"] or answer.get("type") != ASKING:
        raise EnvironmentFault("hub_answer_damaged")
    take_certificates(session, answer)
    return True


def prepare(session: Session, hub: Hub) -> None:
    """Before a cycle: fetch certificates that are due, and show the newest.

    A refusal stops nothing here: the cycle meets it, too, and says why. Raises ``EnvironmentFault`` hub_*,
    ``Refusal`` hub_changed and the like for an answer that is not to be believed.
    """
    try:
        renew_if_due(session, hub)
    except EnvironmentFault as fault:
        if fault.code != "hub_refused":
            raise
    if isinstance(hub, HttpHub):
        hub.present(identity(session))


def _is_due(kept: Kept, office: OfficeCertificate, now: datetime) -> bool:
    ends = from_stamp(kept.certificate.not_after)
    # A device certificate cut short by the office's own end is not due for that; the office's is.
    near = ends - now < RENEW and ends < from_stamp(office.not_after)
    return near or not kept.x509 or from_stamp(office.not_after) - now < RENEW_OFFICE


def take_certificates(session: Session, answer: dict[str, Any]) -> None:
    """Keep what the hub answered to this desk's question for its certificates, whatever carried it.

    Raises ``Refusal`` certificate_malformed, certificate_forged, certificate_foreign, hub_changed.
    """
    data, x509 = answer.get("office_certificate"), answer.get("x509")
    office = read_certificate(data)
    own = read_device_certificate(answer.get("device_certificate"), office)
    key = session.device.signer.public_bytes()
    if not isinstance(x509, str) or (x509 and not holds(x509.encode(), key)):
        raise Refusal("certificate_malformed")
    if (own.device, own.key) != (session.device.id, key.hex()):
        raise Refusal("certificate_foreign")
    with session.begin() as uow:
        keep_certificate(session, uow, office, data)
        fields = {name: value for name, value in own.body().items() if name != "type"}
        uow.set_meta(_META, json.dumps({"certificate": fields, "x509": x509}))


def require_valid(session: Session, uow: UnitOfWork, moment: datetime) -> None:
    """Refuse to mint with certificates that have ended; the hub would honour no such code.

    Raises ``Refusal('certificate_expired', days)``: a sync fetches a new one.
    """
    office, kept = session.certificate(uow), kept_certificate(session, uow)
    ends = [from_stamp(item.not_after) for item in (office, kept and kept.certificate) if item]
    if ends and min(ends) <= moment:
        raise Refusal("certificate_expired", days=(moment - min(ends)).days)


def identity(session: Session) -> Identity | None:
    """Return what this desk shows in TLS, None while it has nothing valid to show."""
    with session.read() as uow:
        kept = kept_certificate(session, uow)
    if kept is None or not kept.x509 or from_stamp(kept.certificate.not_after) <= session.now():
        return None
    return Identity(kept.x509, session.device.signing_seed)


def _hub_offset(uow: UnitOfWork) -> int:
    return int(uow.find_meta("hub_offset") or 0)
