"""What a fresh machine sets itself up with, and the archives of a release."""

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml

import bot
from tests.command_line import Run
from tests.fresh_machine import COPIED
from tests.wheels import EXTRAS, PROJECT, PYPROJECT, ROOT, lacking_extras

LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["postgresql"]],
    "requirements-dev.lock": [*PROJECT["dependencies"], *EXTRAS["postgresql"], *EXTRAS["demo"], *EXTRAS["test"]],
    "requirements-bench.lock": [*PROJECT["dependencies"], *EXTRAS["bench"]],
    "requirements-setup.lock": PYPROJECT["dependency-groups"]["setup"],
}
PIN = re.compile(r"^([a-z0-9-]+)(?:\[([a-z0-9,-]+)\])?==(\S+)", re.MULTILINE)


def name(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ;]", requirement)[0].lower().replace("_", "-")


def pins(lock: str) -> dict[str, str]:
    return {library: version for library, _, version in PIN.findall((ROOT / lock).read_text(encoding="utf-8"))}


@pytest.mark.parametrize("file", LOCKS)
def test_the_lock_pins_every_dependency_with_its_hash_and_names_no_host(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    pinned = re.findall(rf"{PIN.pattern}(?: ;[^\\\n]*)? \\\n    --hash=sha256:[0-9a-f]{{64}}", text, re.MULTILINE)
    found = {library for library, *_ in pinned}
    assert {name(wanted) for wanted in LOCKS[file]} - {PROJECT["name"]} <= found == pins(file).keys()
    assert "://" not in text
    assert "index" not in re.sub(PIN.pattern + ".*$", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("file", LOCKS)
def test_a_pin_has_every_extra_that_a_library_asks_it_for(file: str) -> None:
    """Else an older pip looks for the newest version, which has no hash here, as soon as there is one."""
    found = PIN.findall((ROOT / file).read_text(encoding="utf-8"))
    assert lacking_extras({library: {*filter(None, extras.split(","))} for library, extras, _ in found}) == []


def test_the_same_versions_run_in_service_in_tests_and_in_benchmarks() -> None:
    service, tests, benchmarks, _ = map(pins, LOCKS)
    assert service.items() <= tests.items()
    shared = tests.keys() & benchmarks.keys()
    assert [library for library in shared if tests[library] != benchmarks[library]] == []


def test_a_machine_without_a_fitting_python_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text(encoding="utf-8"), encoding="utf-8")
    for file in ("requirements-dev.lock", "requirements-setup.lock", "pyproject.toml"):
        (tmp_path / file).touch()
    ran = subprocess.run(["make", "test", "PYTHONS=nopython"], cwd=tmp_path, capture_output=True, text=True)  # noqa: S607
    assert ran.returncode != 0
    assert "Python 3.11" in ran.stderr


def test_the_hook_for_pre_commit_stops_a_broken_folder_and_says_why(tmp_path: Path, run: Run) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("concierge-check", "python", False)
    program, *arguments = hook["entry"].split()
    assert program in PROJECT["scripts"]
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "a.yaml").write_text("theme: T\nentries:\n  - id: Oups\n", encoding="utf-8")
    code, said, _ = run(*arguments)
    assert (code, "knowledge/a.yaml:3: " in said) == (1, True)


# The archives of a release

LICENCES = ("LICENSE", "NOTICE", "knowledge/LICENSE")


def test_a_wheel_from_the_source_archive_is_the_same_and_all_licences_are_in_it(tmp_path: Path) -> None:
    for part in COPIED:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tmp_path / part)
    build = [sys.executable, "-m", "hatchling", "build"]
    subprocess.run(build, cwd=tmp_path, check=True)  # noqa: S603
    [direct], [source] = tmp_path.glob("dist/*.whl"), tmp_path.glob("dist/*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / source.name.removesuffix(".tar.gz")
    subprocess.run([*build, "--target", "wheel"], cwd=unpacked, check=True)  # noqa: S603
    [built] = unpacked.glob("dist/*.whl")
    with ZipFile(direct) as one, ZipFile(built) as other, tarfile.open(source) as archive:
        assert built.name == direct.name == f"concierge_tiers_lieux-{bot.__version__}-py3-none-any.whl"
        found, again = ([(file.filename, file.CRC) for file in wheel.infolist()] for wheel in (one, other))
        assert found == again
        for name in LICENCES:
            text = (ROOT / name).read_bytes()
            (inside,) = (file for file in other.namelist() if file.endswith(f".dist-info/licenses/{name}"))
            packed = archive.extractfile(f"{source.name.removesuffix('.tar.gz')}/{name}")
            assert packed
            assert other.read(inside) == packed.read() == text
        notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
        foreign = [Path(name) for name in other.namelist() if name.endswith(".npz") or "/vendor/" in name]
        assert len(foreign) > 3
        assert [path for path in foreign if path.name not in notice and str(path.parent) not in notice] == []
