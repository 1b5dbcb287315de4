"""Goal: a run goes on over a broker that is killed and started again, and loses nothing that was told."""

from __future__ import annotations

import asyncio
from typing import Any

from hyperloom.langgraph import HyperloomSaver, HyperloomStore
from langgraph_tests.graphs import on, steps
from tests.support import BrokerProcess


def test_a_run_survives_the_brokers_death_in_its_middle(own_broker: BrokerProcess) -> None:
    """The broker is away when the second node is done: its writes and checkpoints wait until it is back."""

    def kill(_: Any) -> dict[str, Any]:
        own_broker.kill()
        own_broker.start()
        return {"done": ["killed"]}

    graph = steps("before")
    graph.add_node("kill", kill)
    graph.add_edge("before", "kill")
    with HyperloomSaver(own_broker.address) as saver, HyperloomStore(own_broker.address) as store:
        store.put(("a",), "k", {"n": 1})
        compiled = graph.compile(checkpointer=saver, store=store)
        for _ in range(2):
            compiled.invoke({"done": ["in"]}, on("t"), durability="sync")
        assert compiled.get_state(on("t")).values["done"] == ["in", "before", "killed"] * 2
        item = store.get(("a",), "k")
        assert item is not None and item.value == {"n": 1}
    with HyperloomSaver(own_broker.address) as fresh:
        assert [each.metadata["step"] for each in fresh.list(on("t"))] == list(range(6, -2, -1))


async def test_asyncio_runs_at_once_survive_it(own_broker: BrokerProcess) -> None:
    with HyperloomSaver(own_broker.address) as saver:
        graph = steps("a", "b", "c").compile(checkpointer=saver)
        runs = [asyncio.create_task(graph.ainvoke({"done": []}, on(f"t{number}"))) for number in range(8)]
        await asyncio.sleep(0)
        await asyncio.to_thread(own_broker.kill)
        await asyncio.to_thread(own_broker.start)
        for state in await asyncio.gather(*runs):
            assert state["done"] == ["a", "b", "c"]
