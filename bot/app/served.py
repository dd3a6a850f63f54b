"""The network that the running task serves: for log lines of a process that has several."""

from contextvars import ContextVar

served: ContextVar[str] = ContextVar("served", default="")
"""Name of the network; empty where a process has one alone, or between them."""
