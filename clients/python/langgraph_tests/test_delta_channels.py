"""Goal: delta channels are rebuilt from what was written, whatever became of the thread.

Method: LangGraph's own cases for JavaScript's savers, put by hand and read blocking and by asyncio; then graphs with
such a channel that go on, travel, fork, are pruned and copied, over a broker that is killed, beside the same in memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pytest
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.base import DeltaChannelHistory, empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.types import _DeltaSnapshot
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from hyperloom.langgraph import HyperloomSaver
from langgraph_tests.graphs import on
from tests.support import BrokerProcess

NAMESPACES = pytest.mark.parametrize("namespace", ["", "child"])


class Chain:
    """Checkpoints one after the other, each with its writes."""

    def __init__(self, saver: HyperloomSaver, namespace: str) -> None:
        self._saver = saver
        self.config: Any = on("t", checkpoint_ns=namespace)

    def put(self, values: dict[str, Any], writes: Mapping[str, Any] | None = None) -> None:
        """A checkpoint with these values, and upon it what tasks wrote to `messages`."""
        checkpoint = empty_checkpoint() | {"id": str(uuid6(clock_seq=-1)), "channel_values": values}
        versions: dict[str, Any] = dict.fromkeys(values, 1)
        checkpoint["channel_versions"] = versions
        self.config = self._saver.put(self.config, checkpoint, {"source": "loop", "step": 0, "parents": {}}, versions)
        for task, value in (writes or {}).items():
            self._saver.put_writes(self.config, [("messages", value)], task)

    async def history(self) -> DeltaChannelHistory:
        """As both faces of the saver tell it, which must be the same."""
        blocking = self._saver.get_delta_channel_history(config=self.config, channels=["messages"])
        assert await self._saver.aget_delta_channel_history(config=self.config, channels=["messages"]) == blocking
        return blocking["messages"]


def values_of(history: DeltaChannelHistory) -> list[Any]:
    return [value for _, _, value in history["writes"]]


@NAMESPACES
async def test_writes_are_told_oldest_first_from_a_snapshot_on(saver: HyperloomSaver, namespace: str) -> None:
    chain = Chain(saver, namespace)
    chain.put({"messages": _DeltaSnapshot([0])}, {"task0": [1]})
    chain.put({}, {"task1": [2]})
    chain.put({}, {"task2": ["not seen: upon the target itself"]})
    history = await chain.history()
    assert isinstance(history["seed"], _DeltaSnapshot)
    assert history["seed"].value == [0]
    assert values_of(history) == [[1], [2]]


@NAMESPACES
async def test_a_plain_value_is_a_seed_and_what_was_written_upon_it_is_told(
    saver: HyperloomSaver, namespace: str
) -> None:
    chain = Chain(saver, namespace)
    chain.put({"messages": [0, 1]}, {"task0": [2]})
    chain.put({})
    history = await chain.history()
    assert (history["seed"], values_of(history)) == ([0, 1], [[2]])


@NAMESPACES
async def test_writes_of_one_step_come_by_task_whenever_they_were_put(saver: HyperloomSaver, namespace: str) -> None:
    chain = Chain(saver, namespace)
    chain.put({"messages": _DeltaSnapshot([])}, {"task-b": ["b"], "task-a": ["a"]})
    chain.put({})
    history = await chain.history()
    assert [(task, value) for task, _, value in history["writes"]] == [("task-a", ["a"]), ("task-b", ["b"])]


@NAMESPACES
async def test_there_is_no_seed_where_no_ancestor_has_a_value(saver: HyperloomSaver, namespace: str) -> None:
    chain = Chain(saver, namespace)
    chain.put({}, {"task0": [1]})
    chain.put({})
    history = await chain.history()
    assert "seed" not in history
    assert values_of(history) == [[1]]


async def test_the_walks_of_several_channels_end_where_each_has_a_value(saver: HyperloomSaver) -> None:
    chain = Chain(saver, "")
    chain.put({"messages": ["m0"], "notes": ["n0"]}, {"t0": ["m1"]})
    chain.put({"notes": ["n1"]}, {"t1": ["m2"]})
    for number in range(70):
        chain.put({}, {f"t{number}": [number]} if number % 10 == 0 else None)
    history = await saver.aget_delta_channel_history(config=chain.config, channels=["messages", "notes", "absent"])
    assert history["messages"]["seed"] == ["m0"]
    assert values_of(history["messages"]) == [["m1"], ["m2"], *([number] for number in range(0, 69, 10))]
    assert (history["notes"]["seed"], values_of(history["notes"])) == (["n1"], [])
    assert history["absent"] == {"writes": []}


def joined(state: list[str], writes: Sequence[list[str]]) -> list[str]:
    return [*state, *(text for write in writes for text in write)]


class Notes(TypedDict):
    """What was noted, of which checkpoints hold only now and then all."""

    log: Annotated[list[str], DeltaChannel(joined, list, snapshot_frequency=7)]


def notes(saver: Any) -> Any:
    """Notes how much was there."""
    graph: Any = StateGraph(Notes)
    graph.add_node("note", lambda state: {"log": [f"noted {len(state['log'])}"]})
    graph.add_edge(START, "note")
    graph.add_edge("note", END)
    return graph.compile(checkpointer=saver)


def log_of(saver: Any, thread: str = "t") -> list[str]:
    log: list[str] = notes(saver).get_state(on(thread)).values["log"]
    return log


def test_a_graph_goes_on_travels_forks_and_is_pruned_as_in_memory(broker: BrokerProcess, saver: HyperloomSaver) -> None:
    model = InMemorySaver()
    for one in (saver, model):
        graph = notes(one)
        for turn in range(12):
            graph.invoke({"log": [f"turn {turn}"]}, on("t"))
        past = next(each for each in graph.get_state_history(on("t")) if len(each.values["log"]) == 9)
        graph.invoke({"log": ["another way"]}, past.config)
        graph.invoke({"log": ["and on"]}, on("t"))
    expected = log_of(model)
    assert len(expected) == 13
    assert log_of(saver) == expected
    told = [each.values["log"] for each in notes(saver).get_state_history(on("t"))]
    assert told == [each.values["log"] for each in notes(model).get_state_history(on("t"))]
    saver.copy_thread("t", "copy")
    saver.prune(["t"])
    with HyperloomSaver(broker.address, root=saver.root) as other:
        assert log_of(other) == log_of(other, "copy") == expected
        assert notes(other).invoke({"log": ["last"]}, on("t"))["log"] == [*expected, "last", "noted 14"]


def test_a_graph_with_such_a_channel_survives_the_brokers_death(own_broker: BrokerProcess) -> None:
    with HyperloomSaver(own_broker.address) as saver:
        graph = notes(saver)
        for turn in range(10):
            if turn % 4 == 3:
                own_broker.kill()
                own_broker.start()
            graph.invoke({"log": [f"turn {turn}"]}, on("t"))
        expected = [text for turn in range(10) for text in (f"turn {turn}", f"noted {2 * turn + 1}")]
        assert log_of(saver) == expected
