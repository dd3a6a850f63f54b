"""Calls of the Client-Server API, and the only place where Matrix errors become ours.

matrix-nio retries a 429 for ever, ignores `Retry-After` and lets a truncated body end its loop; so the bot speaks HTTP
itself, and leaves only the encryption to nio.
"""

import json
import logging
import math
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from bot.channels.backoff import http_date, number, pause
from bot.channels.matrix.schema import Json
from bot.messages import AuthenticationFailed, ChannelError, NetworkRefusal, RateLimited, Unreachable

log = logging.getLogger(__name__)

TIMEOUT = 30.0  # seconds for one answer
_UNKNOWN_LIMIT = 5.0  # seconds to wait after a 429 that does not say how long
_DEEPEST = 100  # nested arrays and objects; the specification's events have a tenth of it
_SIGN = re.compile(r'\\.|["\[\]{}]')  # an escape, which is inside a text, or a delimiter
_ACCOUNT_ERRORS = {
    "M_UNKNOWN_TOKEN": "the login has ended, or the account is gone",
    "M_MISSING_TOKEN": "the login has ended, or the account is gone",
    "M_USER_DEACTIVATED": "the account was deactivated",
    "M_USER_LOCKED": "the account is locked",
    "M_USER_SUSPENDED": "the account is suspended",
}


class MatrixNotFound(NetworkRefusal):
    """404: the object does not exist."""


class AuthChallenge(NetworkRefusal):
    """The server first wants proof of identity; `session` identifies the request.

    Client-Server API, "User-Interactive Authentication API".
    """

    def __init__(self, text: str, session: object) -> None:
        super().__init__(text)
        self.session = session


@dataclass
class MatrixClient:
    """Client-Server API of one homeserver, as the account whose `token` is set.

    `on_server_time` is called with the server's time at each answer, `on_rate_limited` at each 429. `seconds_left`: see
    `Runtime`.
    """

    address: str
    on_server_time: Callable[[datetime], None] = lambda _: None
    on_rate_limited: Callable[[], None] = lambda: None
    seconds_left: Callable[[], float] = lambda: math.inf
    token: str | None = field(default=None, init=False, repr=False)
    _http: aiohttp.ClientSession | None = field(default=None, init=False)

    async def call(
        self,
        method: str,
        *path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        seconds: float = TIMEOUT,
        anonymous: bool = False,
        api: str = "client/v3",
    ) -> Json:
        """Return the answer's JSON object; `path` follows `/_matrix/<api>/`, piece by piece, unquoted.

        `body` is sent as JSON, or as it is if it is a payload of aiohttp. `seconds` is the timeout; `anonymous` omits
        the token. Once this process may not speak for the network, only GET is sent, and a PUT under way is given up.
        Raises Unreachable, RateLimited, NetworkRefusal (MatrixNotFound: 404) or AuthenticationFailed.
        """
        if self._http is None:
            self._http = aiohttp.ClientSession(headers={"User-Agent": "Concierge"})
        address = "/".join([self.address, f"_matrix/{api}", *(quote(piece, safe="") for piece in path)])
        url = URL(address + (f"?{urlencode(query)}" if query else ""), encoded=True)
        token = None if anonymous else self.token
        left = math.inf if method == "GET" else self.seconds_left()
        if not left:
            raise Unreachable("another process may speak for this network by now")
        options: dict[str, Any] = {
            "data" if isinstance(body, aiohttp.Payload) else "json": body,
            "headers": {"Authorization": f"Bearer {token}"} if token else {},
            "timeout": aiohttp.ClientTimeout(total=min(seconds, left) if method == "PUT" else seconds),
        }
        try:
            # A redirect (RFC 9110 section 15.4) would turn PUT into GET and carry the token elsewhere.
            async with self._http.request(method, url, allow_redirects=False, **options) as response:
                status, received, text = response.status, response.headers, await response.read()
            answer = parse(text)
            if not 200 <= status < 300 or not isinstance(answer, dict):
                raise self._make_error(status, received, answer if isinstance(answer, dict) else {})
            if date := http_date(received.get("Date")):
                self.on_server_time(date)
            return answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = type(error).__name__ if isinstance(error, TimeoutError) else str(error) or type(error).__name__
            raise Unreachable(f"{self.address} does not answer ({why})") from error
        except AuthenticationFailed as refusal:
            if token is None or token == self.token:
                raise
            raise Unreachable("the bot logged in anew meanwhile") from refusal

    async def look(self, *path: str, query: Mapping[str, str] | None = None, api: str = "client/v3") -> Json | None:
        """Return the answer to a GET as `call` does; None if the server refuses it."""
        try:
            return await self.call("GET", *path, query=query, api=api)
        except NetworkRefusal:
            return None

    async def send_to_devices(self, type: str, messages: Mapping[str, Any]) -> None:
        """Send PUT /sendToDevice ("Send-to-Device messaging"). Raises as `call` does."""
        await self.call("PUT", "sendToDevice", type, secrets.token_hex(16), body=messages)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    def _make_error(self, status: int, headers: Mapping[str, str], answer: Json) -> ChannelError:
        """Return the error of an answer (Client-Server API, "Standard error response" and "Rate limiting")."""
        code = str(answer.get("errcode", ""))
        text = f"{self.address}: {status} {code} {str(answer.get('error', ''))[:200]}".rstrip()
        if status == 429 or code == "M_LIMIT_EXCEEDED":
            self.on_rate_limited()
            milliseconds = number(answer.get("retry_after_ms"))  # deprecated since v1.10 (MSC4041), still sent
            return RateLimited(pause(headers.get("Retry-After"), milliseconds and milliseconds / 1000, _UNKNOWN_LIMIT))
        if 300 <= status < 400:
            return Unreachable(f"{self.address} sends us on to {headers.get('Location', '?')}: set that address")
        if status == 401 and isinstance(answer.get("flows"), list):
            return AuthChallenge(text, answer.get("session"))
        if status < 300 or status >= 500 or not code:  # an error without a code comes from a proxy
            return Unreachable(f"{self.address} does not answer like a Matrix homeserver ({text})")
        if code in _ACCOUNT_ERRORS:
            return AuthenticationFailed(f"{_ACCOUNT_ERRORS[code]} ({text})")
        return MatrixNotFound(text) if status == 404 else NetworkRefusal(text)


def parse(text: bytes) -> Any:
    """Parse JSON, with null for anything nested too deep for `json`: it is one message, and others are beside it.

    Returns None for anything else.
    """
    try:
        return json.loads(text)
    except RecursionError:
        text = "".join(_shallow_pieces(text.decode(errors="replace"))).encode()
    except ValueError:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _shallow_pieces(text: str) -> Iterator[str]:
    depth, end, is_quoted = 0, 0, False
    for sign in _SIGN.finditer(text):
        match sign[0]:
            case '"':
                is_quoted = not is_quoted
            case "[" | "{" if not is_quoted:
                depth += 1
                if depth == _DEEPEST:
                    yield text[end : sign.start()] + "null"
            case "]" | "}" if not is_quoted:
                end = sign.end() if depth == _DEEPEST else end
                depth -= 1
    yield text[end:]


def require_text(answer: Json, key: str) -> str:
    """Return the text under `key`. Raises Unreachable: an answer without it is invalid, whatever its status."""
    value = answer.get(key)
    if not isinstance(value, str):
        raise Unreachable(f"the homeserver answers without {key}")
    return value
