"""How often somebody may do something. Four forms of 429, by real counting or on demand (`faults.py`)."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.forum.asking import Ask, Refusal


class Limit(NamedTuple):
    times: int
    seconds: float


class Limits:
    """The defaults of an installation [22 discourse_defaults.conf, F26]; a test may set others."""

    api = Limit(60, 60)  # all Api-Keys of the site together
    user_api = Limit(20, 60)
    ip = (Limit(50, 10), Limit(200, 60))
    create_post = Limit(1, 5)
    create_topic = Limit(1, 15)
    topics_a_day = Limit(20, 86400)
    private_a_day = Limit(20, 86400)
    edits_a_day = Limit(30, 86400)
    likes_a_day = Limit(50, 86400)
    search = Limit(30, 60)
    visitor_search = (Limit(2, 1), Limit(15, 60))

    def __init__(self, on: bool) -> None:
        self.on = on
        self._done: dict[str, deque[datetime]] = defaultdict(deque)

    def wait(self, name: str, limit: Limit, now: datetime) -> int:
        """Counts one more; or the seconds to wait, and nothing is counted [22 rate_limiter.rb]."""
        done, window = self._done[name], timedelta(seconds=limit.seconds)
        while done and done[0] <= now - window:
            done.popleft()
        if self.on and len(done) >= limit.times:
            return max(1, math.ceil((done[len(done) - limit.times] + window - now).total_seconds()))
        done.append(now)
        return 0


def json_429(ask: Ask, seconds: int, code: str | None) -> Refusal:
    """With a code header: pause everything; without: this action alone [22 application_controller]."""
    headers = {"Retry-After": str(seconds)} | ({"Discourse-Rate-Limit-Error-Code": code} if code else {})
    body = {
        "errors": [ask.say("wait", seconds=seconds)],
        "error_type": "rate_limit",
        "extras": {"wait_seconds": seconds, "time_left": f"{seconds} seconds"},
    }
    return Refusal(429, body, headers)


def text_429(seconds: int, code: str) -> Refusal:
    """[N:22157421 request_tracker]."""
    text = "Slow down, too many requests from this IP address.\n"
    text += f"Please retry again in {seconds} seconds.\nError code: {code}.\n"
    return Refusal(429, text, {"Retry-After": str(seconds), "Discourse-Rate-Limit-Error-Code": code})


def search_429(ask: Ask) -> Refusal:
    """[N:1347231599]: neither `errors` nor a header."""
    return Refusal(429, {"failed": "FAILED", "message": ask.say("slow_down")})


def nginx_429() -> Refusal:
    page = "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
    return Refusal(429, page, kind="text/html")


def check_request(ask: Ask) -> None:
    """Before anything else is looked at. Newer servers do not count API requests by address [N:539053909]."""
    limits, now = ask.forum.limits, ask.forum.clock()
    if ask.key is None or ask.forum.site.old:
        for limit, code in zip(limits.ip, ("ip_10_secs_limit", "ip_60_secs_limit"), strict=True):
            if seconds := limits.wait(code, limit, now):
                raise text_429(seconds, code)
    if ask.key and ask.key.browser:
        if seconds := limits.wait(f"user api {ask.key.value}", limits.user_api, now):
            raise json_429(ask, seconds, "user_api_key_limiter_60_secs")
    elif ask.key and (seconds := limits.wait("api", limits.api, now)):
        raise json_429(ask, seconds, "admin_api_key_rate_limit")


def check_action(ask: Ask, *names: str) -> None:
    """What one person may do, by the name of its limit; staff may always [22 rate_unlimited?]."""
    user, limits = ask.logged_in(), ask.forum.limits
    for name, limit in _limits_of(limits, names):
        if not user.staff and (seconds := limits.wait(f"{name} {user.id}", limit, ask.forum.clock())):
            raise json_429(ask, seconds, None)


def _limits_of(limits: Limits, names: tuple[str, ...]) -> Iterator[tuple[str, Limit]]:
    yield from ((name, getattr(limits, name)) for name in names)


def check_search(ask: Ask) -> None:
    """Staff have no exemption seen here [??]: counted like everybody."""
    limits, now = ask.forum.limits, ask.forum.clock()
    kinds = (limits.search,) if ask.user else limits.visitor_search
    for number, limit in enumerate(kinds):
        if limits.wait(f"search {ask.user.id if ask.user else 'visitor'} {number}", limit, now):
            raise search_429(ask)
