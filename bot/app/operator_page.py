"""The operator's page of a process with several networks: which there are, and whether each is ready; no contents.

Whoever reaches the address can read it, so it says no more than `/ready` does.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import urlsplit

from aiohttp import web

from bot.app.tenant import Tenant
from bot.locale import Language, wording
from bot.pages.rendered import asset_handler, html_response
from bot.pages.templates import Templates

Networks = Callable[[], Mapping[str, Tenant | None]]
"""Returns all networks of the process by name; None is one that it does not serve."""


Row = tuple[str, str, list[str] | None]
"""Name, address of the pages (empty without them), and what is missing until it can answer; None: it is not served."""


def operator_page(networks: Networks) -> web.Application:
    async def listed(_: web.Request) -> web.Response:
        found = networks()
        rows = await asyncio.gather(*(_row(name, tenant) for name, tenant in found.items()))
        languages = (tenant.settings.language for tenant in found.values() if tenant)
        return html_response(_templates(next(languages, "fr")).render("networks.html", "", networks=rows))

    app = web.Application()
    app.add_routes([web.get("/", listed), web.get("/assets/{file:.+}", asset_handler({}))])
    return app


@cache
def _templates(language: Language) -> Templates:
    words = wording(language)
    return Templates(words, words("pages.networks_title"))


async def _row(name: str, tenant: Tenant | None) -> Row:
    if tenant is None:
        return name, "", None
    pages = tenant.settings.web
    return name, (pages and pages.pages and pages.public_url) or "", await tenant.missing()


def is_own(host: str) -> bool:
    """Whether the host of a request is the machine's: an IP address or a name without a dot, such as `localhost`.

    Readers know a network by a name with dots, also while it is not served and nobody can say whose name it is.
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return bool(name) and ("." not in name or bool(ipaddress.ip_address(name)))
    except ValueError:
        return False
