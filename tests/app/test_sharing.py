"""How workers share networks: evenly, without a gap, whoever comes or goes."""

from collections.abc import Container
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.app.host import share
from bot.store.fleet import FleetState
from bot.store.lease import Lease

NETWORKS = {f"n{number}": f"n{number}" for number in range(7)}


def state(workers: int, serves: dict[str, str], new: Container[str] = ()) -> FleetState:
    """`serves`: the worker of each network that has one; `new`: those that were taken over just now."""
    leases = {name: Lease(name, worker, datetime.now(UTC), True, name in new) for name, worker in serves.items()}
    return FleetState(tuple(f"w{number}" for number in range(workers)), leases)


def settle(workers: int, serves: dict[str, str], rounds: int = 4) -> dict[str, str]:
    """What they do in a few looks, one after the other."""
    for _ in range(rounds):
        for number in range(workers):
            worker = f"w{number}"
            own = {name for name, who in serves.items() if who == worker}
            shared = share(worker, state(workers, serves), NETWORKS, own)
            serves = {name: who for name, who in serves.items() if who != worker} | dict.fromkeys(shared, worker)
    return serves


@given(st.integers(1, 5), st.dictionaries(st.sampled_from([*NETWORKS]), st.sampled_from([f"w{n}" for n in range(5)])))
def test_in_the_end_each_network_has_one_worker_and_all_about_as_many(workers: int, before: dict[str, str]) -> None:
    alive = {name: worker for name, worker in before.items() if int(worker[1:]) < workers}
    serves = settle(workers, alive)
    counts = [list(serves.values()).count(f"w{number}") for number in range(workers)]
    assert serves.keys() == NETWORKS.keys()
    assert max(counts) <= -(-len(NETWORKS) // workers)


def test_nothing_is_taken_that_another_serves_nor_handed_on_before_it_has_answered() -> None:
    serves = dict.fromkeys(NETWORKS, "w0")
    assert share("w1", state(2, serves), NETWORKS, set()) == set()
    assert len(share("w0", state(2, serves), NETWORKS, {*NETWORKS})) == 4
    assert share("w0", state(2, serves, new=NETWORKS), NETWORKS, {*NETWORKS}) == NETWORKS.keys()
    assert share("w0", state(2, {"n0": "w1"}), {"n0": "n0"}, {"n0"}) == set()  # taken while it was frozen
    kept = share("w0", state(2, serves, new=["n5", "n6"]), NETWORKS, {*NETWORKS})
    assert (kept >= {"n5", "n6"}, len(kept)) == (True, 4)
    held = dict.fromkeys([*NETWORKS][3:], "w0")  # it goes before what it only tries to serve
    assert share("w0", state(2, held), NETWORKS, {*NETWORKS}) == held.keys()
