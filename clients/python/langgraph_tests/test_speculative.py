"""Goal: what a node or a tool does in a ghost is seen outside only when its verifier has accepted it.

Method: real graphs, blocking and by asyncio, whose nodes are refused, fail and are interrupted, against a real broker.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from typing_extensions import TypedDict

import hyperloom
import hyperloom.sync
from hyperloom import Attempt, SpeculationFailed
from hyperloom.langgraph import HyperloomSaver, speculative, tell_reasons
from langgraph_tests.graphs import on
from tests.support import BrokerProcess


class Trip(TypedDict, total=False):
    """A trip that is being booked."""

    flight: str
    price: int
    asked: str


@pytest.fixture
def client(broker: BrokerProcess) -> Iterator[hyperloom.sync.Client]:
    with hyperloom.sync.connect(broker.address, author="booker") as made:
        yield made


def graph_of(node: Any, saver: Any = None) -> Any:
    """A graph of one node, `book`."""
    graph: Any = StateGraph(Trip)
    graph.add_node("book", node)
    graph.add_edge(START, "book")
    graph.add_edge("book", END)
    return graph.compile(checkpointer=saver)


def cheap(ghost: hyperloom.sync.Ghost, update: Trip) -> bool | str:
    """Accepts what costs less than 500."""
    return ghost.get("/trip/price").value < 500 or f"{update['price']} is too much"


def test_a_refused_node_works_again_with_the_reasons(client: hyperloom.sync.Client, saver: HyperloomSaver) -> None:
    seen: list[tuple[int, tuple[str, ...], object]] = []

    @speculative(client, cheap, retries=2, scope="/trip")
    def book(ghost: hyperloom.sync.Ghost, attempt: Attempt, state: Trip, config: RunnableConfig) -> Trip:
        """Books."""
        seen.append((attempt.number, attempt.reasons, client.find("/trip/price")))
        price = 700 - 100 * attempt.number
        ghost.put("/trip/price", price)
        return {"price": price, "asked": f"{state['flight']} for {config['configurable']['thread_id']}"}

    assert (book.__name__, book.__doc__) == ("book", "Books.")
    state = graph_of(book, saver).invoke({"flight": "LH1"}, on("t"))
    assert state == {"flight": "LH1", "price": 400, "asked": "LH1 for t"}
    assert seen == [(1, (), None), (2, ("600 is too much",), None), (3, ("600 is too much", "500 is too much"), None)]
    assert client.get("/trip/price").value == 400
    client.delete("/trip")


def test_where_no_attempt_passes_the_run_ends_and_is_taken_up_again_from_its_checkpoint(
    client: hyperloom.sync.Client, saver: HyperloomSaver
) -> None:
    prices = iter([900, 800, 300])

    @speculative(client, cheap, retries=1)
    def book(ghost: hyperloom.sync.Ghost, attempt: Attempt, state: Trip) -> Trip:
        price = next(prices)
        ghost.put("/trip/price", price)
        return {"price": price}

    graph = graph_of(book, saver)
    with pytest.raises(SpeculationFailed) as failed:
        graph.invoke({"flight": "LH1"}, on("t"))
    assert failed.value.reasons == ("900 is too much", "800 is too much")
    assert client.find("/trip/price") is None
    assert graph.get_state(on("t")).next == ("book",)
    assert graph.invoke(None, on("t")) == {"flight": "LH1", "price": 300}
    client.delete("/trip")


def test_otherwise_the_graph_goes_elsewhere(client: hyperloom.sync.Client) -> None:
    def ask(error: SpeculationFailed) -> Command[str]:
        return Command(goto="ask", update={"asked": error.reasons[-1]})

    @speculative(client, lambda ghost, update: "never", retries=0, otherwise=ask)
    def book(ghost: hyperloom.sync.Ghost, attempt: Attempt, state: Trip) -> Any:
        ghost.put("/elsewhere", 1)
        return {"price": 1}

    graph: Any = StateGraph(Trip)
    graph.add_node("book", book, destinations=("ask",))
    graph.add_node("ask", lambda state: {"asked": f"a person: {state['asked']}"})
    graph.add_edge(START, "book")
    assert graph.compile().invoke({"flight": "LH1"}) == {"flight": "LH1", "asked": "a person: never"}
    assert client.find("/elsewhere") is None


def test_an_interrupt_leaves_nothing_behind_and_the_answer_begins_anew(
    client: hyperloom.sync.Client, saver: HyperloomSaver
) -> None:
    @speculative(client)
    def book(ghost: hyperloom.sync.Ghost, attempt: Attempt, state: Trip) -> Trip:
        ghost.append("/asked", [state["flight"]])
        return {"asked": interrupt("sure?")}

    graph = graph_of(book, saver)
    assert [each.value for each in graph.invoke({"flight": "LH1"}, on("t"))["__interrupt__"]] == ["sure?"]
    assert client.find("/asked") is None
    assert graph.invoke(Command(resume="yes"), on("t"))["asked"] == "yes"
    assert client.get("/asked").value == ["LH1"]
    client.delete("/asked")


async def test_nodes_and_tools_of_asyncio(broker: BrokerProcess, saver: HyperloomSaver) -> None:
    async with hyperloom.connect(broker.address) as client:

        async def short(ghost: hyperloom.Ghost, result: Any) -> bool | str:
            return len((await ghost.get("/note")).value) < 10 or "too long"

        @tool
        @speculative(client, short, retries=1, otherwise=tell_reasons)
        async def note(ghost: hyperloom.Ghost, attempt: Attempt, text: str, times: int = 1) -> str:
            """Notes a text."""
            await ghost.put("/note", text * times)
            return "noted"

        assert {name: each["type"] for name, each in note.args.items()} == {"text": "string", "times": "integer"}
        assert await note.ainvoke({"text": "short"}) == "noted"
        told = await note.ainvoke({"text": "long", "times": 9})
        assert told == "Nothing was changed: all 2 attempts were refused, because\n1. too long\n2. too long"
        assert (await client.get("/note")).value == "short"

        @speculative(client)
        async def book(ghost: hyperloom.Ghost, attempt: Attempt, state: Trip) -> Trip:
            await ghost.put("/note", state["flight"])
            return {"price": attempt.number}

        assert await graph_of(book, saver).ainvoke({"flight": "LH1"}, on("t")) == {"flight": "LH1", "price": 1}
        assert (await client.get("/note")).value == "LH1"


async def test_what_cannot_work_so_is_refused(broker: BrokerProcess, client: hyperloom.sync.Client) -> None:
    with pytest.raises(TypeError, match="not str"):
        speculative(cast(Any, "127.0.0.1:7400"))
    with pytest.raises(TypeError, match="a ghost and an attempt"):
        speculative(client)(cast(Any, lambda state: state))

    async def node(ghost: Any, attempt: Any, state: Any) -> None: ...

    with pytest.raises(TypeError, match=r"of hyperloom\.connect"):
        speculative(client)(node)
    async with hyperloom.connect(broker.address) as other:
        with pytest.raises(TypeError, match=r"of hyperloom\.sync\.connect"):
            speculative(other)(cast(Any, lambda ghost, attempt, state: None))
