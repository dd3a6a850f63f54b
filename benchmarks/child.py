"""One measurement in a process of its own: `python -m benchmarks.child NAME JSON`; prints JSON.

NAME is a module of this package with a function `measure`; JSON its arguments. What is measured must not see what
another way has loaded, and its peak of memory is its own. (A process starts with its parent's peak: keep that small.)
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).parent.parent
ONE_CORE = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
_UNIT = 2**20 if sys.platform == "darwin" else 2**10  # of ru_maxrss, in a MB

Result = dict[str, Any]


def measured(module: str, seconds: float, /, **arguments: Any) -> Result:
    """What `measure` of that module gives, or {"failed": why}."""
    command = [sys.executable, "-m", "benchmarks.child", module, json.dumps(arguments)]
    with _started(command) as process:
        try:
            output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return {"failed": f"over {seconds:.0f} s"}
        finally:
            _end_all(process)
    if process.returncode:
        return {"failed": (errors.decode().strip().splitlines() or [f"exit code {process.returncode}"])[-1]}
    found: Result = json.loads(output.splitlines()[-1])
    return found


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    """With a session of its own, so that it can be ended with all that it starts."""
    environment, pipe = os.environ | ONE_CORE, subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stdout=pipe, stderr=pipe)


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """It and what it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that has run: seconds by the clock and of the processor, its peak of memory, what it printed."""

    clock: float
    processor: float
    mb: float
    output: str


def run(command: list[str], environment: dict[str, str]) -> Ran:
    started = perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        output = process.stdout.read() if process.stdout else ""
        usage = ended(process)
    return Ran(perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _UNIT, output)


def ended(process: subprocess.Popen[Any]) -> resource.struct_rusage:
    """Wait for it; what it has used."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return usage


def peak() -> float:
    """The most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNIT


def megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / _UNIT


if __name__ == "__main__":
    module = importlib.import_module(f"benchmarks.{sys.argv[1]}")
    print(json.dumps(module.measure(**json.loads(sys.argv[2]))))
