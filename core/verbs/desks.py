"""``desk request``, ``desk admit``, ``desk join``, ``desk list``: further desks of one office."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import asdict
from typing import Any

from core.errors import UserError
from core.services import desks
from core.services.people import members
from core.services.session import Folder, Session
from core.verbs.files import read_bytes, read_secret, write_private
from core.verbs.outcome import UsageFault
from core.verbs.running import Surroundings, let_in


def request(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``desk request``: at the new desk; at one that is a desk already, with ``--as``, for what is new."""
    del around
    folder, login = Folder(options.data), options.login
    if login is not None and options.password_file is None:
        raise UsageFault("usage", why="--as and --password-file go together")
    with contextlib.ExitStack() as stack:
        session, password = None, ""
        if login is not None:
            session = stack.enter_context(let_in(options.data, login, options.password_file))
        elif options.password_file is not None:
            password = read_secret(options.password_file)
        data, mark = desks.request_desk(folder, password=password, session=session)
        write_private(options.out, data)
    return {"request": str(options.out), "fingerprint": mark}


def admit(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``desk admit``: with ``--fingerprint``, only the desk that shows it is admitted."""
    data = read_bytes(options.file, "request")
    mark = desks.requested(data)
    said = options.fingerprint
    if said is not None and said.strip().lower() != mark:
        raise UserError("fingerprint_differs")
    desks.admit_desk(session, data, options.out)
    return {"package": str(options.out), "fingerprint": mark, "desks": _desks(session)}


def join(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``desk join``."""
    del around
    package = desks.read_package(options.package)
    session = desks.join_office(
        Folder(options.data), package, options.login, read_secret(options.password_file)
    )
    try:
        return {
            "office": session.office,
            "device": session.device.id,
            "kid": session.device.signer.kid,
            "people": [
                {"login": item.login, "person": item.person.id, "roles": sorted(item.person.roles)}
                for item in members(session)
            ],
        }
    finally:
        session.close()


def show(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """``desk list``."""
    del options
    return {"desks": _desks(session)}


def _desks(session: Session) -> list[dict[str, Any]]:
    return [asdict(line) for line in desks.devices(session)]
