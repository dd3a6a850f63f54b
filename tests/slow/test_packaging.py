"""What a fresh machine sets itself up with."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.command_line import Run

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["postgresql"]],
    "requirements-dev.lock": [*PROJECT["dependencies"], *EXTRAS["postgresql"], *EXTRAS["demo"], *EXTRAS["test"]],
    "requirements-bench.lock": [*PROJECT["dependencies"], *EXTRAS["bench"]],
}


def name(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ;]", requirement)[0].lower().replace("_", "-")


def pins(lock: Path) -> set[tuple[str, str]]:
    return set(re.findall(r"^(\S+)==(\S+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("file", LOCKS)
def test_the_lock_pins_every_dependency_with_its_hash(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==\S+(?: ;[^\\\n]*)? \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert {name(wanted) for wanted in LOCKS[file]} - {PROJECT["name"]} <= set(pinned)
    assert set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)) == set(pinned)


@pytest.mark.parametrize("file", LOCKS)
def test_the_lock_names_no_host(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in re.sub(r"^[a-z0-9-]+==.*$", "", text, flags=re.MULTILINE)


def test_the_same_versions_run_in_tests_and_in_service() -> None:
    both = [set(re.findall(r"^(\S+==\S+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)) for file in LOCKS]
    assert both[0] <= both[1]


def test_a_benchmark_changes_no_library_of_the_tests() -> None:
    tests, benchmark = (pins(ROOT / f"requirements-{which}.lock") for which in ("dev", "bench"))
    shared = {library for library, _ in tests} & {library for library, _ in benchmark}
    assert {pin for pin in tests if pin[0] in shared} == {pin for pin in benchmark if pin[0] in shared}


def test_a_machine_without_a_fitting_python_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text(encoding="utf-8"), encoding="utf-8")
    for file in ("requirements-dev.lock", "pyproject.toml"):
        (tmp_path / file).touch()
    ran = subprocess.run(["make", "test", "PYTHONS=nopython"], cwd=tmp_path, capture_output=True, text=True)  # noqa: S607
    assert ran.returncode != 0
    assert "Python 3.11" in ran.stderr


@pytest.mark.soak
def test_an_environment_that_cannot_be_filled_is_told_with_the_reason(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(
        "nothing @ file:///nowhere/nothing-1.0-py3-none-any.whl --hash=sha256:" + "0" * 64, encoding="utf-8"
    )
    command = [sys.executable, ROOT / "tools" / "environment.py", tmp_path / "venv", lock]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)  # noqa: S603
    assert ran.returncode == 1
    assert ran.stdout.startswith("1/3 ")
    assert "nowhere" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_hook_for_pre_commit_stops_a_broken_folder_and_says_why(tmp_path: Path, run: Run) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("concierge-check", "python", False)
    program, *arguments = hook["entry"].split()
    assert program in PROJECT["scripts"]
    (tmp_path / "knowledge").mkdir()
    (tmp_path / "knowledge" / "a.yaml").write_text("theme: T\nentries:\n  - id: Oups\n", encoding="utf-8")
    code, said, _ = run(*arguments)
    assert (code, "knowledge/a.yaml:3: " in said) == (1, True)
