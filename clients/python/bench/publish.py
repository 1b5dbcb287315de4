"""Measures pipelined publishes from one process: `python -m bench.publish ADDRESS [COUNT]` in this folder.

Each run publishes 200-byte puts to a hot session; the figure to compare is this process's own CPU time a publish.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future

import hyperloom
from hyperloom import operation
from hyperloom.sync import connect

VALUE = "x" * 200


def path(index: int) -> str:
    return f"/session_12/agent_{index % 50}/memory/note"


async def submits(client: hyperloom.Client, count: int) -> None:
    outcomes = [await client.submit([operation.put(path(index), VALUE)]) for index in range(count)]
    await asyncio.gather(*outcomes)


async def tasks(client: hyperloom.Client, count: int) -> None:
    for start in range(0, count, 1_000):
        await asyncio.gather(*(client.put(path(index), VALUE) for index in range(start, start + 1_000)))


async def one_by_one(client: hyperloom.Client, count: int) -> None:
    for index in range(count // 10):
        await client.put(path(index), VALUE)


async def measure(
    name: str, address: str, count: int, work: Callable[[hyperloom.Client, int], Awaitable[None]]
) -> None:
    async with hyperloom.connect(address) as client:
        await work(client, 2_000)
        before = (await client.status()).forest.revision
        wall, cpu = time.perf_counter(), time.process_time()
        await work(client, count)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        done = (await client.status()).forest.revision - before
        report(name, done, wall, cpu)


def measure_sync(address: str, count: int) -> None:
    with connect(address) as client:
        client.put("/warm", 1)
        wall, cpu = time.perf_counter(), time.process_time()
        outcomes: deque[Future[hyperloom.Published]] = deque()
        for index in range(count):
            outcomes.append(client.submit([operation.put(path(index), VALUE)]))
        for outcome in outcomes:
            outcome.result()
        report("sync, submit", count, time.perf_counter() - wall, time.process_time() - cpu)
        wall, cpu = time.perf_counter(), time.process_time()
        for index in range(count // 10):
            client.put(path(index), VALUE)
        report("sync, one by one", count // 10, time.perf_counter() - wall, time.process_time() - cpu)


def report(name: str, count: int, wall: float, cpu: float) -> None:
    print(f"{name:20} {count / wall:9,.0f} a second {cpu / count * 1e6:7.1f} CPU µs each")


def main() -> None:
    address = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 30_000
    asyncio.run(measure("asyncio, submit", address, count, submits))
    asyncio.run(measure("asyncio, gather", address, count, tasks))
    asyncio.run(measure("asyncio, one by one", address, count, one_by_one))
    measure_sync(address, count)


if __name__ == "__main__":
    main()
