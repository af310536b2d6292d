"""The pages that anybody reads: the scenario list (应用场景清单) and the service guide (办事指南).

Plain HTML without a script, made anew for each reader, under a policy that allows one style sheet.
"""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.clock import china_date
from hub.scenarios import guide, scenarios
from hub.setup import Hub
from hub.web import Work, answering
from resources import read_bytes

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_REHEARSAL = '<p class="band">演练 · 数据均为虚构，没有法律效力</p>'


def page(title: str, body: str, here: str, *, rehearsal: bool) -> str:
    """Return a whole page. ``body`` is markup whose texts are escaped; ``here`` is the page's own address."""
    links = "".join(
        f'<a href="{name}"{current}>{words}</a>'
        for name, words in (("scenarios", "应用场景清单"), ("guide", "办事指南"))
        for current in (' aria-current="page"' if name == here else "",)
    )
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title>"
        '<link rel="icon" href="holder/icon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="public.css"></head><body>'
        f"{_REHEARSAL if rehearsal else ''}"
        f'<nav aria-label="公开信息">{links}</nav><main><h1>{escape(title)}</h1>{body}</main></body></html>'
    )


class PublicPages:
    """The public pages of one hub."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub = hub
        self._work = work
        self._style = read_bytes("public.css")

    def routes(self) -> list[Route]:
        """Return the routes below the issuer's path."""
        path = self._hub.path
        table = [("scenarios", self.scenarios), ("guide", self.guide), ("public.css", self.style)]
        return [Route(f"{path}/{name}", answering(make), methods=["GET"]) for name, make in table]

    def _today(self) -> str:
        day = china_date(self._hub.clock())
        return f"{day.year}年{day.month}月{day.day}日"

    def _page(self, title: str, body: str, here: str) -> Response:
        text = page(title, body, here, rehearsal=self._hub.rehearsal)
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "max-age=60"}
        return Response(text, headers=headers, media_type="text/html")

    async def scenarios(self, request: Request) -> Response:
        """GET /scenarios."""
        return self._page("应用场景清单", await self._work.run(self._scenarios), "scenarios")

    def _scenarios(self) -> str:
        with self._hub.database.read() as connection:
            standing = list(scenarios(connection).values())
        rows = "".join(
            f'<tr><th scope="row">{escape(each.name)}<span class="code">{escape(each.code)}</span></th>'
            f'<td data-label="办理部门">{escape(each.department)}</td>'
            f'<td data-label="怎样使用">{escape(each.steps)}</td></tr>'
            for each in standing
        )
        return (
            f'<p class="quiet">事业单位法人电子证书可以办理以下 {len(standing)} 项，截至{self._today()}。'
            "电子证书与纸质证书具有同等法律效力。</p>"
            '<table><thead><tr><th scope="col">事项</th><th scope="col">办理部门</th>'
            f'<th scope="col">怎样使用</th></tr></thead><tbody>{rows}</tbody></table>'
        )

    async def guide(self, request: Request) -> Response:
        """GET /guide."""
        title, body = await self._work.run(self._guide)
        return self._page(title, body, "guide")

    def _guide(self) -> tuple[str, str]:
        with self._hub.database.read() as connection:
            found = guide(connection)
        parts = "".join(
            f"<section><h2>{escape(section.heading)}</h2>"
            f"{''.join(f'<p>{escape(line)}</p>' for line in section.lines)}</section>"
            for section in found.sections
        )
        return found.title, f'<p class="quiet">截至{self._today()}。</p>{parts}'

    async def style(self, request: Request) -> Response:
        """GET /public.css."""
        headers = {"Cache-Control": "max-age=3600", "Content-Type": "text/css; charset=utf-8"}
        return Response(self._style, headers=headers)
