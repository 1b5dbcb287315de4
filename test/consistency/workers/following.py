"""Followers: what a subscription tells, over everything that happens to the broker."""

from __future__ import annotations

from hyperloom import AfterRevision, Bookmark, Change, Event, HyperloomError, Item, RevisionError, Snapshot
from recording import Agent, text_of

END_PATH = "/end"


async def follow(agent: Agent, prefix: str, pause_ms_max: int, items_max: int) -> None:
    """Follows a subtree over everything that happens to the broker, and writes down all that it is told."""
    after, over = -1, False
    while not over:
        name, reason = agent.token(), ""
        rest: dict[str, int] = {}
        line = {"kind": "subscribed", "id": name, "client": agent.name, "forest": agent.forest}
        agent.write({**line, "prefix": prefix, "after": after})
        patterns = ["/**" if prefix == "/" else f"{prefix}/**", END_PATH]
        left = items_max / 2 + agent.below(items_max)
        try:
            subscription = agent.client.subscribe(
                patterns,
                start="snapshot" if after < 0 else AfterRevision(after),
                bookmarks=True,
                bookmark_interval=0.2,
            )
            async with subscription as items:
                async for item in items:
                    write_item(agent, name, item)
                    after = item.revision
                    over = isinstance(item, Event) and any(change.path == END_PATH for change in item.changes)
                    left -= 1
                    if over or left <= 0:
                        break
                    if pause_ms_max > 0 and agent.is_open:
                        await agent.sleep(pause_ms_max)
        except HyperloomError as error:
            reason = f"{error.code.name} {error.reason}"
            # What it has not seen is gone: it goes on behind that.
            if isinstance(error, RevisionError) and error.oldest_revision is not None:
                after = error.oldest_revision
                rest = {"oldest": after}
            await agent.sleep(100)
        agent.write({"kind": "unsubscribed", "id": name, "reason": reason, **rest})


def write_item(agent: Agent, name: str, item: Item) -> None:
    if isinstance(item, Snapshot):
        nodes = {node.path: text_of(node.value) for node in item.nodes if node.kind is not None}
        agent.write({"kind": "snapshot", "id": name, "revision": item.revision, "nodes": nodes})
    elif isinstance(item, Event):
        changes = [told_of(change) for change in item.changes]
        agent.write({"kind": "event", "id": name, "revision": item.revision, "changes": changes})
    elif isinstance(item, Bookmark):
        agent.write({"kind": "bookmark", "id": name, "revision": item.revision})


def told_of(change: Change) -> list[str]:
    text = {"delete": "", "copy": change.source_path}.get(change.action or "", text_of(change.value))
    return [change.path, change.action or "?", text]
