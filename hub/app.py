"""The hub as one ASGI application; tests and the server build it the same way."""

from __future__ import annotations

from starlette.routing import Router
from starlette.types import ASGIApp

from hub.delegation_api import DelegationApi
from hub.desk_api import DeskApi
from hub.holder import HolderPage
from hub.log_api import LogApi
from hub.openid import OpenId
from hub.public_pages import PublicPages
from hub.setup import Hub
from hub.short_codes import ShortCodes
from hub.verification_api import VerificationApi
from hub.verify_page import VerifyPage
from hub.web import Guard, Work


def build(hub: Hub, work: Work | None = None) -> ASGIApp:
    """Return the application that serves this hub; ``work`` is what its requests share."""
    work, short_codes = work or Work(), ShortCodes(hub)
    routes = [
        *OpenId(hub, work).routes(),
        *DeskApi(hub, work).routes(),
        *LogApi(hub, work).routes(),
        *DelegationApi(hub, work).routes(),
        *VerifyPage(hub, work).routes(),
        *HolderPage(hub, work, short_codes).routes(),
        *VerificationApi(hub, work).routes(),
        *PublicPages(hub, work).routes(),
    ]
    return Guard(Router(routes, redirect_slashes=False))
