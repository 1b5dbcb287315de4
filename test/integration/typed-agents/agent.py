"""An agent in Python that shares notes with agents in other languages, each as messages of its own.

It does what each line of its standard input says, and answers with a line. The lines are in `lines.ts`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

import hyperloom
from acme.v1.research_hyperloom import ResearchNoteNode, ResearchNoteVariables
from acme.v1.research_pb2 import ResearchNote, Review


def message(told: dict[str, Any]) -> ResearchNote:
    return ResearchNote(
        claim=told["claim"],
        sources=told["sources"],
        confidence=told["confidence"],
        citations=int(told["citations"]),
        review=Review(reviewer=told["reviewer"]),
        labels=told["labels"],
    )


def told(note: ResearchNote) -> dict[str, Any]:
    return {
        "claim": note.claim,
        "sources": list(note.sources),
        "confidence": note.confidence,
        "citations": str(note.citations),
        "reviewer": note.review.reviewer,
        "labels": dict(note.labels),
    }


class Agent:
    """What was seen is kept until it is asked for."""

    def __init__(self, client: hyperloom.Client) -> None:
        self.client = client
        self.notes = client.typed(ResearchNoteNode)
        self.seen: list[dict[str, Any]] = []
        self.more = asyncio.Event()
        self.watching: asyncio.Task[None] | None = None

    async def do(self, line: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await getattr(self, line.pop("do"))(**line)
            return answer
        except hyperloom.SchemaViolationError as refused:
            problems = [
                {"operation": each.operation, "field": each.field, "rule": each.rule, "message": each.message}
                for each in refused.problems
            ]
            return {"path": refused.path, "schema": refused.schema, "problems": problems}

    async def put(self, session: str, note: str, value: dict[str, Any]) -> dict[str, Any]:
        published = await self.notes.put(message(value), session=session, note=note)
        return {"revision": published.revision}

    async def stage(self, session: str, note: str, value: dict[str, Any]) -> dict[str, Any]:
        async with self.client.ghost() as ghost:
            await ghost.typed(ResearchNoteNode).put(message(value), session=session, note=note)
            await ghost.commit()
        return {}

    async def get(self, session: str, note: str) -> dict[str, Any]:
        read = await self.notes.get(session=session, note=note)
        return {"value": told(read.value), "author": read.author}

    async def list(self, session: str) -> dict[str, Any]:
        notes = self.notes.list(session=session)
        return {"notes": [{"note": each.variables.note, "value": told(each.value)} async for each in notes]}

    async def cite(self, session: str, note: str, times: int) -> dict[str, Any]:
        """Adds to what all others add to, each time to what it has just read."""
        at = self.notes.at(session=session, note=note)
        while times > 0:
            read = await at.get(consistency="linearizable")
            read.value.citations += 1
            with suppress(hyperloom.PreconditionFailedError):
                await at.put(read.value, preconditions=[read.unchanged()])
                times -= 1
        return {}

    async def watch(self, session: str) -> dict[str, Any]:
        subscription = self.notes.subscribe(session=session)
        await subscription.begin()
        self.watching = asyncio.create_task(self.collect(subscription))
        return {}

    async def collect(self, subscription: hyperloom.TypedSubscription[ResearchNote, ResearchNoteVariables]) -> None:
        async for item in subscription:
            if isinstance(item, hyperloom.TypedEvent):
                for change in item.changes:
                    if change.variables is not None and change.value is not None:
                        self.seen.append({"note": change.variables.note, "value": told(change.value)})
                        self.more.set()

    async def saw(self, count: int) -> dict[str, Any]:
        while len(self.seen) < count:
            self.more.clear()
            await self.more.wait()
        return {"seen": self.seen}


async def main() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async with hyperloom.connect(author="python", timeout=120) as client:
        agent = Agent(client)
        while line := await reader.readline():
            print(json.dumps(await agent.do(json.loads(line))), flush=True)


asyncio.run(main())
