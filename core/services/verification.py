"""Verifying at a desk: what is shown, judged here by the hub's newest bundle; nothing of it is kept.

While the hub can be reached a bundle of this very minute is fetched first, so the answer is as fresh as
the hub's own; without it the newest kept one answers until it runs out.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from core.credentials.bundle import LIMIT
from core.credentials.judgement import UNKNOWN, Judgement
from core.credentials.verifier import (
    RESOLVED_SECONDS,
    Asked,
    Person,
    Trust,
    Verdict,
    judge,
    kind_of,
    open_trust,
    with_paper,
)
from core.errors import CertDeskError, EnvironmentFault, UserError
from core.forms.matters import Matter, offered, seed_matters
from core.intake.symbols import Shown, paper_fault
from core.paths import write_atomic
from core.services.asking import asking
from core.services.device_certificates import certificate_or_refuse
from core.services.matters import keep_matters, known_matters
from core.services.session import Session
from core.sync.desk import hub_offset
from core.sync.hub import Hub

__all__ = ["Asked", "Checked", "Person", "check", "fetch", "refresh_if_old"]

log = logging.getLogger("certdesk.verification")

_FILE = "status-bundle.json"
BUNDLE = "status-bundle"
"""The question for the signed state of every certificate."""
FRESH_SECONDS = 30
OLD_SECONDS = 3600


@dataclass(frozen=True, repr=False)
class Checked:
    """A verdict, whether the hub was asked just now, and the service matters as this desk knows them."""

    verdict: Verdict
    online: bool
    matters: Mapping[str, Matter] = field(default_factory=seed_matters)


@dataclass(frozen=True)
class Kept:
    """What a desk keeps between verifications, all of it public: ``newest`` is the newest moment seen."""

    bundle: str
    root: str
    newest: int


def _now(session: Session) -> datetime:
    """Return the moment by the hub's clock as last seen."""
    with session.read() as uow:
        return session.now() + timedelta(seconds=hub_offset(uow))


def _read(session: Session) -> Kept | None:
    try:
        with (session.folder.root / _FILE).open("rb") as file:
            data = json.loads(file.read(2 * LIMIT))
        return Kept(str(data["bundle"]), str(data["root"]), int(data["newest"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _trust(session: Session, kept: Kept | None) -> Trust | None:
    if kept is None:
        return None
    try:
        trust = open_trust([kept.root.encode()], kept.bundle, _now(session), newest_seen=kept.newest)
    except UserError:
        return None
    # The bundle's world has to be this desk's: a rehearsal office judges rehearsals, and nothing else.
    return trust if trust.rehearsal is session.rehearsal else None


def fetch(session: Session, hub: Hub) -> Trust:
    """Fetch the bundle of this moment and the list of service matters, and keep both.

    Raises ``UserError('not_enrolled')``, ``EnvironmentFault`` hub_* as :func:`keep_bundle`.
    """
    answer = hub.ask(
        f"/api/v1/{BUNDLE}",
        asking(session, BUNDLE, {}),
        session.device.signer,
        certificate_or_refuse(session),
    )
    trust = keep_bundle(session, answer)
    if trust.bundle is None:
        raise EnvironmentFault("hub_answer_damaged")
    return trust


def keep_bundle(session: Session, answer: Mapping[str, Any]) -> Trust:
    """Keep what the hub answered to ``status-bundle``, by network or stick, and the service matters with it.

    A bundle that ended on the way, or is older than the kept one, is not kept: the trust has none. Raises
    ``EnvironmentFault('hub_answer_damaged')``: it does not hold.
    """
    bundle, root = answer.get("bundle"), answer.get("root")
    if not isinstance(bundle, str) or not isinstance(root, str) or len(bundle) > LIMIT:
        raise EnvironmentFault("hub_answer_damaged")
    before = _read(session)
    newest = before.newest if before is not None and before.root == root else 0
    trust = _trust(session, Kept(bundle, root, newest))
    if trust is None or trust.without == "status_refused":
        raise EnvironmentFault("hub_answer_damaged")
    keep_matters(session, answer.get("matters"))
    if trust.bundle is None:
        return trust
    kept = {"bundle": bundle, "root": root, "newest": max(newest, trust.bundle.as_of)}
    write_atomic(session.folder.root / _FILE, json.dumps(kept).encode("ascii"))
    return trust


def refresh_if_old(session: Session, hub: Hub) -> None:
    """Fetch a new bundle with an exchange when the kept one is older than an hour; a failure is no fault."""
    kept = _read(session)
    age = None if kept is None else int(_now(session).timestamp()) - kept.newest
    if age is not None and 0 <= age < OLD_SECONDS:
        return
    try:
        fetch(session, hub)
    except CertDeskError as fault:
        log.info("status bundle not fetched: %s", fault.code)


def check(session: Session, hub: Hub | None, shown: Shown | str, asked: Asked) -> Checked:
    """Judge what somebody shows. A link of a phone is resolved at the hub; nothing but a log line is kept.

    For a link: ``UserError('shown_foreign')``, ``EnvironmentFault`` hub_* when the hub does not resolve it.
    """
    online, trust = False, _trust(session, _read(session))
    if hub is not None and not _fresh(session, trust):
        try:
            trust, online = fetch(session, hub), True
        except CertDeskError as fault:
            log.info("judged without the hub: %s", fault.code)
    else:
        online = hub is not None
    shown = Shown(shown) if isinstance(shown, str) else shown
    text, asked = shown.text.strip(), replace(asked, known=offered(known_matters(session)))
    if kind_of(text) == "link":
        text = _resolve(session, hub, text)
        asked = replace(asked, max_age=RESOLVED_SECONDS)
    if trust is None:
        missing = Verdict(Judgement(UNKNOWN, None, ("status_missing",)), kind_of(text))
        return Checked(missing, online, known_matters(session))
    now = _now(session)
    verdict = with_paper(judge(text, trust, now, asked), paper_fault(shown, trust, now))
    log.info(
        "verified %s: %s %s", verdict.kind, verdict.judgement.answer, ",".join(verdict.judgement.reasons)
    )
    return Checked(verdict, online, known_matters(session))


def _fresh(session: Session, trust: Trust | None) -> bool:
    if trust is None or trust.as_of is None or trust.bundle is None:
        return False
    return 0 <= int(_now(session).timestamp()) - trust.as_of < FRESH_SECONDS


def _resolve(session: Session, hub: Hub | None, link: str) -> str:
    """Return the presentation behind a link that a phone shows."""
    certificate = certificate_or_refuse(session)
    head, _, ref = link.rpartition("/v/")
    if head != certificate.issuer or not ref or len(ref) > 64:
        raise UserError("shown_foreign")
    if hub is None:
        raise EnvironmentFault("hub_unreachable")
    answer = hub.ask(
        "/api/v1/shown-take", asking(session, "shown-take", {"ref": ref}), session.device.signer, certificate
    )
    if not isinstance(answer.get("presentation"), str):
        raise EnvironmentFault("hub_answer_damaged")
    return str(answer["presentation"])
