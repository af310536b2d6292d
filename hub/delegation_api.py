"""The holder page's requests about authorisations and showing: every one proven with the phone's key.

A request is a text of JSON beside a presentation without any disclosure. The key-binding JWT's audience
names the endpoint and the digest of that text, so that a proof serves this one request and no other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.clock import china_date
from core.credentials.jose import b64u
from core.errors import UserError
from core.forms.kinds import KINDS
from core.forms.matters import offered
from core.records.delegations import MANAGER, USER, Wanted, above, below, stage
from core.records.states import DelegationState
from hub import delegation_offers, delegations, showing
from hub.actors import Actor, proven_actor
from hub.delegation_settings import read_limits
from hub.ledger import Ledger
from hub.limits import Bucket
from hub.receipts import Receipts
from hub.scenarios import known_matters
from hub.setup import Hub
from hub.web import Answer, Work, answering, json_answer, read_body, refuse

LIMIT = 24 * 1024
Step = Callable[[Connection, Ledger, Actor, dict[str, Any]], dict[str, Any]]


def _problem(fault: UserError) -> Answer:
    body = {"error": fault.code, "error_description": fault.code, "params": fault.params}
    return Answer(429 if fault.code == "too_many" else 400, body)


class DelegationApi:
    """The endpoints below ``/api/v1/holder`` that a certificate or delegation opens."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub = hub
        self._work = work
        # Checking a proof costs two signatures; what comes faster than phones do is no phone.
        self._rate = Bucket(burst=120, per_minute=600, now=hub.now)

    def routes(self) -> list[Route]:
        """Return the routes below the issuer's path."""
        path = f"{self._hub.path}/api/v1/holder"
        steps: dict[str, Step] = {
            "delegations": self._list,
            "grant": self._grant,
            "offer": self._offer,
            "revoke": self._revoke,
            "receipts": Receipts(self._hub).give,
        }
        routes = [
            Route(f"{path}/{name}", answering(self._endpoint(name, step)), methods=["POST"])
            for name, step in steps.items()
        ]
        return [*routes, Route(f"{path}/show", answering(self.show), methods=["POST"])]

    async def _body(self, request: Request) -> dict[str, Any]:
        try:
            body = json.loads(await read_body(request, LIMIT))
        except (ValueError, RecursionError) as fault:
            raise refuse(400, "body_malformed") from fault
        if not isinstance(body, dict) or not isinstance(body.get("presentation"), str):
            raise refuse(400, "body_malformed")
        if not self._rate.take():
            raise _problem(UserError("too_many"))
        return body

    def _endpoint(self, name: str, step: Step) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            body = await self._body(request)
            text = body.get("request")
            try:
                wanted = json.loads(text) if isinstance(text, str) else None
            except (ValueError, RecursionError) as fault:
                raise refuse(400, "body_malformed") from fault
            if not isinstance(text, str) or not isinstance(wanted, dict) or not text.isprintable():
                raise refuse(400, "body_malformed")
            digest = b64u(hashlib.sha256(text.encode()).digest())
            audience = f"{self._hub.issuer}/api/v1/holder/{name}#{digest}"

            def act() -> dict[str, Any]:
                with self._hub.database.write() as connection:
                    actor, ledger = proven_actor(self._hub, connection, body["presentation"], audience)
                    return step(connection, ledger, actor, wanted)

            try:
                return json_answer(await self._work.run(act))
            except UserError as fault:
                raise _problem(fault) from fault

        return endpoint

    # --- steps ----------------------------------------------------------------------------------

    def _list(
        self, connection: Connection, ledger: Ledger, actor: Actor, wanted: dict[str, Any]
    ) -> dict[str, Any]:
        """Answer with what is below the actor, what it may grant, and the limits."""
        limits, states = read_limits(connection), delegations.tree_of(connection, ledger, actor.certificate)
        day, grantor = china_date(self._hub.clock()), actor.grantor
        managers = grantor.role == "" or (grantor.role == MANAGER and limits.managers_name_managers)
        unit = ledger.world.unit(actor.unit)
        matters = [
            {"code": matter.code, "name": matter.name, "department": matter.department}
            for matter in offered(known_matters(connection)).values()
        ]
        people = [self._person(states, state, actor) for state in below(states, actor.delegation)]
        return {
            "unit": unit.values.get("name", "") if unit else "",
            "roles": [*([MANAGER] if managers else []), *([USER] if grantor.role != USER else [])],
            "days": limits.days,
            "most": {MANAGER: limits.managers, USER: limits.users},
            "today": day.isoformat(),
            "first": grantor.valid_from,
            "last": grantor.valid_to,
            "bounds": list(grantor.matters),
            "matters": matters,
            "people": people,
        }

    def _person(
        self, states: dict[str, DelegationState], state: DelegationState, actor: Actor
    ) -> dict[str, Any]:
        day = china_date(self._hub.clock())
        return {
            "id": state.id,
            "parent": state.parent,
            "depth": len(above(states, state.id)),
            "own": state.parent == actor.delegation,
            "role": state.role,
            "name": state.name or "",
            "id_number": KINDS["id_number"].mask(state.id_number or ""),
            "matters": list(state.matters),
            "valid_from": state.valid_from,
            "valid_to": state.valid_to,
            "stage": stage(state, day).value,
            "reason": state.reason,
        }

    def _grant(
        self, connection: Connection, ledger: Ledger, actor: Actor, wanted: dict[str, Any]
    ) -> dict[str, Any]:
        grant = _read_wanted(wanted)
        delegation = delegations.grant(self._hub, connection, ledger, actor, grant)
        return self._offered(connection, ledger, actor, delegation)

    def _offer(
        self, connection: Connection, ledger: Ledger, actor: Actor, wanted: dict[str, Any]
    ) -> dict[str, Any]:
        return self._offered(connection, ledger, actor, _text(wanted, "delegation"))

    def _offered(
        self, connection: Connection, ledger: Ledger, actor: Actor, delegation: str
    ) -> dict[str, Any]:
        made = delegation_offers.make_offer(self._hub, connection, ledger, actor, delegation)
        issuer = self._hub.issuer
        return {
            "delegation": delegation,
            "link": f"{issuer}/c?credential_offer_uri={issuer}/o/{made.code}",
            "digits": made.digits,
            "expires_at": made.expires_at,
        }

    def _revoke(
        self, connection: Connection, ledger: Ledger, actor: Actor, wanted: dict[str, Any]
    ) -> dict[str, Any]:
        target = _text(wanted, "delegation")
        return {"ended": delegations.revoke(self._hub, connection, ledger, actor, target)}

    # --- showing --------------------------------------------------------------------------------

    async def show(self, request: Request) -> Response:
        """POST /api/v1/holder/show {"presentation"}: keep it for two minutes; the reference for the code."""
        presentation = (await self._body(request))["presentation"]

        def act() -> str:
            with self._hub.database.write() as connection:
                return showing.keep(self._hub, connection, presentation)

        try:
            ref = await self._work.run(act)
        except UserError as fault:
            raise _problem(fault) from fault
        link = f"{self._hub.issuer}/v/{ref}"
        return json_answer({"ref": ref, "link": link, "expires_in": showing.KEPT_SECONDS})


def _text(wanted: dict[str, Any], name: str) -> str:
    value = wanted.get(name)
    if not isinstance(value, str) or len(value) > 64:
        raise UserError("body_malformed")
    return value


def _read_wanted(wanted: dict[str, Any]) -> Wanted:
    matters = wanted.get("matters")
    if not isinstance(matters, list) or len(matters) > 100 or not all(isinstance(m, str) for m in matters):
        raise UserError("body_malformed")
    return Wanted(
        _text(wanted, "role"),
        _text(wanted, "name"),
        _text(wanted, "id_number"),
        tuple(matters),
        _text(wanted, "valid_from"),
        _text(wanted, "valid_to"),
    )
