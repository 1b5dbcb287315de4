"""Goal: graphs run on the checkpointer as on LangGraph's own. Method: real graphs, a real broker, called both ways."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

import hyperloom.sync
from hyperloom.langgraph import HyperloomSaver, ThreadConflictError
from langgraph_tests.graphs import Chat, asking, chat, on, steps
from tests.support import BrokerProcess


def texts(state: Any) -> list[str]:
    return [str(message.content) for message in state["messages"]]


def test_a_conversation_goes_on_in_another_saver(broker: BrokerProcess, saver: HyperloomSaver) -> None:
    chat().compile(checkpointer=saver).invoke({"messages": [HumanMessage("one")]}, on("t"))
    with HyperloomSaver(broker.address, root=saver.root) as other:
        said = chat().compile(checkpointer=other).invoke({"messages": [HumanMessage("two")]}, on("t"))
    assert texts(said)[0::2] == ["one", "two"]
    assert said["turns"] == 2
    assert isinstance(said["messages"][1], AIMessage)


async def test_blocking_and_asyncio_graphs_share_a_saver_and_a_thread(saver: HyperloomSaver) -> None:
    graph = chat().compile(checkpointer=saver)
    await graph.ainvoke({"messages": [HumanMessage("one")]}, on("t"))
    await asyncio.to_thread(graph.invoke, {"messages": [HumanMessage("two")]}, on("t"))
    said = await graph.ainvoke({"messages": [HumanMessage("three")]}, on("t"))
    assert texts(said)[0::2] == ["one", "two", "three"]
    assert [each.metadata["step"] async for each in saver.alist(on("t"))] == list(range(7, -2, -1))


def test_what_a_graph_changes_in_place_is_stored_and_nothing_else_changes(saver: HyperloomSaver) -> None:
    long = "long " * 100

    def edit(state: Chat) -> dict[str, Any]:
        state["messages"][0].additional_kwargs["seen"] = {"by": ["edit"]}
        return {"messages": [state["messages"][0]]}

    graph: Any = StateGraph(Chat)
    graph.add_node("edit", edit)
    graph.add_edge(START, "edit")
    graph.add_edge("edit", END)
    compiled = graph.compile(checkpointer=saver)
    compiled.invoke({"messages": [HumanMessage(long, id=f"m{at}") for at in range(5)]}, on("t"))
    first, *rest = saver.get_tuple(on("t")).checkpoint["channel_values"]["messages"]  # type: ignore[union-attr]
    assert first.additional_kwargs == {"seen": {"by": ["edit"]}}
    first.additional_kwargs["seen"]["by"].append("a reader")
    again = saver.get_tuple(on("t")).checkpoint["channel_values"]["messages"]  # type: ignore[union-attr]
    assert again[0].additional_kwargs == {"seen": {"by": ["edit"]}}
    assert again[1:] == rest == [HumanMessage(long, id=f"m{at}") for at in range(1, 5)]


def test_messages_are_replaced_and_removed_in_the_middle_of_a_long_list(saver: HyperloomSaver) -> None:
    graph = chat(words=60).compile(checkpointer=saver)
    for turn in range(10):
        graph.invoke({"messages": [HumanMessage(f"question {turn}", id=f"q{turn}")]}, on("t"))
    edits: list[Any] = [HumanMessage("another question", id="q3"), RemoveMessage(id="q5")]
    graph.update_state(on("t"), {"messages": edits})
    expected = texts(graph.get_state(on("t")).values)
    assert (expected[6], len(expected), "question 5" in expected) == ("another question", 19, False)
    with HyperloomSaver(saver.client, root=saver.root) as other:
        state = chat().compile(checkpointer=other).get_state(on("t"))
    assert texts(state.values) == expected


def test_time_travel_forks_on_purpose(saver: HyperloomSaver) -> None:
    graph = steps("a", "b", "c").compile(checkpointer=saver)
    graph.invoke({"done": []}, on("t"))
    before_b = next(each for each in graph.get_state_history(on("t")) if each.next == ("b",))
    assert graph.invoke(None, before_b.config)["done"] == ["a", "b", "c"]
    config = graph.update_state(before_b.config, {"done": ["x"]}, as_node="a")
    assert graph.invoke(None, config)["done"] == ["a", "x", "b", "c"]
    assert graph.get_state(on("t")).values["done"] == ["a", "x", "b", "c"]
    copied = graph.update_state(on("t"), None, as_node="__copy__")
    assert graph.get_state(copied).values["done"] == ["a", "x", "b", "c"]


def test_a_person_is_asked_and_answers_another_process(broker: BrokerProcess, saver: HyperloomSaver) -> None:
    waiting = asking().compile(checkpointer=saver).invoke({"done": []}, on("t"))
    assert [each.value for each in waiting["__interrupt__"]] == [{"question": "go on?"}]
    with HyperloomSaver(broker.address, root=saver.root) as other:
        graph = asking().compile(checkpointer=other)
        assert [each.value for each in graph.get_state(on("t")).interrupts] == [{"question": "go on?"}]
        assert graph.invoke(Command(resume="yes"), on("t"))["done"] == ["before", "told yes"]


def test_subgraphs_have_namespaces_of_their_own(saver: HyperloomSaver) -> None:
    inner = asking().compile(checkpointer=True)
    outer = steps("first")
    outer.add_node("inner", inner)
    outer.add_edge("first", "inner")
    graph = outer.compile(checkpointer=saver)
    graph.invoke({"done": []}, on("a/b c"))
    assert {each.config["configurable"]["checkpoint_ns"] for each in saver.list(on("a/b c"))} == {"", "inner"}
    graph.invoke(Command(resume="so"), on("a/b c"))
    assert "told so" in graph.get_state(on("a/b c")).values["done"]


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_every_durability_keeps_the_state(saver: HyperloomSaver, durability: Any) -> None:
    graph = steps("a", "b").compile(checkpointer=saver)
    for _ in range(2):
        graph.invoke({"done": ["in"]}, on("t"), durability=durability)
    assert graph.get_state(on("t")).values["done"] == ["in", "a", "b"] * 2


def test_the_second_of_two_writers_is_refused(broker: BrokerProcess, saver: HyperloomSaver) -> None:
    """langchain-ai/langgraph#8796: a worker stops in the middle, another finishes the run, the first one comes back."""
    entered, thawed = threading.Event(), threading.Event()

    def model(_: Any) -> dict[str, Any]:
        entered.set()
        assert thawed.wait(30)
        return {"done": ["frozen"]}

    frozen = steps("a")
    frozen.add_node("model", model)
    frozen.add_edge("a", "model")
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            frozen.compile(checkpointer=saver).invoke({"done": []}, on("t"), durability="sync")
        except ThreadConflictError as error:
            outcome.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    assert entered.wait(30)
    with HyperloomSaver(broker.address, root=saver.root) as other:
        quick = steps("a", "model").compile(checkpointer=other)
        assert quick.invoke(None, on("t"), durability="sync")["done"] == ["a", "model"]
        newest = other.get_tuple(on("t"))
        thawed.set()
        worker.join()
        assert [getattr(error, "is_stale_write_owner_error", False) for error in outcome] == [True]
        assert other.get_tuple(on("t")) == newest
        assert newest is not None and "newest is" in str(outcome[0])
    assert outcome[0].head_id == newest.checkpoint["id"]  # type: ignore[attr-defined]


def test_a_shared_saver_refuses_the_overtaken_graph_whoever_has_looked_at_its_checkpoint(saver: HyperloomSaver) -> None:
    entered, thawed = threading.Event(), threading.Event()

    def model(_: Any) -> dict[str, Any]:
        entered.set()
        assert thawed.wait(60)
        return {"done": ["frozen"]}

    frozen = steps("a")
    frozen.add_node("model", model)
    frozen.add_edge("a", "model")
    outcome: list[BaseException] = []

    def work() -> None:
        try:
            frozen.compile(checkpointer=saver).invoke({"done": []}, on("t"), durability="sync")
        except ThreadConflictError as error:
            outcome.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    assert entered.wait(60)
    quick = steps("a", "model").compile(checkpointer=saver)
    where = quick.get_state(on("t")).config
    assert quick.invoke(None, on("t"))["done"] == ["a", "model"]
    newest = quick.get_state(on("t")).config
    # Looking at where it stands, by its id, is not going on from there; going on is, on purpose, and only for who does.
    assert quick.get_state(where).next == ("model",)
    assert len(list(saver.list(on("t"), before=newest, limit=1))) == 1
    forked = quick.update_state(where, {"done": ["forked"]})
    thawed.set()
    worker.join()
    assert len(outcome) == 1
    assert quick.get_state(on("t")).config == forked
    assert quick.invoke(None, on("t"))["done"] == ["a", "forked", "model"]
    above = [each for each in saver.list(on("t")) if each.parent_config == where]
    assert len(above) == 2


async def test_of_many_first_runs_at_once_one_begins_the_thread(saver: HyperloomSaver, broker: BrokerProcess) -> None:
    graphs = []
    for _ in range(4):
        other = HyperloomSaver(broker.address, root=saver.root)
        graphs.append((other, steps("a").compile(checkpointer=other)))
    await asyncio.gather(*(other.aget_tuple(on("t")) for other, _ in graphs))
    runs = [graph.ainvoke({"done": [str(at)]}, on("t")) for at, (_, graph) in enumerate(graphs)]
    results = await asyncio.gather(*runs, return_exceptions=True)
    refused = [each for each in results if isinstance(each, BaseException)]
    assert all(isinstance(each, ThreadConflictError) for each in refused)
    firsts = [each async for each in saver.alist(on("t")) if each.parent_config is None]
    assert len(firsts) == 1
    for other, _ in graphs:
        await asyncio.to_thread(other.close)


def test_an_encrypting_serializer_sees_everything(broker: BrokerProcess, saver: HyperloomSaver) -> None:
    serde = EncryptedSerializer.from_pycryptodome_aes(key=b"0123456789abcdef")
    with HyperloomSaver(broker.address, root="/encrypted", serde=serde) as secret:
        graph = chat().compile(checkpointer=secret)
        graph.invoke({"messages": [HumanMessage("the password is swordfish")]}, on("t"))
        assert texts(graph.get_state(on("t")).values)[0] == "the password is swordfish"
    with hyperloom.sync.connect(broker.address) as client:
        for node in client.list("/encrypted", depth=0):
            assert b"swordfish" not in (node.value if isinstance(node.value, bytes) else str(node.value).encode())
