"""Containers for the tests: a base made by debootstrap, since no image can be fetched; podman runs the image, and
systemd-nspawn boots a whole Debian with the service in it.
"""

import asyncio
import os
import shutil
import subprocess
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BASE = "localhost/python:3.13-slim"  # the Dockerfile's `python:3.13-slim` means this one where it is there
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"  # the base trusts whom this machine trusts: its proxies, too
COMMANDS = {"systemd-container": "systemd-nspawn", "util-linux": "nsenter", "nftables": "nft"}
"""Of packages with another name."""
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/podman"
OWNER = 10001  # of the image's user

# A machine without systemd, itself perhaps a container: no bridge, no cgroups of version 2, low limits.
HERE = ["--network=host", "--ulimit=nofile=20000:20000", "--ulimit=nproc=4096:4096"]
RUN = ["podman", "run", "--runtime=runc", *HERE]
LOCKED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
CACHE = "--volume=/var/cache/concierge"
os.environ["PODMAN_IGNORE_CGROUPSV1_WARNING"] = "1"


def obstacle(*packages: str) -> str | None:
    """Why no container can be made and run here; None: one can. `packages`: of Debian, with a command in each."""
    if os.environ.get("CI"):
        return "CI makes no containers: it takes minutes and a Debian base"
    if not hasattr(os, "geteuid") or os.geteuid() or not Path("/etc/debian_version").exists():
        return "making containers as these tests do needs root on Debian"
    missing = [name for name in packages if not shutil.which(COMMANDS.get(name, name), path=PATH)]
    return f"on Debian: apt install {' '.join(missing)}" if missing else None


def build() -> None:
    """The image `concierge`, by `make image`."""
    if not output("podman", "images", "--quiet", BASE):
        output("podman", "import", "--quiet", str(debian("base", PACKAGES)), BASE)
    output("make", "image", "ENGINE=podman", f"ARGS=--isolation=chroot {' '.join(HERE)}")


def debian(name: str, packages: str) -> Path:
    """An archive of a small Debian, made once and kept outside of the repository."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "concierge-tests"
    root, packed = folder / name, folder / f"{name}.tar"
    if not packed.exists():
        shutil.rmtree(root, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        output("debootstrap", "--variant=minbase", f"--include={packages}", "trixie", str(root))
        (root / "usr/bin/python").symlink_to("python3")
        shutil.copy(CERTIFICATES, root / CERTIFICATES.lstrip("/"))
        for left in (*(root / "var/cache/apt/archives").glob("*.deb"), *(root / "var/lib/apt/lists").glob("*_*")):
            left.unlink()
        output("tar", "--directory", str(root), "--create", "--file", f"{packed}.new", ".")
        Path(f"{packed}.new").rename(packed)
        shutil.rmtree(root)
    return packed


def output(*command: str) -> str:
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603
    assert ran.returncode == 0, f"{' '.join(command)}\n{ran.stdout[-3000:]}\n{ran.stderr[-3000:]}"
    return ran.stdout.strip()


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str


async def podman(*arguments: str) -> Result:
    process = await asyncio.create_subprocess_exec("podman", *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    return Result(process.returncode or 0, out.decode(), err.decode())


@dataclass(frozen=True)
class Container:
    """One of the image, named and locked, with `folder` as /data."""

    name: str
    folder: Path

    async def once(self, *command: str, cache: bool = True) -> Result:
        """A command in a container of its own; no command: the bot. `cache`: a volume to keep what it computes."""
        return await podman(*self._options("--rm", *([CACHE] if cache else [])), "concierge", *command)

    async def start(self) -> None:
        """The bot, as the image begins it."""
        began = await podman(*self._options("--detach", CACHE, f"--name={self.name}"), "concierge")
        assert began.code == 0, began.err

    async def kill(self) -> None:
        """As a power cut does: SIGKILL, and the container is gone."""
        await podman("kill", "--signal=KILL", self.name)
        await podman("wait", self.name)
        await self.remove()

    async def stop(self) -> int:
        """As `docker stop` does: SIGTERM, and SIGKILL after ten seconds; the exit code."""
        await podman("stop", "--time=10", self.name)
        return int((await podman("inspect", "--format={{.State.ExitCode}}", self.name)).out)

    async def execute(self, *command: str) -> Result:
        """Beside the running bot."""
        return await podman("exec", self.name, *command)

    async def log(self) -> str:
        logged = await podman("logs", self.name)
        return logged.out + logged.err

    async def remove(self) -> None:
        await podman("rm", "--force", "--time=0", "--ignore", "--volumes", self.name)

    def _options(self, *more: str) -> list[str]:
        secret = "--env=CONCIERGE_MATRIX_PASSWORD_FILE=/data/secrets/matrix_password"
        return [*RUN[1:], *LOCKED, f"--volume={self.folder}:/data", secret, *more]
