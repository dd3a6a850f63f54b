"""A web site on this machine that knows many names: it answers by path, and remembers what it was asked."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.linkcheck.probe import ProbePolicy

STATUSES = {"/gone": 404, "/removed": 410, "/busy": 503, "/closed": 403, "/members": 401, "/much": 429}
PERMANENT = {"/old": "/new", "/old-and-dead": "/gone"}
FOR_NOW = {"/for-now": "/new", "/loop": "/loop"}


@dataclass
class Site:
    port: int = 0
    sent: int = 0  # bytes of a page without end
    asked: list[web.BaseRequest] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)  # paths
    leads: dict[str, str] = field(default_factory=dict)  # path to address, for the time being

    def url(self, path: str, host: str = "site.example", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def requests(self) -> list[tuple[str, str]]:
        return [(request.method, request.path) for request in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        path = request.path
        if path in PERMANENT:
            raise web.HTTPMovedPermanently(PERMANENT[path])
        if target := (FOR_NOW | self.leads).get(path):
            return web.Response(status=302, headers={"Location": target})
        if path.startswith("/step/"):
            raise web.HTTPFound(f"/step/{int(path.removeprefix('/step/')) - 1}" if path != "/step/0" else "/fine")
        if path == "/slow":
            await asyncio.sleep(1)
        if path == "/long":
            return web.Response(status=301, headers={"Location": "/" + "x" * 200_000})
        if path == "/endless":
            return await self.endless(request)
        if path == "/no-head" and request.method == "HEAD":
            return web.Response(status=405)
        response = web.Response(status=404 if path in self.dead else STATUSES.get(path, 200), text="ok")
        response.set_cookie("session", "secret")
        return response

    async def endless(self, request: web.BaseRequest) -> web.StreamResponse:
        """A page that never ends, for whoever asks for it."""
        if request.method == "HEAD":
            return web.Response(status=405)
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b"x" * 65_536)
                self.sent += 65_536
        return response

    def web(self, names: dict[str, Sequence[str]] | None = None, **more: object) -> ProbePolicy:
        """A web in which this machine may be knocked at, and all names lead here, but for these."""
        return ProbePolicy(allowed=lambda address, _: address == "127.0.0.1", resolve=names_of(names or {}), **more)  # type: ignore[arg-type]


class names_of:  # noqa: N801 (reads as a function; it counts)
    """Looks up these names, and any other as this machine. A name without an address is unknown."""

    def __init__(self, names: dict[str, Sequence[str]]) -> None:
        self.names, self.asked = names, list[str]()

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        found = self.names.get(host, ["127.0.0.1"])
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return found


@asynccontextmanager
async def open_site(tls: SSLContext | None = None) -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    site.port = runner.addresses[0][1]
    try:
        yield site
    finally:
        await runner.cleanup()


def certificate(folder: Path, host: str) -> tuple[Path, SSLContext]:
    """A file to trust, and what a server of that name needs."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made, now = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number()), datetime.now(UTC)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    signed = made.sign(key, hashes.SHA256())
    path, secret = folder / "trusted.pem", folder / "key.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return path, context
