"""The web servers of a process: one for each address, with the sites of the networks that name it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from yarl import URL

from bot.app.metrics import FiguresOfMany, rendered
from bot.app.operator_page import Networks, is_own, operator_page
from bot.app.served import served
from bot.app.server import Webhook, add_webhook, application, serve
from bot.app.tenant import Tenant
from bot.app.web_pages import add_pages
from bot.channels.channel_kind import WebhookFormat
from bot.config.settings import Settings


class HttpServers:
    """The web servers of a process: one for each address in the settings of its networks.

    `async with servers.serving(tenant):` during the whole run of that network, also while it waits for its storage.
    `unserved`: the names of the networks that the process knows and does not serve.
    """

    def __init__(self) -> None:
        self.unserved: Callable[[], Iterable[str]] = tuple
        self._servers: dict[tuple[str, int], Server] = {}
        self._tenants: dict[str, Tenant] = {}

    @asynccontextmanager
    async def serving(self, tenant: Tenant) -> AsyncIterator[None]:
        self._tenants[tenant.name] = tenant
        try:
            async with self._at_address(tenant):
                yield
        finally:
            del self._tenants[tenant.name]

    @asynccontextmanager
    async def _at_address(self, tenant: Tenant) -> AsyncIterator[None]:
        if not (address := tenant.settings.web):
            yield
            return
        server = self._servers.setdefault(key := (address.host, address.port), Server(*key, self._networks))
        await server.add(tenant)
        try:
            yield
        finally:
            if await server.remove(tenant):
                self._servers.pop(key, None)

    def _networks(self) -> dict[str, Tenant | None]:
        return {name: self._tenants.get(name) for name in sorted({*self._tenants, *self.unserved()}, key=str.lower)}


class Server:
    """The networks that share an address: a site for each, and health, readiness and metrics for all of them.

    While there are several, a site is found by the host of its `public_url`, or by its network's name as the host, and
    the operator's page by the machine's.
    """

    def __init__(self, host: str, port: int, networks: Networks) -> None:
        self._address, self._sites = (host, port), Sites(networks)
        self._task: asyncio.Task[None] | None = None

    async def add(self, tenant: Tenant) -> None:
        """The first one opens the address."""
        logging.getLogger("bot").addHandler(tenant.metrics.log_lines)
        await self._sites.add(tenant)
        if self._task is None:
            app = application(self._missing, self._render, self._waiting_for)
            app.router.register_resource(self._sites)
            self._task = asyncio.create_task(serve(app, *self._address))

    async def remove(self, tenant: Tenant) -> bool:
        """Whether it was the last one: the address is closed."""
        logging.getLogger("bot").removeHandler(tenant.metrics.log_lines)
        await self._sites.remove(tenant)
        if self._sites.tenants or self._task is None:
            return False
        task, self._task = self._task, None
        task.cancel()
        await asyncio.wait([task])
        return True

    async def _missing(self) -> Sequence[str]:
        """What is missing; of several networks each answers for itself, so only if all of them miss something."""
        missing = {tenant: await tenant.missing() for tenant in self._sites.tenants.values()}
        if not all(missing.values()):
            return []
        return [f"{tenant.name}: {line}".removeprefix(": ") for tenant, lines in missing.items() for line in lines]

    def _waiting_for(self) -> str:
        waits = {tenant.waiting_for: tenant.name for tenant in self._sites.tenants.values()}
        return "; ".join(filter(None, waits))

    async def _render(self, accept: str) -> tuple[bytes, str]:
        tenants = self._sites.tenants
        for tenant in tenants.values():
            await tenant.note_state()
        registries = {name: tenant.metrics.registry for name, tenant in tenants.items()}
        return rendered(registries[""] if "" in registries else FiguresOfMany(registries), accept)


class Sites(web.AbstractResource):
    """The sites of the networks that are there just now, behind the paths of the server itself."""

    canonical = "/{site}"

    def __init__(self, networks: Networks) -> None:
        super().__init__()
        self.tenants: dict[str, Tenant] = {}
        self._networks, self._operator = networks, operator_page(networks)
        self._operator.pre_freeze()
        self._apps: dict[str, web.Application] = {}

    async def add(self, tenant: Tenant) -> None:
        app = site(tenant)
        app.pre_freeze()
        await app.startup()
        self.tenants[tenant.name], self._apps[tenant.name] = tenant, app

    async def remove(self, tenant: Tenant) -> None:
        del self.tenants[tenant.name]
        await self._apps.pop(tenant.name).cleanup()

    async def resolve(self, request: web.Request) -> tuple[web.UrlMappingMatchInfo | None, set[str]]:
        host = request.headers.get("Host", "").lower()
        if (name := self._asked(host)) is not None:
            served.set(name)
            app = self._apps[name]
        elif is_own(host) and host.partition(":")[0] not in map(str.lower, self._networks()):
            app = self._operator
        else:
            return None, set()
        found = await app.router.resolve(request)
        if (refusal := found.http_exception) and not found.apps:
            return None, refusal.allowed_methods if isinstance(refusal, web.HTTPMethodNotAllowed) else set()
        found.add_app(app)
        return found, set()

    def _asked(self, host: str) -> str | None:
        """Return the name of the network whose site has this host; of one alone it is every host."""
        if len(self.tenants) == 1:
            return next(iter(self.tenants))
        known = {name.lower(): name for name in self.tenants}
        known |= {address: name for name, tenant in self.tenants.items() if (address := public_host(tenant.settings))}
        return known.get(host) or known.get(host.partition(":")[0])

    @property
    def paths(self) -> set[str]:
        return {resource.canonical for app in self._apps.values() for resource in app.router.resources()}

    def __len__(self) -> int:
        return sum(len(app.router.routes()) for app in self._apps.values())

    def __iter__(self) -> Iterator[web.AbstractRoute]:
        return (route for app in self._apps.values() for route in app.router.routes())

    def url_for(self, **_: str) -> URL:
        raise NotImplementedError

    def add_prefix(self, _: str) -> None:
        raise NotImplementedError

    def get_info(self) -> Any:
        return {}

    def raw_match(self, _: str) -> bool:
        return False


def public_host(settings: Settings) -> str:
    """Return host, and port if there is one, under which readers find the pages; empty without a `public_url`."""
    return urlsplit((settings.web and settings.web.public_url) or "").netloc.lower()


def site(tenant: Tenant) -> web.Application:
    """Return the webhooks and the pages of a network."""
    app = web.Application()
    for network in tenant.settings.networks:
        if (webhook := network.kind.webhook) and (secret := network.secrets.get(webhook.secret)):
            add_webhook(
                app, Webhook(network.name, secret, webhook.header, partial(_push, tenant, network.name, webhook))
            )
    if tenant.settings.web and tenant.settings.web.pages:
        add_pages(app, tenant.settings, lambda: tenant.bot)
    return app


def _push(tenant: Tenant, channel: str, webhook: WebhookFormat) -> None:
    if tenant.bot:
        webhook.on_push(tenant.bot.channels[channel])
