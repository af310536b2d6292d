"""From the command line to one JSON object: find the verb, let the person in, run it, name what failed."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import CertDeskError, EnvironmentFault
from core.forms.spec import Finding, Severity
from core.verbs.arguments import Verb, find
from core.verbs.outcome import DONE, Explain, Outcome, error_body, failed

if TYPE_CHECKING:
    from core.services.session import Session


@dataclass(frozen=True)
class ServerFiles:
    """PEM files of an https server: the authority to trust, the server's certificate and key."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True)
class Surroundings:
    """What app.py hands in because core may not reach for it.

    ``explain`` makes sentences, ``answer`` writes a line to standard output at once, ``tell`` a line of
    progress to standard error, ``hub`` runs a hub verb in this process, ``make_server_files`` makes a
    test authority and a server certificate for this machine in a folder.
    """

    explain: Explain
    answer: Callable[[str], None]
    tell: Callable[[str], None]
    hub: Callable[[Sequence[str]], Outcome]
    make_server_files: Callable[[Path], ServerFiles]


@contextlib.contextmanager
def let_in(data: Path, login: str, password_file: Path) -> Iterator[Session]:
    """Unlock a desk for one verb and lock it again. Raises as ``session.unlock`` and ``read_secret``."""
    from core.services.session import Folder, unlock
    from core.verbs.files import read_secret

    password = read_secret(password_file)
    if not data.is_dir():
        raise EnvironmentFault("data_folder_missing")
    session = unlock(Folder(data), login, password)
    try:
        yield session
    finally:
        session.close()


def run(verbs: Sequence[Verb], typed: Sequence[str], around: Surroundings) -> Outcome:
    """Run what was typed. Expected errors become an outcome; anything else is a bug and escapes."""
    try:
        verb, rest = find(verbs, typed)
        options = verb.parser().parse_args(rest)
        return _run(verb, options, around)
    except CertDeskError as error:
        return failed(error, around.explain)


def _run(verb: Verb, options: argparse.Namespace, around: Surroundings) -> Outcome:
    function = verb.load()
    if verb.desk:
        with let_in(options.data, options.login, options.password_file) as session:
            answer = function(session, options)
    else:
        answer = function(options, around)
    if isinstance(answer, Outcome):
        return Outcome(answer.exit, _explained(answer.body, around.explain))
    return Outcome(DONE, answer)


def _explained(body: Mapping[str, Any], explain: Explain) -> dict[str, Any]:
    """Spell out an error that stands under ``fault`` in a body or in one of its lines."""
    plain = {name: _plain(value, explain) for name, value in body.items() if name != "fault"}
    if {"field", "code", "severity", "params"} == set(body):
        message = explain(Finding(body["field"], body["code"], Severity(body["severity"]), body["params"]))
        return plain | ({"message": message} if message else {})
    fault = body.get("fault")
    return plain | (error_body(fault, explain) if isinstance(fault, CertDeskError) else {})


def _plain(value: Any, explain: Explain) -> Any:
    if isinstance(value, list):
        return [_explained(item, explain) if isinstance(item, Mapping) else item for item in value]
    return value
