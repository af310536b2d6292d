"""A real office from the wizard's answers: founded, its hub remembered, recovery codes handed back."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import CertDeskError, UserError
from core.forms.divisions import get_office
from core.records.people import Role
from core.services.hub_link import choose_embedded, remember_hub
from core.services.offices import Founded, enrolment_request, found_office
from core.services.people import NewPerson
from core.services.session import Folder, Ports


def found_real_office(
    folder: Folder,
    office_code: str,
    name: str,
    people: Iterable[NewPerson],
    *,
    ports: Ports | None = None,
) -> Founded:
    """Found an office; the first administrator among ``people`` is its founder.

    Raises ``UserError`` founder_not_admin, office_not_listed, data_folder_in_use, login_taken, password_*.
    """
    everybody = list(people)
    founder = next((person for person in everybody if Role.ADMIN in person.roles), None)
    if founder is None:
        raise UserError("founder_not_admin")
    others = [person for person in everybody if person is not founder]
    return found_office(folder, get_office(office_code), name, founder, others, ports=ports)


def choose_hub(
    founded: Founded,
    kind: str,
    url: str = "",
    ca_pem: bytes | None = None,
    *,
    single_clerk: bool = False,
    plain_http: bool = False,
) -> CertDeskError | None:
    """Remember the hub that was chosen (``kind`` embedded, province, later).

    An address that will not do is returned, not raised: the office stands and can be connected later.
    """
    try:
        if kind == "embedded":
            choose_embedded(founded.session)
        elif kind == "province":
            remember_hub(founded.session, url, ca_pem, plain_http=plain_http)
            enrolment_request(founded.session, single_clerk=single_clerk)
    except CertDeskError as fault:
        return fault
    return None
