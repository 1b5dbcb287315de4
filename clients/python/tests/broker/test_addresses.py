"""Goal: several addresses are one client, which has read its own writes whichever of them answers.

Method: two ways to one broker, which are cut while publishes and a subscription are under way.
"""

from __future__ import annotations

import asyncio

import pytest

import hyperloom
import hyperloom.sync
from hyperloom import AfterRevision, Event, operation
from hyperloom._endpoints import LoadBalancing
from tests.support import BrokerProcess, Proxy

COUNT = 1_000


@pytest.mark.parametrize("balancing", ["pick_first", "round_robin"])
async def test_publishes_and_subscriptions_live_through_the_loss_of_a_way_to_the_broker(
    broker: BrokerProcess, tree: str, balancing: LoadBalancing
) -> None:
    async with (
        Proxy(broker.address) as one,
        Proxy(broker.address) as other,
        hyperloom.connect([one.address, other.address], load_balancing=balancing, timeout=60) as client,
        client.subscribe(tree, start=AfterRevision((await client.put(f"{tree}_before", 0)).revision)) as watched,
    ):
        futures: list[asyncio.Future[hyperloom.Published]] = []
        for index in range(COUNT):
            futures.append(await client.submit([operation.append(tree, [index])]))
            if index == COUNT // 4:
                await futures[index // 2]
                one.close()
            if index == COUNT // 2:
                await futures[index // 2]
                other.cut()
            if index % 100 == 0:
                assert await client.find(f"{tree}_missing") is None
        for future in futures:
            await future
        assert (await client.get(tree)).value == list(range(COUNT))
        seen: list[int] = []
        while len(seen) < COUNT:
            item = await asyncio.wait_for(anext(watched), 60)
            if isinstance(item, Event):
                seen.extend(item.changes[0].value)
        assert seen == list(range(COUNT))


def test_the_sync_client_takes_several_addresses_too(broker: BrokerProcess, tree: str) -> None:
    with hyperloom.sync.connect(f"127.0.0.1:1,{broker.address}", load_balancing="round_robin") as client:
        for number in range(6):
            client.put(tree, number)
            assert client.get(tree).value == number
