"""A section of the settings file, and the types of values that every network needs, each with its check.

A check that fails raises an error whose type names a sentence of the wording: `problems.setting_…`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

SILENCE = 120.0  # seconds: a server answers within half a minute, and a failed request is repeated within a minute


class Section(BaseModel):
    """Base of sections: frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ChannelSettings(Section):
    """Section of a network. The rest of the bot reads these properties of any of them."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names by which people call the bot there, beside its own."""
        return ()

    @property
    def moderator_ids(self) -> frozenset[str]:
        """Users that the settings make moderators."""
        return frozenset()

    @property
    def moderator_group(self) -> str | None:
        """Name under which people there can call the moderators."""
        return None

    @property
    def has_moderators_room(self) -> bool:
        """Whether the settings name a room of the moderators there."""
        return False

    @property
    def warnings(self) -> Mapping[str, str]:
        """Values that are allowed but hardly intended: by key, a sentence under `problems`."""
        return {}

    @property
    def regions(self) -> Mapping[str, str | None]:
        """Rooms or categories that the settings name, each with its region or None."""
        return {}

    @property
    def silence(self) -> float:
        """Seconds without news from the network after which something is wrong."""
        return SILENCE


def wrong(kind: str, **values: object) -> PydanticCustomError:
    return PydanticCustomError(f"setting_{kind}", "{kind}", {"kind": kind, **values})


def matching(kind: str, pattern: str) -> Callable[[str], str]:
    """Return a check that the whole text has this form."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.fullmatch(text):
            raise wrong(kind)
        return text

    return check


def address(text: str) -> str:
    """Check http(s)://host[:port][/path] and drop a slash at the end; a name or password in it is refused."""
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True)
    except ValueError:
        right = False
    if not right or re.search(r"\s", text) or parts.username or parts.query or parts.fragment:
        raise wrong("url")
    return urlunsplit(parts).rstrip("/")


def complete_address(text: str) -> str | None:
    """Return an address with its scheme, https unless it is this machine's; None if it is no address."""
    bare = re.match(r"(localhost|127\.0\.0\.1|\[::1\])(?![^:/])", text)
    try:
        return address(text if "://" in text else f"http{'' if bare else 's'}://{text}")
    except PydanticCustomError:
        return None


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[Text, AfterValidator(matching("slug", r"[^\s/?#]+"))]
Url = Annotated[Text, AfterValidator(address)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
