"""The four forms of a 429, made on demand (`faults.py`)."""

from __future__ import annotations

from tests.forum.asking import TEXTS, Refusal


def json_429(seconds: int, code: str | None) -> Refusal:
    """With a code header: pause everything; without: this action alone [22 application_controller]."""
    headers = {"Retry-After": str(seconds)} | ({"Discourse-Rate-Limit-Error-Code": code} if code else {})
    body = {
        "errors": [TEXTS["wait"].format(seconds=seconds)],
        "error_type": "rate_limit",
        "extras": {"wait_seconds": seconds, "time_left": f"{seconds} seconds"},
    }
    return Refusal(429, body, headers)


def text_429(seconds: int, code: str) -> Refusal:
    """[N:22157421 request_tracker]."""
    text = "Slow down, too many requests from this IP address.\n"
    text += f"Please retry again in {seconds} seconds.\nError code: {code}.\n"
    return Refusal(429, text, {"Retry-After": str(seconds), "Discourse-Rate-Limit-Error-Code": code})


def search_429() -> Refusal:
    """[N:1347231599]: neither `errors` nor a header."""
    return Refusal(429, {"failed": "FAILED", "message": TEXTS["slow_down"]})


def nginx_429() -> Refusal:
    page = "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
    return Refusal(429, page, kind="text/html")
