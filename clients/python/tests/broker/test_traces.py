"""Goal: events tell the traces of the calls that did them. Method: a context variable stands for a tracer's span."""

from __future__ import annotations

from contextvars import ContextVar

import hyperloom
import hyperloom.sync
from hyperloom import operation
from tests.support import BrokerProcess


def span(number: int) -> str:
    return f"00-{number:032x}-b7ad6b7169203331-01"


active: ContextVar[str | None] = ContextVar("active", default=None)


async def test_what_is_published_and_done_in_a_span_belongs_to_its_trace(broker: BrokerProcess, tree: str) -> None:
    async with hyperloom.connect(broker.address, author="tester", trace_parent=active.get) as client:
        untraced = await client.put(f"{tree}/a", 1)
        active.set(span(1))
        await client.put(f"{tree}/a", 2)
        async with client.ghost(scope=tree) as ghost:
            await ghost.put(f"{tree}/a", 3)
            active.set(span(2))
            await ghost.commit()
        await client.publish([operation.put(f"{tree}/a", 4)], trace_parent=span(3))
        events = (await client.history(tree, after_revision=untraced.revision - 1).page()).items
        assert [each.trace_parent for each in events] == ["", span(1), span(2), span(3)]


def test_and_so_does_what_a_blocking_client_does(broker: BrokerProcess, tree: str) -> None:
    with hyperloom.sync.connect(broker.address, author="tester", trace_parent=active.get) as client:
        active.set(span(4))
        client.put(f"{tree}/a", 1)
        client.submit([operation.put(f"{tree}/b", 1)], trace_parent=span(5)).result()
        events = client.history(tree).page().items
        assert [each.trace_parent for each in events] == [span(4), span(5)]
