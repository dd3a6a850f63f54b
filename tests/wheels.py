"""The distributions of this environment: what each needs, and wheels of them for pip in another one, without a network.

pip then chooses what to install, by the metadata of each, as it does from a registry; only the versions are ours.
"""

import tomllib
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
PLAIN: list[str] = PROJECT["dependencies"]  # of an installation without extras
_MADE_BY_PIP = {"INSTALLER", "REQUESTED", "direct_url.json"}  # at each installation


def closure(requirements: Iterable[str]) -> dict[str, Distribution]:
    """All that they need on this machine, by name, with the extras that they ask for. Raises PackageNotFoundError."""
    waiting, seen = [*map(Requirement, requirements)], set[tuple[str, str]]()
    while waiting:
        wanted = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate():
            continue
        for extra in ("", *wanted.extras):
            if (pair := (canonicalize_name(wanted.name), extra)) not in seen:
                seen.add(pair)
                needs = map(Requirement, distribution(wanted.name).requires or ())
                waiting += [one for one in needs if _is_of(one, extra)]
    return {name: distribution(name) for name, _ in seen}


def lacking_extras(pinned: Mapping[str, Set[str]]) -> list[str]:
    """Who asks for which extra that its pin lacks. `pinned`: the extras of each; what is not installed is left out."""
    lacking = []
    for asking, extras in pinned.items():
        with suppress(PackageNotFoundError):
            needs = distribution(asking).requires or ()
            wanted = [one for extra in ("", *extras) for one in map(Requirement, needs) if _is_of(one, extra)]
            lacking += [
                f"{asking} asks for {one}" for one in wanted if one.extras - pinned[canonicalize_name(one.name)]
            ]
    return lacking


def _is_of(needed: Requirement, extra: str) -> bool:
    """Whether this extra needs it; "": whether it is always needed. Its marker is dealt with here."""
    applies = needed.marker is None or needed.marker.evaluate({"extra": extra})
    needed.marker = None
    return applies


def pack(found: Distribution, folder: Path) -> None:
    """A wheel (https://packaging.python.org/specifications/binary-distribution-format), not compressed. Scripts are
    left out: pip makes them again from the entry points."""
    files = [file for file in found.files or () if ".." not in file.parts and "__pycache__" not in file.parts]
    (place,) = {file.parts[0] for file in files if len(file.parts) == 2 and file.name == "WHEEL"}
    tag = [line.removeprefix("Tag: ") for line in (found.read_text("WHEEL") or "").splitlines() if "Tag: " in line][-1]
    with ZipFile(folder / f"{place.removesuffix('.dist-info')}-{tag}.whl", "w") as wheel:
        for file in files:
            if file.parts[0] != place or file.name not in _MADE_BY_PIP:
                wheel.write(str(found.locate_file(file)), str(file))
