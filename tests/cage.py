"""Run a command under what a unit of systemd refuses: python -m tests.cage UNIT COMMAND…

System calls, kinds of sockets, memory that is both written and run, new privileges: by the kernel's own filter, as
systemd would set it up. Files and users are not part of it. Needs systemd-analyze and libseccomp.
"""

import ctypes
import ctypes.util
import errno
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM)
_EQUAL = 4  # SCMP_CMP_EQ
_NO_NEW_PRIVILEGES, _NOT_WRITTEN_AND_RUN = 38, 65  # prctl: PR_SET_NO_NEW_PRIVS, PR_SET_MDWE


class _Argument(ctypes.Structure):
    """struct scmp_arg_cmp: argument, how it is compared, with what."""

    _fields_ = [
        ("number", ctypes.c_uint),
        ("test", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("mask", ctypes.c_uint64),
    ]


def possible() -> bool:
    return shutil.which("systemd-analyze") is not None and ctypes.util.find_library("seccomp") is not None


def cage(unit: str) -> None:
    """From here on, for this process and all that it starts."""
    filters = re.findall(r"^SystemCallFilter=(~?)(.*)$", unit, re.MULTILINE)
    allowed = _calls("@default")
    for refused, names in filters:
        calls = {call for name in names.split() for call in _calls(name)}
        allowed = allowed - calls if refused else allowed | calls
    families = re.findall(r"^RestrictAddressFamilies=(.*)$", unit, re.MULTILINE)[0].split()
    _refuse_all_but(allowed, [getattr(socket, family) for family in families])


def _calls(name: str) -> set[str]:
    """Of a group (`@file-system`), and of the groups in it."""
    if not name.startswith("@"):
        return {name}
    command = ["systemd-analyze", "--no-pager", "syscall-filter", name]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    members = [line.strip() for line in told.splitlines()[1:]]
    return {call for member in members if member and not member.startswith("#") for call in _calls(member)}


def _refuse_all_but(calls: set[str], families: list[int]) -> None:
    seccomp, c = ctypes.CDLL(ctypes.util.find_library("seccomp")), ctypes.CDLL(None)
    seccomp.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(_REFUSE)))
    for call in calls:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        for test in [_Argument(0, _EQUAL, family, 0) for family in families] if call == "socket" else [None]:
            if number >= 0:  # the others belong to other processors
                given = (1, ctypes.byref(test)) if test else (0, None)
                assert seccomp.seccomp_rule_add_array(rules, ctypes.c_uint32(_ALLOW), number, *given) == 0, call
    assert c.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    c.prctl(_NOT_WRITTEN_AND_RUN, 1, 0, 0, 0)  # kernels before 6.3 have it not
    assert seccomp.seccomp_load(rules) == 0


if __name__ == "__main__":
    cage(Path(sys.argv[1]).read_text(encoding="utf-8"))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
