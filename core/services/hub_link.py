"""Which hub this office speaks to: its own embedded one, or a province's under an address.

The address is remembered before enrolment, when no certificate names it yet; the authority that signed
the hub's server certificate lies beside the data as ``hub-ca.pem`` (it is public).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from core.errors import EnvironmentFault, UserError
from core.paths import write_atomic
from core.services.device_certificates import certificate_or_refuse, identity
from core.services.embedded_hub import plan
from core.services.offices import enrolment_request
from core.services.session import Session
from core.sync.enrolment import fingerprint
from core.sync.http_hub import HttpHub
from core.sync.identity import Identity

HUB_URL = "hub_url"
PLAIN_HTTP = "hub_plain_http"
"""``yes`` where a person chose to speak plain http to a hub on this machine."""
EMBEDDED = "embedded"
"""Stands for an address while the embedded hub has none yet."""


@dataclass(frozen=True)
class HubLink:
    """Where the hub is; ``url`` is empty while the embedded one is not made yet.

    ``ca_file`` None: the machine's own authorities decide.
    """

    url: str
    embedded: bool
    ca_file: Path | None = None
    identity: Identity | None = None
    plain_http: bool = False

    def port(self) -> HttpHub:
        """Return the port to speak to it."""
        return HttpHub(self.url, self.ca_file, self.identity, plain_http=self.plain_http)


def ca_place(session: Session) -> Path:
    """Return where the authority lies that vouches for the hub's server, if one was given."""
    return session.folder.root / "hub-ca.pem"


def remember_hub(
    session: Session, url: str, ca_pem: bytes | None = None, *, plain_http: bool = False
) -> HubLink:
    """Keep a province hub's address and, if given, the authority (PEM) that vouches for it.

    ``plain_http``: plain http is wanted, and the hub is on this machine. Raises ``UserError`` hub_url_wrong /
    hub_url_insecure / hub_http_not_chosen / ca_file_wrong / hub_is_embedded.
    """
    url = url.strip().rstrip("/")
    HttpHub(url, plain_http=plain_http)
    if plan(session) is not None:
        raise UserError("hub_is_embedded")
    if ca_pem is not None:
        try:
            x509.load_pem_x509_certificates(ca_pem)
        except ValueError as fault:
            raise UserError("ca_file_wrong") from fault
        write_atomic(ca_place(session), ca_pem)
    with session.begin() as uow:
        uow.set_meta(HUB_URL, url)
        uow.set_meta(PLAIN_HTTP, "yes" if plain_http else "no")
    ca_file = ca_place(session) if ca_place(session).exists() else None
    return HubLink(url, False, ca_file, plain_http=plain_http)


def choose_plain_http(session: Session) -> None:
    """Note that a person chose plain http to a hub on this machine."""
    with session.begin() as uow:
        uow.set_meta(PLAIN_HTTP, "yes")


def read_ca(path: Path) -> bytes:
    """Read a file with an authority's certificate. Raises ``EnvironmentFault('file_unreadable')``."""
    try:
        return path.read_bytes()[: 1 << 20]
    except OSError as fault:
        raise EnvironmentFault("file_unreadable", file="ca") from fault


def hub_link(session: Session) -> HubLink | None:
    """Return the hub of this office, None while none was chosen."""
    known = plan(session)
    if known is not None:
        return HubLink(known.issuer, True, plain_http=True)  # its own process: the program's own choice
    with session.read() as uow:
        certificate = session.certificate(uow)
        url = uow.find_meta(HUB_URL) or (certificate.issuer if certificate else "")
        chosen = uow.find_meta(PLAIN_HTTP) == "yes"
    if url == EMBEDDED:
        return HubLink("", True)
    ca_file = ca_place(session)
    if not url:
        return None
    return HubLink(url, False, ca_file if ca_file.exists() else None, identity(session), chosen)


def hub_of(session: Session, ca_file: Path | None = None) -> HttpHub:
    """Return the port to the hub that enrolled this office; ``ca_file`` None: what was remembered.

    Raises ``UserError`` not_enrolled, hub_http_not_chosen.
    """
    certificate = certificate_or_refuse(session)
    with session.read() as uow:
        plain_http = plan(session) is not None or uow.find_meta(PLAIN_HTTP) == "yes"
    kept = ca_place(session)
    pinned = ca_file or (kept if kept.exists() else None)
    return HttpHub(certificate.issuer, pinned, identity(session), plain_http=plain_http)


def request_fingerprint(session: Session, *, single_clerk: bool = False) -> str:
    """Return the fingerprint of the enrolment request, as it is compared on the phone."""
    return fingerprint(enrolment_request(session, single_clerk=single_clerk))


def choose_embedded(session: Session) -> None:
    """Note that this office runs its own hub; :func:`core.services.embedded_hub.set_up` makes it."""
    with session.begin() as uow:
        uow.set_meta(HUB_URL, EMBEDDED)
