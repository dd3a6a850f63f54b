"""A port of this machine for a server that starts in a moment, and perhaps once more later."""

from __future__ import annotations

import contextlib
import random
import socket

_OURS = range(10_000, 32_768)
"""Below the ports that systems hand out to whoever asks for any: so nobody is given ours in the meantime."""


def free_port() -> int:
    """Raises OSError."""
    for port in random.SystemRandom().sample(_OURS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port from 10000 to 32767 can be used on 127.0.0.1")
