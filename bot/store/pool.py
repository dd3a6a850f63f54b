"""Connections and threads that all stores of a process on one PostgreSQL server share.

A server has room for a hundred connections, and a process for two hundred stores.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from threading import Lock, Thread
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Engine

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

WORKING, URGENT = 6, 2  # threads, each with at most one connection
_pools: dict[str, Pool] = {}
_guard = Lock()


class Pool:
    """`urgent` is for what must not wait behind long work: the renewals of leases."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.users = engine, 0
        self.threads = ThreadPoolExecutor(WORKING, "store")
        self.urgent = ThreadPoolExecutor(URGENT, "lease")

    def close(self) -> None:
        """Wait for what is under way: a connection that comes back later would stay open."""
        self.threads.shutdown()
        self.urgent.shutdown()
        self.engine.dispose()


def join(address: str, make_engine: Callable[[int], Engine]) -> Pool:
    """Return the pool of an address, made with its number of connections for the first who asks."""
    with _guard:
        if address not in _pools:
            _pools[address] = Pool(make_engine(WORKING + URGENT))
        pool = _pools[address]
        pool.users += 1
    return pool


def leave(address: str) -> None:
    """Give up the pool; the last one closes it, without waiting for that: it may be in one of its threads."""
    with _guard:
        pool = _pools[address]
        pool.users -= 1
        if pool.users:
            return
        del _pools[address]
    Thread(target=pool.close, name="store").start()


class Turns(Executor):
    """Runs the work of one store in shared threads, one after the other; between two, others have their turn."""

    def __init__(self, threads: Executor) -> None:
        self._threads, self._guard = threads, Lock()
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._is_busy = False

    def submit(
        self, work: Callable[Arguments, Result], /, *args: Arguments.args, **named: Arguments.kwargs
    ) -> Future[Result]:
        future: Future[Result] = Future()
        with self._guard:
            self._waiting.append((future, lambda: work(*args, **named)))
            if not self._is_busy:
                self._is_busy = True
                self._threads.submit(self._next)
        return future

    def _next(self) -> None:
        future, work = self._waiting.popleft()
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(work())
            except BaseException as error:  # for whoever awaits it, as in every executor
                future.set_exception(error)
        with self._guard:
            self._is_busy = bool(self._waiting)
            if self._is_busy:
                self._threads.submit(self._next)
