"""The web servers of a process: one for each address, with the sites of the networks that name it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from aiohttp import web

from bot.app.metrics import FiguresOfMany, rendered
from bot.app.operator_page import Networks, is_own, operator_page
from bot.app.served import served
from bot.app.server import OWN, Webhook, add_webhook, application, serve
from bot.app.tenant import Tenant
from bot.app.web_pages import add_pages
from bot.channels.channel_kind import WebhookFormat
from bot.config.settings import Settings

Address = tuple[str, int]
"""Host and port."""


class HttpServers:
    """The web servers of a process: one for each address in the settings of its networks.

    `await servers.listen(networks)` opens the addresses of these networks, by name, and closes all others; at the end
    without any. `async with servers.serving(tenant):` during the whole run of one, also while it waits for its storage.
    `unserved`: the names of the networks that the process knows and does not serve.
    """

    def __init__(self) -> None:
        self.unserved: Callable[[], Iterable[str]] = tuple
        self._servers: dict[Address, Server] = {}
        self._settings: Mapping[str, Settings] = {}
        self._tenants: dict[str, Tenant] = {}

    async def listen(self, networks: Mapping[str, Settings]) -> None:
        self._settings = networks
        named = {address for settings in networks.values() if (address := address_of(settings))}
        for address in self._servers.keys() - named:
            await self._servers.pop(address).close()
        for address in named - self._servers.keys():
            self._servers[address] = Server(address, Sites(partial(self._hosts, address), self._networks))

    @asynccontextmanager
    async def serving(self, tenant: Tenant) -> AsyncIterator[None]:
        self._tenants[tenant.name] = tenant
        address = address_of(tenant.settings)
        sites = self._servers[address].sites if address else None
        if sites is not None:
            logging.getLogger("bot").addHandler(tenant.metrics.log_lines)
            await sites.add(tenant)
        try:
            yield
        finally:
            del self._tenants[tenant.name]
            if sites is not None:
                logging.getLogger("bot").removeHandler(tenant.metrics.log_lines)
                await sites.remove(tenant)

    def _networks(self) -> dict[str, Tenant | None]:
        return {name: self._tenants.get(name) for name in sorted({*self._tenants, *self.unserved()}, key=str.lower)}

    def _hosts(self, address: Address) -> dict[str, str]:
        """Return the names of the networks at an address by the hosts that ask for them.

        One with errors in its settings may belong to any address.
        """
        here = {name: settings for name, settings in self._settings.items() if address_of(settings) == address}
        public = {host: name for name, settings in here.items() if (host := public_host(settings))}
        return {name.lower(): name for name in [*here, *(set(self.unserved()) - self._settings.keys())]} | public


class Server:
    """The networks that share an address: a site for each, and health, readiness and metrics for all of them."""

    def __init__(self, address: Address, sites: Sites) -> None:
        self.sites = sites
        app = application(self._missing, self._render, self._waiting_for)
        app.router.register_resource(sites)
        self._task = asyncio.create_task(serve(app, *address))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _missing(self) -> Sequence[str]:
        """What is missing; of several networks each answers for itself, so only if all of them miss something."""
        if not self.sites.tenants:
            return ["no network is served here"]
        missing = {tenant: await tenant.missing() for tenant in self.sites.tenants.values()}
        if not all(missing.values()):
            return []
        return [f"{tenant.name}: {line}".removeprefix(": ") for tenant, lines in missing.items() for line in lines]

    def _waiting_for(self) -> str:
        waits = {tenant.waiting_for: tenant.name for tenant in self.sites.tenants.values()}
        return "; ".join(filter(None, waits))

    async def _render(self, accept: str) -> tuple[bytes, str]:
        tenants = self.sites.tenants
        for tenant in tenants.values():
            await tenant.note_state()
        registries = {name: tenant.metrics.registry for name, tenant in tenants.items()}
        return rendered(registries[""] if "" in registries else FiguresOfMany(registries), accept)


class Sites(web.DynamicResource):
    """The sites of the networks that are served just now, behind the paths of the server itself.

    While there are several networks, the host of a `public_url`, or a network's name as the host, asks for a site, and
    the machine's own host for the operator's page. Another worker may serve what this one does not: 503.
    """

    def __init__(self, hosts: Callable[[], Mapping[str, str]], networks: Networks) -> None:
        super().__init__("/{site}")  # no routes of its own: `resolve` leads to those of the sites
        self._hosts = hosts
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
        if request.path in OWN:
            return None, set()
        host, names = request.headers.get("Host", "").lower(), self._hosts()
        name = names.get(host) or names.get(host.partition(":")[0])
        if len({*names.values()}) == 1 and (is_own(host) or "" in names):
            (name,) = {*names.values()}  # one alone has the machine's own host, and without a folder every other
        if name is not None:
            served.set(name)
            app = self._apps.get(name, _AWAY)
        elif is_own(host) and host.partition(":")[0] not in map(str.lower, self._networks()):
            app = self._operator
        else:
            return None, set()
        found = await app.router.resolve(request)
        found.add_app(app)
        return found, set()

    @property
    def paths(self) -> set[str]:
        return {resource.canonical for app in self._apps.values() for resource in app.router.resources()}


def address_of(settings: Settings) -> Address | None:
    return (settings.web.host, settings.web.port) if settings.web else None


def public_host(settings: Settings) -> str:
    """Return host, and port if there is one, under which readers find the pages; empty without a `public_url`."""
    return urlsplit((settings.web and settings.web.public_url) or "").netloc.lower()


def site(tenant: Tenant) -> web.Application:
    """Return the webhooks and the pages of a network."""
    app = web.Application()
    for network in tenant.settings.networks:
        if (webhook := network.kind.webhook) and (secret := network.secrets.get(webhook.secret)):
            push = partial(_push, tenant, network.name, webhook)
            add_webhook(app, Webhook(network.name, secret, webhook.header, push))
    if tenant.settings.web and tenant.settings.web.pages:
        add_pages(app, tenant.settings, lambda: tenant.bot)
    return app


def _push(tenant: Tenant, channel: str, webhook: WebhookFormat) -> None:
    if tenant.bot:
        webhook.on_push(tenant.bot.channels[channel])


async def _elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPServiceUnavailable


_AWAY = web.Application()
_AWAY.router.add_route("*", "/{path:.*}", _elsewhere)
_AWAY.pre_freeze()
