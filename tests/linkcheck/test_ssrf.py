"""A file of knowledge cannot make the bot knock at doors inside a network, whatever it writes."""

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.linkcheck.probe import ProbePolicy, check
from bot.linkcheck.ssrf import is_public, is_public_target, resolve
from tests.linkcheck.website import Site, certificate, open_site

INSIDE = [
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "240.0.0.1", "224.0.0.1"),
    *("255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "fec0::1", "ff02::1"),
    *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "::127.0.0.1", "2002:7f00:1::"),
    *("2002:a9fe:a9fe::1", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8", "2001:0:7f00:1::"),
    # every block of IANA's special-purpose registries, at both ends
    *("0.0.0.1", "0.255.255.255", "10.255.255.255", "100.127.255.255", "127.255.255.255", "169.254.0.0"),
    *("172.31.255.255", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.0.255", "192.0.2.1", "192.31.196.1"),
    *("192.52.193.1", "192.88.99.1", "192.175.48.1", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1"),
    *("239.255.255.255", "100::1", "100:0:0:1::1", "2001::1", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1"),
    *("2001:20::1", "2001:30::1", "2001:1ff::1", "2001:db8::1", "2620:4f:8000::1", "3fff::1", "3fff:fff::1", "5f00::1"),
    *("fe80::1", "fc00::1", "64:ff9b::192.0.0.8", "2002:c058:6301::", "4000::1"),
]
NEIGHBOURS = [
    *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "128.0.0.0", "169.253.255.255"),
    *("172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255"),
    *("198.20.0.0", "223.255.255.255", "2001:200::", "2001:db7:ffff::", "2001:db9::", "3ffe:ffff::", "2003::"),
]
TARGETS = [
    *("http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://10.0.0.1/", "http://localhost/"),
    *("http://0x7f000001/", "http://2130706433/", "http://127.1/", "http://[::ffff:127.0.0.1]/", "http://0/"),
    *("http://[::ffff:a00:1]/", "http://127.0.0.1.:80/", "https://localhost:443/"),
]


def test_only_addresses_and_ports_of_the_web_are_public() -> None:
    web = [*NEIGHBOURS, "9.9.9.9", "2620:fe::fe", "64:ff9b::9.9.9.9", "2002:909:909::1"]
    assert [address for address in (*INSIDE, *web) if is_public(address)] == web
    assert [port for port in (22, 25, 80, 443, 6379, 8443) if is_public_target("9.9.9.9", port)] == [80, 443, 8443]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What this process tries to connect to."""
    found: list[object] = []
    plain = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        found.append(address)
        plain(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)
    return found


async def test_a_link_into_the_network_is_not_even_knocked_at(dialled: list[object]) -> None:
    checked = await check(TARGETS)
    assert [(one.state, one.answered) for one in checked] == [("unsure", False)] * len(TARGETS)
    assert dialled == []


async def test_nor_is_what_a_site_leads_on_to(site: Site) -> None:
    targets = [*TARGETS, "file:///etc/passwd", "ftp://site.example/", "//10.0.0.1/", "http://["]
    site.leads |= {f"/way{number}": url for number, url in enumerate(targets)}

    async def find(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "site.example" else await resolve(host, port)

    here = ProbePolicy(allowed=lambda address, port: (address, port) == ("127.0.0.1", site.port), resolve=find)
    checked = await check(map(site.url, site.leads), policy=here)
    assert [one.state for one in checked] == ["unsure"] * len(targets)
    assert site.requests == [("HEAD", path) for path in site.leads]


async def test_a_name_with_one_address_inside_is_left_alone_and_else_one_that_answers_is_enough(site: Site) -> None:
    inside, two = {"x.example": ["127.0.0.1", "10.0.0.1"]}, {"x.example": ["127.0.0.2", "127.0.0.1"]}
    [checked] = await check([site.url("/", "x.example")], policy=site.web(inside))
    assert (checked.detail, site.asked) == ("leads to a private address", [])
    web = ProbePolicy(allowed=lambda *_: True, resolve=site.web(two).resolve)
    [checked] = await check([site.url("/fine", "x.example")], policy=web)
    assert checked.state == "right"


async def test_a_name_that_changes_its_address_in_between_leads_nowhere_else(site: Site, dialled: list[object]) -> None:
    """What was looked at is what is called: the name is looked up once a step, and never by the client."""
    web = site.web()
    [checked] = await check([site.url("/fine", "rebinding.example")], policy=web)
    assert checked.state == "right"
    assert web.resolve.asked == ["rebinding.example"]  # type: ignore[attr-defined]
    assert site.asked[0].headers["Host"] == f"rebinding.example:{site.port}"


async def test_it_says_who_it_is_and_sends_no_cookie_and_no_name(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.1:3128")
    site.leads["/way"] = f"http://ana:secret@site.example:{site.port}/fine"
    await check([site.url("/fine"), site.url("/way")], policy=site.web())
    assert len(site.asked) == 3
    for request in site.asked:
        assert request.headers["User-Agent"] == "Concierge (link check)"
        assert not {"Cookie", "Authorization", "Referer"} & set(request.headers)


async def test_of_a_page_without_end_nothing_is_read_and_a_head_without_end_is_not_taken(site: Site) -> None:
    found = await check([site.url("/endless"), site.url("/long")], policy=site.web())
    said = [(checked.state, checked.detail) for checked in found]
    assert said == [("right", "200"), ("unsure", "RemoteProtocolError")]
    assert site.sent < 10_000_000  # what the kernel takes before the connection is closed


@pytest.mark.parametrize("spent", ["resolving", "answering"])
async def test_a_server_that_keeps_it_waiting_is_left(site: Site, monkeypatch: pytest.MonkeyPatch, spent: str) -> None:
    async def slow(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(10 if spent == "resolving" else 0)
        return ["127.0.0.1"]

    monkeypatch.setattr("bot.linkcheck.probe.TOTAL_TIMEOUT", 0.1)
    path = "/slow" if spent == "answering" else "/fine"
    [checked] = await check([site.url(path)], policy=ProbePolicy(allowed=lambda *_: True, resolve=slow))
    assert (checked.state, checked.detail) == ("unsure", "TimeoutError")


@pytest.mark.parametrize(("host", "state"), [("site.example", "right"), ("other.example", "unsure")])
async def test_a_certificate_must_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, state: str) -> None:
    trusted, tls = certificate(tmp_path, "site.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with open_site(tls) as site:
        [checked] = await check([site.url("/fine", host, "https")], policy=site.web())
    assert checked.state == state
