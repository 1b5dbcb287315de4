"""Reads at a broker whose NATS stands still, and tells how old answers say that they may be.

What it tells and when is in `program.ts`; the argument says which client it does it with: `sync` or `asyncio`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import hyperloom
import hyperloom.sync

WHERE = "/session"
NODE = f"{WHERE}/note"
AWAY = timedelta(milliseconds=1_500)


def ms(age: timedelta | None) -> float | None:
    return None if age is None else age / timedelta(milliseconds=1)


def is_old(age: timedelta | None) -> bool:
    return age is not None and age >= AWAY


def missing_age(refused: hyperloom.NotFoundError) -> timedelta | None:
    told = refused.metadata.get("age_ms")
    return None if told is None else timedelta(milliseconds=int(told))


def tell(ages: dict[str, timedelta | None]) -> None:
    print(json.dumps({name: ms(age) for name, age in ages.items()}), flush=True)


async def old(read: Callable[[], Awaitable[timedelta | None]]) -> timedelta | None:
    while True:
        age = await read()
        if is_old(age):
            return age


async def with_asyncio() -> None:
    async with (
        hyperloom.connect(author="python", timeout=120) as client,
        client.subscribe(f"{WHERE}/**", bookmarks=True, bookmark_interval=0.1) as watched,
    ):

        async def missing() -> timedelta | None:
            try:
                return (await client.get(f"{WHERE}/none", consistency="stale")).age
            except hyperloom.NotFoundError as refused:
                return missing_age(refused)

        async def bookmark(wanted: Callable[[timedelta | None], bool]) -> timedelta | None:
            async for item in watched:
                if isinstance(item, hyperloom.Bookmark) and wanted(item.age):
                    return item.age
            raise AssertionError("the subscription ended")

        async def of_get() -> timedelta | None:
            return (await client.get(NODE, consistency="stale")).age

        async def of_batch() -> timedelta | None:
            return (await client.batch_get([NODE], consistency="stale"))[0].age

        async def of_page() -> timedelta | None:
            return (await client.list(WHERE, consistency="stale").page()).age

        async def of_listed() -> timedelta | None:
            return (await client.list(WHERE, consistency="stale").all())[0].age

        async def of_text() -> timedelta | None:
            return (await client.render_context(f"{WHERE}/**", 1_000)).age

        async def of_window() -> timedelta | None:
            return (await client.context_window(f"{WHERE}/**", 1_000).update()).age

        snapshot = await anext(watched)
        assert isinstance(snapshot, hyperloom.Snapshot) and snapshot.age is not None
        tell({"linearizable": (await client.get(NODE, consistency="linearizable")).age})
        sys.stdin.readline()
        tell(
            {
                "bookmark": await bookmark(is_old),
                "get": await old(of_get),
                "batchGet": await old(of_batch),
                "page": await old(of_page),
                "listed": await old(of_listed),
                "rendered": await old(of_text),
                "window": await old(of_window),
                "missing": await old(missing),
            }
        )
        sys.stdin.readline()
        tell({"bookmark": await bookmark(lambda age: not is_old(age))})


def blocking() -> None:
    with (
        hyperloom.sync.connect(author="python", timeout=120) as client,
        client.subscribe(f"{WHERE}/**", bookmarks=True, bookmark_interval=0.1) as watched,
    ):

        def missing() -> timedelta | None:
            try:
                return client.get(f"{WHERE}/none", consistency="stale").age
            except hyperloom.NotFoundError as refused:
                return missing_age(refused)

        def bookmark(wanted: Callable[[timedelta | None], bool]) -> timedelta | None:
            for item in watched:
                if isinstance(item, hyperloom.Bookmark) and wanted(item.age):
                    return item.age
            raise AssertionError("the subscription ended")

        def until_old(read: Callable[[], timedelta | None]) -> timedelta | None:
            while True:
                age = read()
                if is_old(age):
                    return age

        snapshot: Any = next(iter(watched))
        assert snapshot.age is not None
        tell({"linearizable": client.get(NODE, consistency="linearizable").age})
        sys.stdin.readline()
        tell(
            {
                "bookmark": bookmark(is_old),
                "get": until_old(lambda: client.get(NODE, consistency="stale").age),
                "batchGet": until_old(lambda: client.batch_get([NODE], consistency="stale")[0].age),
                "page": until_old(lambda: client.list(WHERE, consistency="stale").page().age),
                "listed": until_old(lambda: client.list(WHERE, consistency="stale").all()[0].age),
                "rendered": until_old(lambda: client.render_context(f"{WHERE}/**", 1_000).age),
                "window": until_old(lambda: client.context_window(f"{WHERE}/**", 1_000).update().age),
                "missing": until_old(missing),
            }
        )
        sys.stdin.readline()
        tell({"bookmark": bookmark(lambda age: not is_old(age))})


if sys.argv[1] == "sync":
    blocking()
else:
    asyncio.run(with_asyncio())
