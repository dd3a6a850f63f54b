"""One call to the homeserver, and what its answers mean: the only place where Matrix errors become ours.

matrix-nio retries a 429 for ever, ignores `Retry-After` and lets a cut body end its loop; so the bot speaks HTTP itself
and leaves to nio what nio is for: the encryption.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from yarl import URL

from bot.messages import ChannelError, LoggedOut, Refused, TooFast, Unreachable

log = logging.getLogger(__name__)

PATIENCE = 30.0  # seconds for one answer
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
_UNKNOWN_LIMIT = 5.0  # seconds to wait after a 429 that does not say how long
_LONGEST_LIMIT = 3600.0  # who asks for more is asked again after an hour: the bot must not fall silent for good
_GONE = {
    "M_UNKNOWN_TOKEN": "the login has ended, or the account is gone",
    "M_MISSING_TOKEN": "the login has ended, or the account is gone",
    "M_USER_DEACTIVATED": "the account was deactivated",
    "M_USER_LOCKED": "the account is locked",
    "M_USER_SUSPENDED": "the account is suspended",
}

Json = dict[str, Any]


class Missing(Refused):
    """What was asked for does not exist there."""


class Challenge(Refused):
    """The server first wants a proof of who is asking; `session` names what the proof is for."""

    def __init__(self, said: str, session: object) -> None:
        super().__init__(said)
        self.session = session


class Server:
    """The client-server API of one homeserver, as the one whose `token` is set."""

    def __init__(
        self,
        address: str,
        told_time: Callable[[datetime], None] = lambda _: None,
        limited: Callable[[], None] = lambda: None,
    ) -> None:
        """`told_time` hears what time it is there, with each answer; `limited` is called with each 429."""
        self.address, self._told_time, self._limited = address.rstrip("/"), told_time, limited
        self.token: str | None = None
        self._http: aiohttp.ClientSession | None = None

    async def call(
        self,
        method: str,
        *path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
        unknown: bool = False,
        version: str = "v3",
    ) -> Json:
        """The answer's JSON object; `path` follows `/_matrix/client/<version>/`, piece by piece, unquoted.

        `unknown`: as somebody without a token.

        Raises Unreachable, TooFast, Refused (Missing: 404) or LoggedOut.
        """
        address = "/".join([self.address, f"_matrix/client/{version}", *(quote(piece, safe="") for piece in path)])
        url = URL(address + (f"?{urlencode(query)}" if query else ""), encoded=True)
        token = None if unknown else self.token
        try:
            status, headers, text = await self._exchange(method, url, token, body, patience)
            answer = self._understood(status, headers, text)
            if moment := _moment(headers.get("Date")):
                self._told_time(moment)
            return answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(f"{self.address} does not answer ({_name(error)})") from error
        except LoggedOut as refusal:
            if unknown or token == self.token:
                raise
            raise Unreachable("the bot logged in anew meanwhile") from refusal

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _exchange(
        self, method: str, url: URL, token: str | None, body: object, patience: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        if self._http is None:
            self._http = aiohttp.ClientSession(headers={"User-Agent": "Concierge"})
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        limit = aiohttp.ClientTimeout(total=patience)
        # A redirect would turn PUT into GET and carry the token elsewhere.
        async with self._http.request(
            method, url, json=body, headers=headers, timeout=limit, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await answer.read()

    def _understood(self, status: int, headers: Mapping[str, str], text: bytes) -> Json:
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            answer = None
        if 200 <= status < 300 and isinstance(answer, dict):
            return answer
        raise self._error(status, headers, answer if isinstance(answer, dict) else {})

    def _error(self, status: int, headers: Mapping[str, str], answer: Json) -> ChannelError:
        code = str(answer.get("errcode", ""))
        said = f"{self.address}: {status} {code} {str(answer.get('error', ''))[:200]}".rstrip()
        if status == 429 or code == "M_LIMIT_EXCEEDED":
            self._limited()
            return TooFast(_pause_asked(headers, answer))
        if 300 <= status < 400:
            return Unreachable(f"{self.address} sends us on to {headers.get('Location', '?')}: set that address")
        if status == 401 and isinstance(answer.get("flows"), list):
            return Challenge(said, answer.get("session"))
        if status < 300 or status >= 500 or not code:  # an error without its code comes from something in between
            return Unreachable(f"{self.address} does not answer like a Matrix homeserver ({said})")
        if code in _GONE:
            return LoggedOut(f"{_GONE[code]} ({said})")
        return Missing(said) if status == 404 else Refused(said)


def required(answer: Json, key: str) -> str:
    """The text under `key`; an answer without it makes no sense, whatever its status (Unreachable)."""
    value = answer.get(key)
    if not isinstance(value, str):
        raise Unreachable(f"the homeserver answers without {key}")
    return value


class Patience:
    """The pauses between tries: from half a second, doubled up to a minute, uneven so that many bots spread.

    The first failure in a row is said in the log, and the end of the row.
    """

    def __init__(self, what: str) -> None:
        self._what, self._failures = what, 0

    async def wait(self, error: ChannelError) -> None:
        seconds = self._next()
        if isinstance(error, TooFast):  # who says "at once", again and again, is not asked at once for ever
            seconds = max(error.after, min(seconds, _UNKNOWN_LIMIT))
        level = logging.DEBUG if self._failures else logging.WARNING
        log.log(level, "%s: %s; trying again in %.1f s", self._what, error, seconds)
        self._failures += 1
        await asyncio.sleep(seconds)

    def over(self) -> None:
        if self._failures:
            log.info("%s: all right again after %d tries", self._what, self._failures)
        self._failures = 0

    def _next(self) -> float:
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10))
        return secrets.SystemRandom().uniform(longest / 2, longest)


def _pause_asked(headers: Mapping[str, str], answer: Json) -> float:
    """Seconds: from the header (a number or a date), else the body's older `retry_after_ms`."""
    said = headers.get("Retry-After")
    milliseconds = _number(answer.get("retry_after_ms"))
    ways = (_number(said), _date(said), None if milliseconds is None else milliseconds / 1000, _UNKNOWN_LIMIT)
    return min(next(seconds for seconds in ways if seconds is not None), _LONGEST_LIMIT)


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever the server wrote
    except (TypeError, ValueError, OverflowError):
        return None
    return max(number, 0.0) if math.isfinite(number) else None


def _date(value: str | None) -> float | None:
    date = _moment(value)
    return None if date is None else max((date - datetime.now(UTC)).total_seconds(), 0.0)


def _moment(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _name(error: Exception) -> str:
    return type(error).__name__ if isinstance(error, TimeoutError) or not str(error) else str(error)
