"""Threads as LangGraph's own savers store them, and how what an import made of them is compared with that."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import decimal
import operator
import uuid
from typing import Annotated, Any

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple, empty_checkpoint
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Interrupt, Send, interrupt
from typing_extensions import TypedDict

from langgraph_tests.graphs import asking, chat, on, steps

LONG = "A text that is long enough to lie in a node of its own, with ümlauts and 日本語. " * 8


@dataclasses.dataclass
class Plan:
    """A type that only Python knows."""

    goal: str
    steps: list[int]


class Fanned(TypedDict):
    """What parallel tasks have brought."""

    done: Annotated[list[str], operator.add]


def write(saver: BaseCheckpointSaver[Any], *, with_huge: bool = True) -> None:
    """What graphs of many kinds leave in a saver; `with_huge`: more than some databases take."""
    _conversation(saver)
    _asked(saver)
    _nested(saver)
    _fanned(saver)
    _failed(saver)
    named = odd_values().items()
    _odd_values(saver, {name: value for name, value in named if with_huge or "huge" not in name})


def _conversation(saver: BaseCheckpointSaver[Any]) -> None:
    """Long messages, over several turns, and a fork from the middle."""
    graph = chat(words=60).compile(checkpointer=saver)
    thread = "a chat/with %odd id"
    for number in range(4):
        graph.invoke({"messages": [HumanMessage(f"{number}: {LONG}", id=f"q{number}")]}, on(thread))
    config = next(each.config for each in graph.get_state_history(on(thread)) if len(each.values["messages"]) == 4)
    graph.invoke({"messages": [HumanMessage("another third one", id="fork")]}, config)
    graph.update_state(on(thread), {"turns": 10})


def _asked(saver: BaseCheckpointSaver[Any]) -> None:
    """Waits for a person, and one that was answered."""
    graph = asking().compile(checkpointer=saver)
    graph.invoke({"done": []}, on("asked"))
    graph.invoke({"done": []}, on("answered"))
    graph.invoke(Command(resume="yes"), on("answered"))


def _nested(saver: BaseCheckpointSaver[Any]) -> None:
    """A graph in a graph, which waits in the inner one: checkpoints in two namespaces."""

    def ask(_: Any) -> dict[str, Any]:
        return {"done": [f"inner {interrupt('inner?')}"]}

    inner = steps("first")
    inner.add_node("ask", ask)
    inner.add_edge("first", "ask")
    inner.add_edge("ask", END)
    outer = steps("before")
    outer.add_node("inner", inner.compile())
    outer.add_edge("before", "inner")
    outer.add_edge("inner", END)
    outer.compile(checkpointer=saver).invoke({"done": []}, on("nested"))


def _fanned(saver: BaseCheckpointSaver[Any]) -> None:
    """Sends, some of which are done while the others wait."""
    graph: Any = StateGraph(Fanned)

    def work(sent: dict[str, Any]) -> dict[str, Any]:
        if sent["number"] == 2:
            interrupt({"number": 2})
        return {"done": [f"task {sent['number']}"]}

    graph.add_node("work", work)
    graph.add_conditional_edges(START, lambda _: [Send("work", {"number": number}) for number in range(3)])
    graph.add_edge("work", END)
    graph.compile(checkpointer=saver).invoke({"done": []}, on("fanned"))


def _failed(saver: BaseCheckpointSaver[Any]) -> None:
    """A run that broke off with an error."""

    def fail(_: Any) -> dict[str, Any]:
        raise ValueError("out of luck")

    graph = steps("before")
    graph.add_node("fail", fail)
    graph.add_edge("before", "fail")
    with contextlib.suppress(ValueError):
        graph.compile(checkpointer=saver).invoke({"done": []}, on("failed"))


def odd_values() -> dict[str, Any]:
    """By channel: what serializers find hard."""
    return {
        "nothing": None,
        "float": 1.0,
        "small": -0.0,
        "huge float": 1e300,
        "huge long float": 123456789012345680000.0,
        "integer": 2**53 - 1,
        "too large": 2**60,
        "negative": -7,
        "text": LONG * 40,
        "short": "x",
        "empty": "",
        "looks like a reference": {"~": "abc"},
        "looks like another": [{"~": {"~": LONG}}],
        "looks like LangChain": {"lc": 1, "type": "constructor"},
        "own type": Plan("win", [1, 2]),
        "among others": [{"plan": Plan("win", [1])}, LONG],
        "bytes": b"\x00\xff" * 40,
        "nested bytes": {"data": b"\x00\xff"},
        "date": datetime.datetime(2026, 11, 22, 5, 0, tzinfo=datetime.timezone.utc),
        "decimal": [decimal.Decimal("1.10")],
        "set": {"a", "b"},
        "uuid": uuid.UUID(int=7),
        "keys": {1: "one", "two": 2},
        "items": [float(number) for number in range(400)],
        "many": [{"text": f"{number} {LONG}"} for number in range(5)],
        "huge": "ä" * 700_000,
        "huge list": ["y" * 1_200_000, "z"],
        "messages": [
            SystemMessage("be kind"),
            HumanMessage([{"type": "text", "text": LONG}], id="h", name="ann"),
            AIMessage("", id="a", tool_calls=[{"name": "look", "args": {"at": 1.5}, "id": "c1"}]),
            ToolMessage(LONG, tool_call_id="c1", status="error", artifact={"seen": [1, 2]}),
            AIMessage("done", usage_metadata={"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}),
        ],
        "a/b: *odd\x07name": [1, [2, [3]]],
        "interrupt": [Interrupt(value={"ask": 1}, id="i")],
        "send": [Send("node", {"deep": [1.0]})],
    }


def _odd_values(saver: BaseCheckpointSaver[Any], values: dict[str, Any]) -> None:
    """Values that no graph here has, in a chain in which most stay what they are."""
    config = on("values", checkpoint_ns="")
    for number in range(3):
        checkpoint = empty_checkpoint()
        checkpoint["channel_values"] = {**values, "changing": [*range(number * 3), LONG]}
        if number == 2:
            checkpoint["channel_values"]["many"] = values["many"][1:]
        versions = dict.fromkeys(checkpoint["channel_values"], f"{number + 1:032}.0.{number}")
        checkpoint["channel_versions"] = dict(versions)
        checkpoint["versions_seen"] = {"node": {"text": versions["text"]}}
        checkpoint["updated_channels"] = ["changing"]
        metadata: Any = {"source": "loop", "step": number, "score": 1.0, "parents": {}, "note": LONG}
        config = saver.put(config, checkpoint, metadata, dict(versions))
        saver.put_writes(config, [(name, value) for name, value in values.items() if name != "huge list"], "task/1")
        saver.put_writes(config, [("text", LONG), ("own type", Plan("b", []))], "task 2", "path, 1")


def copy(source: BaseCheckpointSaver[Any], target: BaseCheckpointSaver[Any]) -> None:
    """The same checkpoints in another saver."""
    for each in sorted(source.list(None), key=lambda found: found.checkpoint["id"]):
        where = each.config["configurable"]
        above = each.parent_config or on(where["thread_id"], checkpoint_ns=where["checkpoint_ns"])
        config = target.put(above, each.checkpoint, each.metadata, each.checkpoint["channel_versions"])
        by_task: dict[str, list[tuple[str, Any]]] = {}
        for task_id, channel, value in each.pending_writes or []:
            by_task.setdefault(task_id, []).append((channel, value))
        for task_id, writes in by_task.items():
            target.put_writes(config, writes, task_id)


def threads(saver: BaseCheckpointSaver[Any]) -> set[str]:
    """The ids of all threads."""
    return {each.config["configurable"]["thread_id"] for each in saver.list(None)}


def tuples(saver: BaseCheckpointSaver[Any], thread_id: str) -> dict[tuple[str, str], CheckpointTuple]:
    """All that a saver has of a thread, by namespace and id."""
    found: dict[tuple[str, str], CheckpointTuple] = {}
    for each in saver.list(on(thread_id)):
        where = each.config["configurable"]
        found[where["checkpoint_ns"], where["checkpoint_id"]] = each
    return found


def strict(value: Any) -> Any:
    """A value so that 1 and 1.0, -0.0 and 0.0 are different; lists and tuples are alike, as they are to savers."""
    if isinstance(value, dict):
        return {key: strict(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(item) for item in value]
    return (type(value).__name__, repr(value) if isinstance(value, (int, float)) else value)


def assert_equal(one: CheckpointTuple | None, other: CheckpointTuple | None) -> None:
    """Of two savers, about the same checkpoint."""
    assert one is not None and other is not None
    assert one.config["configurable"] == other.config["configurable"]
    assert strict(_whole(one.checkpoint)) == strict(_whole(other.checkpoint))
    assert strict(one.metadata) == strict(other.metadata)
    parents = [None if each.parent_config is None else each.parent_config["configurable"] for each in (one, other)]
    assert parents[0] == parents[1]
    assert _sorted(one.pending_writes) == _sorted(other.pending_writes)


def _whole(checkpoint: Any) -> Any:
    """With the fields that are not stored when they are empty, and versions as integers: both languages count so."""
    versions = {name: _counted(version) for name, version in checkpoint["channel_versions"].items()}
    seen = {
        node: {name: _counted(version) for name, version in each.items()}
        for node, each in checkpoint["versions_seen"].items()
    }
    whole = {"updated_channels": None, "pending_sends": [], **checkpoint}
    return {**whole, "channel_versions": versions, "versions_seen": seen}


def _counted(version: Any) -> Any:
    return int(version.partition(".")[0]) if isinstance(version, str) else version


def _sorted(writes: Any) -> list[Any]:
    return sorted((strict(each) for each in writes or []), key=repr)
