"""Goal: the sync client does the same as the asyncio one. Method: the same scenarios in short, real broker."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

import hyperloom
from hyperloom import Attempt, Event, Snapshot, operation, precondition
from hyperloom.sync import Client, Ghost, connect
from tests.support import BrokerProcess


@pytest.fixture
def blocking(broker: BrokerProcess) -> Iterator[Client]:
    with connect(broker.address, author="tester") as connected:
        yield connected


def test_verbs(blocking: Client, tree: str) -> None:
    blocking.put(f"{tree}/a", {"n": 2**62 + 1, "ü": None})
    blocking.merge(f"{tree}/a", {"more": [1]})
    blocking.append(f"{tree}/t", "x")
    blocking.increment(f"{tree}/n", 5)
    blocking.copy(f"{tree}/a", f"{tree}/b")
    blocking.delete(f"{tree}/t")
    last = blocking.publish(
        [operation.put(f"{tree}/c", b"\0")], preconditions=[precondition.present(tree)], label="last"
    )
    assert blocking.get(f"{tree}/b").value == {"n": 2**62 + 1, "ü": None, "more": [1]}
    assert [node.value for node in blocking.batch_get([f"{tree}/n", f"{tree}/c"])] == [5, b"\0"]
    assert blocking.find(f"{tree}/t") is None
    names = [node.path for node in blocking.list(tree, page_size=2)]
    assert names == [f"{tree}/{name}" for name in ("a", "b", "c", "n")]
    assert blocking.history(tree, newest_first=True).page().items[0].label == "last"
    assert [line.node.path for line in blocking.blame(f"{tree}/c")] == [f"{tree}/c"]
    assert f"{tree}/c" in [each.path for each in blocking.diff(last.revision - 1, last.revision)]
    assert blocking.status().forest.revision >= last.revision
    assert "default" in [forest.name for forest in blocking.forests.list()]
    with pytest.raises(hyperloom.NotFoundError):
        blocking.get(f"{tree}/t")
    with pytest.raises(hyperloom.PreconditionFailedError):
        blocking.publish([operation.put(tree, 1)], preconditions=[precondition.absent(f"{tree}/a")])


def test_forests_back_up_and_restore(blocking: Client, tree: str) -> None:
    name = tree.strip("/")
    blocking.forests.create(name)
    blocking.as_agent(forest=name).put("/a", 1)
    blocking.forests.restore(f"{name}_copy", list(blocking.forests.backup(name)))
    assert blocking.as_agent(forest=f"{name}_copy").get("/a").value == 1
    backup = blocking.forests.backup(name)
    first = next(backup)
    backup.close()
    rest = blocking.forests.backup(name, resume=backup.mark)
    blocking.forests.restore(f"{name}_resumed", [first, *rest])
    assert blocking.as_agent(forest=f"{name}_resumed").get("/a").value == 1
    blocking.forests.compact(name)
    blocking.forests.delete(name)


def test_ghosts(blocking: Client, tree: str) -> None:
    with blocking.ghost(scope=tree) as ghost:
        ghost.put(f"{tree}/a", 1)
        ghost.checkpoint("one")
        ghost.put(f"{tree}/a", 2)
        assert ghost.rewind("one", "no").dropped_operations == 1
        with ghost.ghost() as inner:
            inner.put(f"{tree}/b", 1)
            inner.commit()
        assert [each.path for each in ghost.diff()][-2:] == [f"{tree}/a", f"{tree}/b"]
        ghost.commit()
    assert blocking.get(f"{tree}/a").value == 1
    with pytest.raises(ZeroDivisionError), blocking.ghost() as ghost:
        ghost.put(f"{tree}/a", 1 / 0)
    assert ghost.state().attempts[0].reason == "division by zero"
    assert blocking.attach(ghost.id).over
    assert ghost.id in [each.id for each in blocking.ghosts("reverted")]


def test_speculation(blocking: Client, tree: str) -> None:
    def work(ghost: Ghost, attempt: Attempt) -> int:
        ghost.put(f"{tree}/draft", attempt.number)
        return len(attempt.reasons)

    def verify(ghost: Ghost, _result: int) -> bool | str:
        return ghost.get(f"{tree}/draft").value == 3 or "not yet"

    done = blocking.speculate(work, verify)
    assert (done.result, done.attempts, done.reasons) == (2, 3, ("not yet", "not yet"))
    with pytest.raises(hyperloom.SpeculationFailed):
        blocking.speculate(work, lambda _ghost, _result: False, retries=0)
    assert blocking.get(f"{tree}/draft").value == 3


def test_a_subscription_is_an_iterator(blocking: Client, tree: str) -> None:
    blocking.put(f"{tree}/a", 0)
    with blocking.subscribe(f"{tree}/**") as subscription:
        snapshot = next(subscription)
        assert isinstance(snapshot, Snapshot)
        assert [node.path for node in snapshot.nodes] == [tree, f"{tree}/a"]
        futures = [blocking.submit([operation.put(f"{tree}/a", index)]) for index in range(1_000)]
        seen: list[int] = []
        for item in subscription:
            assert isinstance(item, Event)
            seen.append(item.changes[0].value)
            if len(seen) == 1_000:
                break
        assert seen == list(range(1_000))
        with pytest.raises(hyperloom.DeadlineExceededError):
            subscription.next(timeout=0.01)
    assert [future.result().revision for future in futures] == sorted(future.result().revision for future in futures)


def test_fifty_threads_append_to_one_node(blocking: Client, tree: str) -> None:
    def append(agent: int) -> None:
        own = blocking.as_agent(f"agent_{agent}")
        for index in range(20):
            own.append(f"{tree}/log", f"{agent}:{index}\n")

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(append, range(50)))
    lines = str(blocking.get(f"{tree}/log").value).split()
    assert sorted(lines) == sorted(f"{agent}:{index}" for agent in range(50) for index in range(20))


def test_increments_and_events_survive_a_kill_exactly_once(own_broker: BrokerProcess) -> None:
    with connect(own_broker.address, timeout=60) as client, client.subscribe("/count", start="now") as subscription:
        futures: list[Future[hyperloom.Published]] = []
        for index in range(2_000):
            futures.append(client.submit([operation.increment("/count")]))
            if index == 700:
                futures[300].result()
                own_broker.kill()
                own_broker.start()
        for future in futures:
            future.result()
        assert client.get("/count").value == 2_000
        sums = []
        for _ in range(2_000):
            item = subscription.next(timeout=30)
            assert isinstance(item, Event)
            sums.append(item.changes[0].sum)
        assert sums == list(range(1, 2_001))


def test_a_closed_client_says_so(broker: BrokerProcess) -> None:
    client = connect(broker.address)
    client.put("/closed", 1)
    client.close()
    client.close()
    with pytest.raises(hyperloom.ClosedError):
        client.get("/closed")
