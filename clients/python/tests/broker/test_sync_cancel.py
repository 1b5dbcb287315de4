"""Goal: a blocking call can be called off from another thread, loses nothing, and what is held is given back.

Method: a real broker, calls that wait for something that does not come, and a second thread that calls them off. The
broker tells when a call has begun to wait.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import hyperloom
from hyperloom import CancelledError, ClosedError, Event
from hyperloom.sync import CancelScope, Client, Ghost, connect
from tests.support import BrokerProcess


@pytest.fixture
def blocking(broker: BrokerProcess) -> Iterator[Client]:
    with connect(broker.address, author="tester") as connected:
        yield connected


def in_scope(scope: CancelScope, work: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with scope:
            return work()

    return run


def until(holds: Callable[[], bool]) -> None:
    """Asks the broker until it is so."""
    for _ in range(10_000):
        if holds():
            return
    pytest.fail("what was waited for did not come about")


def someone_waits(client: Client, path: str) -> None:
    until(lambda: any(lock.lock.state == "waiting" for lock in client.locks(path).all()))


def test_a_wait_that_is_called_off_ends_at_once_and_leaves_no_place(blocking: Client, tree: str) -> None:
    scope = CancelScope()
    with blocking.lock(tree), ThreadPoolExecutor() as threads:
        other = blocking.as_agent("other")
        waiting = threads.submit(in_scope(scope, lambda: other.lock(tree, wait=80)))
        someone_waits(blocking, tree)
        scope.cancel()
        scope.cancel()
        with pytest.raises(CancelledError) as refused:
            waiting.result()
        assert refused.value.code.name == "CANCELLED"
        until(lambda: len(blocking.locks(tree).all()) == 1)
    assert scope.cancelled


def test_what_is_held_in_a_scope_that_was_cancelled_is_given_back(blocking: Client, tree: str) -> None:
    scope = CancelScope()

    def work() -> None:
        with blocking.lock(tree) as lock, lock.ghost() as ghost, blocking.subscribe(f"{tree}/**") as events:
            ghost.put(f"{tree}/a", 1)
            scope.cancel()
            with pytest.raises(CancelledError):
                ghost.commit()
            next(events)

    with pytest.raises(CancelledError):
        in_scope(scope, work)()
    assert blocking.locks(tree).all() == []
    assert blocking.find(f"{tree}/a") is None


def test_scopes_end_with_their_blocks_and_nest(blocking: Client, tree: str) -> None:
    inner, outer = CancelScope(), CancelScope()
    with outer:
        with inner:
            inner.cancel()
            with pytest.raises(CancelledError):
                blocking.put(f"{tree}/a", 1)
        blocking.put(f"{tree}/b", 1)
        outer.cancel()
        with pytest.raises(CancelledError), CancelScope():
            blocking.get(f"{tree}/b")
    assert [node.path for node in blocking.list(tree)] == [f"{tree}/b"]


def test_a_subscription_loses_nothing_where_its_reader_is_called_off(blocking: Client, tree: str) -> None:
    with blocking.subscribe(f"{tree}/**", start="now") as events, ThreadPoolExecutor() as threads:
        for number in range(20):
            scope = CancelScope()
            reading = threads.submit(in_scope(scope, lambda: next(events)))
            publishing = threads.submit(blocking.put, f"{tree}/{number}", number)
            scope.cancel()
            publishing.result()
            try:
                event = reading.result()
            except CancelledError:
                event = next(events)
            assert isinstance(event, Event)
            assert event.changes[0].path == f"{tree}/{number}"


def test_speculation_and_races_end_where_they_are_called_off(blocking: Client, tree: str) -> None:
    def stop(ghost: Ghost, _attempt: Any) -> None:
        ghost.put(f"{tree}/a", 1)
        scope.cancel()

    scope = CancelScope()
    with pytest.raises(CancelledError):
        in_scope(scope, lambda: blocking.speculate(stop, lambda ghost, _: bool(ghost.get(f"{tree}/a"))))()
    scope = CancelScope()
    with pytest.raises((CancelledError, hyperloom.RaceFailed)):
        in_scope(scope, lambda: blocking.race([stop, stop]))()
    assert blocking.find(f"{tree}/a") is None


def test_closing_a_client_ends_what_other_threads_wait_for(broker: BrokerProcess, tree: str) -> None:
    with connect(broker.address) as holder, ThreadPoolExecutor() as threads:
        client = connect(broker.address)
        with holder.lock(tree):
            waiting = threads.submit(lambda: client.lock(tree, wait=80))
            someone_waits(holder, tree)
            client.close()
            with pytest.raises(ClosedError):
                waiting.result()


def test_all_sync_clients_share_one_loop_that_closing_does_not_close(
    broker: BrokerProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """grpcio has one queue for all loops; it logs an error for each call that ends for a loop that was closed."""
    for _ in range(3):
        clients = [connect(broker.address) for _ in range(4)]
        for client in clients:
            client.put("/shared/loop", 1)
        for client in clients:
            client.close()
    assert [thread.name for thread in threading.enumerate()].count("hyperloom") == 1
    assert [record for record in caplog.records if record.name == "asyncio"] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_of_a_fork_connects_anew(broker: BrokerProcess, tmp_path: Path) -> None:
    """In a process of its own, before which no call was made: grpcio itself does not go through a fork."""
    program = tmp_path / "fork.py"
    program.write_text(
        "import os, sys\n"
        "from hyperloom.sync import connect\n"
        "before = connect(sys.argv[1])\n"
        "if child := os.fork():\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "try:\n"
        "    before.get('/x')\n"
        "except RuntimeError as error:\n"
        "    assert 'fork' in str(error)\n"
        "with connect(sys.argv[1]) as client:\n"
        "    client.put('/x', 1)\n"
    )
    subprocess.run([sys.executable, str(program), broker.address], check=True, timeout=60)
