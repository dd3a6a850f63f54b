"""Types of the values in the settings, each with its check; those that networks need too are in `channels.fields`."""

import contextlib
import difflib
import ipaddress
import re
import zoneinfo
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import parse_qsl, quote, urlencode

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, TypeAdapter, ValidationError, ValidationInfo

from bot.channels.fields import Text, matching, wrong
from bot.encoder import FILES

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_FRENCH_DAYS = dict(zip("lundi mardi mercredi jeudi vendredi samedi dimanche".split(), get_args(Day), strict=True))

_YES_OR_NO = TypeAdapter(bool)


def zone(name: object) -> object:
    try:
        return zoneinfo.ZoneInfo(str(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: 'Europe' is a folder
        near = difflib.get_close_matches(str(name), zoneinfo.available_timezones(), 1, 0.5) or ["Europe/Paris"]
        raise wrong("timezone", likely=near[0]) from None


def weekly_moment(text: str) -> str:
    """Parse a day of the week, in French or English, with or without a time: 'Lundi 9:00' is 'monday 09:00'."""
    name, _, clock = text.strip().lower().partition(" ")
    if name not in {*_FRENCH_DAYS, *get_args(Day)}:
        raise wrong("day")
    if not (match := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", clock.strip() or "09:00")):
        raise wrong("time")
    return f"{_FRENCH_DAYS.get(name, name)} {int(match[1]):02}:{match[2]}"


def listen_address(text: str) -> str:
    """Check host:port, or [host]:port with an IPv6 address; a port alone is one of this machine alone."""
    host, _, port = text.rpartition(":")
    is_host = ":" not in host or re.fullmatch(r"\[[^\[\]]+\]", host)
    if not port.isdecimal() or not 0 < int(port) < 65536 or re.search(r"\s", host) or not is_host:
        raise wrong("address")
    return f"{host or '127.0.0.1'}:{int(port)}"


def located(path: Path, info: ValidationInfo[Path | None]) -> Path:
    """Relative paths start from the folder that is the context of the validation."""
    return (info.context or Path()) / path.expanduser()


def encoder(value: object, info: ValidationInfo[Path | None]) -> object:
    """Parse yes, no, or a folder with the files of an encoder; whether it runs shows at the start."""
    with contextlib.suppress(ValidationError):
        return _YES_OR_NO.validate_python(value)
    folder = Path(str(value))
    try:
        folder = located(folder, info)
        missing = next((Path(name) for name in FILES if not (folder / name).is_file()), None)
    except (OSError, RuntimeError, ValueError):  # too long a name, a folder that may not be read, nobody's home, a NUL
        missing = Path(FILES[0])
    if missing:
        raise wrong("encoder", folder=folder, missing=missing)  # as a path: a text with `token` would be masked
    return folder


def ip_network(text: object) -> object:
    """Parse an address, or a network with its prefix length."""
    try:
        return ipaddress.ip_network(str(text).strip())
    except ValueError:
        raise wrong("proxy", value=text) from None


def database(url: str, folder: Path) -> SecretStr:
    """Check sqlite:///path (four slashes: absolute) or postgresql://…; the path of a file is made absolute."""
    if file := re.fullmatch(r"sqlite:///([^:?#][^?#]*)", url):
        return SecretStr(f"sqlite:///{(folder / Path(file[1]).expanduser()).absolute()}")
    if not re.fullmatch(r"postgresql://\S+", url):
        raise wrong("store")
    return SecretStr(url)


def in_schema(url: SecretStr, schema: str) -> SecretStr:
    """Return the address of a PostgreSQL database with that schema, before the one that it had (`public`)."""
    address, _, rest = url.get_secret_value().partition("?")
    query = dict(parse_qsl(rest))
    named = re.search(r"-c\s*search_path=(\S+)", options := query.get("options", ""))
    path = f"-csearch_path={schema},{named[1] if named else 'public'}"
    query["options"] = options.replace(named[0], path) if named else f"{options} {path}".strip()
    return SecretStr(f"{address}?{urlencode(query, quote_via=quote)}")


def store(secret: SecretStr, info: ValidationInfo[Path | None]) -> SecretStr:
    """Check as `database` does, and refuse a password: it belongs in the environment."""
    url = secret.get_secret_value().strip()
    if re.match(r"\w+://[^/@:]*+:[^/]*@", url):
        raise wrong("secret", variable="CONCIERGE_DATABASE_URL")
    return database(url, info.context or Path())


Name = Annotated[Text, AfterValidator(matching("name", r"[^\n:,]{1,50}"))]
SchemaName = Annotated[Text, AfterValidator(matching("schema", r"[a-z_][a-z0-9_]{0,62}"))]
Prefix = Annotated[Text, AfterValidator(matching("prefix", r"[^\w\s]{1,3}"))]
Zone = Annotated[zoneinfo.ZoneInfo, BeforeValidator(zone)]
WeeklyMoment = Annotated[str, AfterValidator(weekly_moment)]
ListenAddress = Annotated[Text, AfterValidator(listen_address)]
Folder = Annotated[Path, AfterValidator(located), Field(validate_default=True)]
File = Annotated[Path, AfterValidator(located)]
EncoderChoice = Annotated[bool | Path, BeforeValidator(encoder)]
Database = Annotated[SecretStr, AfterValidator(store), Field(validate_default=True)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
IpNetwork = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(ip_network)]
