"""Types of the values in the settings, each with its check; those that networks need too are in `channels.fields`."""

from __future__ import annotations

import difflib
import ipaddress
import re
import zoneinfo
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo

from bot.channels.fields import Text, matching, wrong
from bot.encoder import FILES

Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_FRENCH_DAYS = {
    "lundi": "monday",
    "mardi": "tuesday",
    "mercredi": "wednesday",
    "jeudi": "thursday",
    "vendredi": "friday",
    "samedi": "saturday",
    "dimanche": "sunday",
}


def zone(name: object) -> object:
    if isinstance(name, zoneinfo.ZoneInfo):
        return name
    try:
        return zoneinfo.ZoneInfo(str(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: 'Europe' is a folder
        near = difflib.get_close_matches(str(name), zoneinfo.available_timezones(), 1, 0.5) or ["Europe/Paris"]
        raise wrong("timezone", likely=near[0]) from None


def day(name: object) -> object:
    folded = str(name).strip().lower()
    if folded not in {*_FRENCH_DAYS, *get_args(Day)}:
        raise wrong("day")
    return _FRENCH_DAYS.get(folded, folded)


def clock(text: object) -> object:
    if isinstance(text, time):
        return text
    if not (match := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", str(text).strip())):
        raise wrong("time")
    return time(int(match[1]), int(match[2]))


def beside(folder: Path) -> dict[str, Path]:
    """Return the validation context in which relative paths start from this folder."""
    return {"folder": folder}


def located(path: Path, info: ValidationInfo) -> Path:
    return (info.context or beside(Path()))["folder"] / path.expanduser()


def encoder(path: Path, info: ValidationInfo) -> Path:
    """Check that a folder has the files of an encoder; whether it runs shows at the start."""
    try:
        folder = located(path, info)
        missing = next((Path(name) for name in FILES if not (folder / name).is_file()), None)
    except (OSError, RuntimeError):  # a name that is too long, a folder that may not be read, nobody's home
        folder, missing = path, Path(FILES[0])
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


def store(secret: SecretStr, info: ValidationInfo) -> SecretStr:
    """Check as `database` does, and refuse a password: it belongs in the environment."""
    url = secret.get_secret_value().strip()
    if re.match(r"\w+://[^/@:]*+:[^/]*@", url):
        raise wrong("secret", variable="CONCIERGE_DATABASE_URL")
    return database(url, (info.context or beside(Path()))["folder"])


Name = Annotated[Text, AfterValidator(matching("name", r"[^\n:,]{1,50}"))]
Prefix = Annotated[Text, AfterValidator(matching("prefix", r"[^\w\s]{1,3}"))]
Zone = Annotated[zoneinfo.ZoneInfo, BeforeValidator(zone)]
Weekday = Annotated[Day, BeforeValidator(day)]
Clock = Annotated[time, BeforeValidator(clock)]
Folder = Annotated[Path, AfterValidator(located), Field(validate_default=True)]
EncoderFolder = Annotated[Path, AfterValidator(encoder)]
Database = Annotated[SecretStr, AfterValidator(store), Field(validate_default=True)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
IpNetwork = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, BeforeValidator(ip_network)]
Port = Annotated[int, Field(ge=1, le=65535)]
