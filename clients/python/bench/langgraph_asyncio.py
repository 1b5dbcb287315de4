"""The same as `bench.langgraph`, as servers do it: many conversations in one event loop, beside LangGraph's own saver
for that. A subject of the bench `langgraph/asyncio`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from bench.langgraph import MESSAGES, Conversation, Saver, Took, Watch, database, growth, speeds
from hyperloom.langgraph import HyperloomSaver


class Awaiting:
    """A saver, called from one event loop."""

    def __init__(self, saver: Saver) -> None:
        self._saver = saver

    async def measure(self, tasks: int, puts: int, turns: int) -> dict[str, float]:
        """What the bench's table tells."""
        many = await self._puts(tasks, puts)
        return speeds(many, await self._puts(1, puts)) | await self._growth(turns)

    async def _put(self, conversation: Conversation) -> None:
        conversation.config = await self._saver.aput(*conversation.turn())

    async def _puts(self, tasks: int, puts: int) -> Took:
        """Of so many tasks at once, each with a conversation of its own."""
        conversations = [Conversation(puts, MESSAGES) for _ in range(tasks)]
        for conversation in conversations:
            await self._put(conversation)

        async def work(conversation: Conversation) -> None:
            for _ in range(puts):
                await self._put(conversation)

        watch = Watch()
        await asyncio.gather(*map(work, conversations))
        return watch.took(tasks * puts)

    async def _growth(self, turns: int) -> dict[str, float]:
        conversation = Conversation(turns)
        puts: list[float] = []
        gets: list[float] = []
        for _ in range(turns):
            start = time.perf_counter()
            await self._put(conversation)
            between = time.perf_counter()
            conversation.take(await self._saver.aget_tuple(conversation.newest))
            puts.append(between - start)
            gets.append(time.perf_counter() - between)
        return growth(puts, gets)


@asynccontextmanager
async def saver_of(kind: str, where: str) -> AsyncIterator[Saver]:
    """The saver that is measured."""
    if kind == "hyperloom":
        async with HyperloomSaver(where, root=f"/bench_{uuid4().hex}") as ours:
            yield ours
        return
    async with AsyncSqliteSaver.from_conn_string(database(where)) as theirs:
        await theirs.setup()
        await theirs.conn.execute("PRAGMA synchronous=FULL")
        yield theirs


async def main(kind: str, where: str, tasks: str, puts: str, turns: str) -> None:
    async with saver_of(kind, where) as saver:
        awaiting = Awaiting(saver)
        print("ready", flush=True)
        # Nothing else is under way while the next line is waited for.
        for _ in sys.stdin:
            print(json.dumps(await awaiting.measure(int(tasks), int(puts), int(turns))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
