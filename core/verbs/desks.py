"""``desk request``, ``forget``, ``admit``, ``join`` and ``list``: further desks of one office."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from core.errors import UserError
from core.services import desks
from core.services.people import members
from core.services.session import Folder, Session
from core.services.waiting_keys import give_up
from core.verbs.files import read_bytes, read_secret, write_private
from core.verbs.running import Surroundings, let_in


def request(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``desk request``: at the new desk; at one that is a desk already, with ``--as``, for what is new."""
    del around
    folder, login = Folder(options.data), options.login
    if folder.exists() and login is not None:
        with let_in(options.data, login, options.password_file) as session:
            data, mark = desks.request_desk(folder, session=session)
    else:
        secret = read_secret(options.password_file)
        data, mark = desks.request_desk(folder, password=secret, login=login or "")
    write_private(options.out, data)
    return {"request": str(options.out), "fingerprint": mark}


def forget(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``desk forget``: destroy the keys of a desk that waits to be admitted."""
    del around
    give_up(Folder(options.data))
    return {"forgotten": True}


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
    asked = options.asked_password_file
    session = desks.join_office(
        Folder(options.data),
        package,
        options.login,
        read_secret(options.password_file),
        asked_with="" if asked is None else read_secret(asked),
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
