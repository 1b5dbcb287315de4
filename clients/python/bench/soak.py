"""The load of Python agents in the broker's soak: `python -m bench.soak ADDRESS FACTOR SAMPLE_SECONDS VISIT_SECONDS`.

`bench/soak/main.ts` in the repository starts it and says what for. FACTOR is of the rates below, which belong to 600
operations a second of all agents together. Prints a sample as one line of JSON every SAMPLE_SECONDS, and ends when its
input ends: with what it counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import hyperloom
from hyperloom import Attempt, Event, Ghost, operation

SENTENCE = "Found three sources that agree; the second one cites the first. "
TOTAL = "/totals/python"
TICK_SECONDS = 0.02
SLOW_SECONDS = 0.025
# Long, because a machine that is busy with other things must not pass for a broker that fails.
TIMEOUT_SECONDS = 120.0
TTL_SECONDS = 120.0


class Meter:
    """Counts and times, sample by sample, and what must not happen."""

    def __init__(self) -> None:
        self.kinds: dict[str, list[float]] = {}
        self.refused: dict[str, int] = {}
        self.lags: list[float] = []
        self.failures: list[str] = []
        self.failures_total = 0
        self.held_back = 0

    async def time(self, name: str, work: Awaitable[Any], expected: tuple[type[BaseException], ...] = ()) -> Any | None:
        latencies = self.kinds.setdefault(name, [])
        start = time.perf_counter()
        try:
            result = await work
        except expected:
            self.refused[name] = self.refused.get(name, 0) + 1
            return None
        latencies.append((time.perf_counter() - start) * 1e3)
        return result

    def failed(self, what: str, error: object) -> None:
        self.failures_total += 1
        if len(self.failures) < 5:
            self.failures.append(f"{what}: {type(error).__name__}: {error}")

    def take(self, revisions: int) -> dict[str, object]:
        kinds = {
            name: {"count": len(latencies), "refused": self.refused.get(name, 0), **percentiles(latencies)}
            for name, latencies in self.kinds.items()
        }
        sample: dict[str, object] = {
            "kinds": kinds,
            "lag": {**percentiles(self.lags), "revisions": revisions, "events": len(self.lags)},
            "failures": self.failures,
            "failuresTotal": self.failures_total,
            "heldBack": self.held_back,
        }
        self.kinds, self.refused, self.lags, self.failures = {}, {}, [], []
        self.failures_total = self.held_back = 0
        return sample


def percentiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {"p50Ms": 0, "p99Ms": 0}
    ordered = sorted(values)
    return {"p50Ms": ordered[len(ordered) // 2], "p99Ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]}


class Load:
    """The agents: each kind of work is begun at its own steady rate."""

    def __init__(self, address: str, factor: float, visit_seconds: float) -> None:
        self.address = address
        self.factor = factor
        self.visit_seconds = visit_seconds
        self.meter = Meter()
        self.chance = random.Random(2)
        self.total = 0
        self.seen = 0
        self.stop = asyncio.Event()
        self.running: set[asyncio.Task[None]] = set()

    async def run(self, sample_seconds: float) -> None:
        async with hyperloom.connect(self.address, author="python", timeout=TIMEOUT_SECONDS) as client:
            watching = asyncio.create_task(self.watch())
            pacing = [
                asyncio.create_task(self.pace(name, rate, most, work)) for name, rate, most, work in self.tasks(client)
            ]
            sampling = asyncio.create_task(self.sample(client, sample_seconds))
            await asyncio.to_thread(sys.stdin.read)
            self.stop.set()
            await asyncio.gather(*pacing)
            await asyncio.gather(*self.running)
            for task in (sampling, watching):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        print(json.dumps(self.meter.take(0)))
        print(json.dumps({"totals": {TOTAL: self.total}}), flush=True)

    def tasks(self, client: hyperloom.Client) -> list[tuple[str, float, int, Callable[[], Awaitable[None]]]]:
        return [
            ("python publish", 60 * self.factor, 500, lambda: self.publish(client)),
            ("python count", 10 * self.factor, 100, lambda: self.count(client)),
            ("python get", 15 * self.factor, 50, lambda: self.get(client)),
            ("python list", 1 * self.factor, 10, lambda: self.list(client)),
            ("python speculate", 1 * self.factor, 20, lambda: self.speculate(client)),
            ("python lock", 1.5 * self.factor, 50, lambda: self.lock(client)),
            ("python lease", 0.5 * self.factor, 20, lambda: self.lease(client)),
            ("python visitor", 0.1 * self.factor, 10, self.visit),
        ]

    async def pace(self, name: str, per_second: float, most: int, work: Callable[[], Awaitable[None]]) -> None:
        due, last, in_flight = 0.0, time.perf_counter(), 0

        async def once() -> None:
            nonlocal in_flight
            in_flight += 1
            try:
                await work()
            except Exception as error:
                self.meter.failed(name, error)
            finally:
                in_flight -= 1

        while not self.stop.is_set():
            await asyncio.sleep(TICK_SECONDS)
            now = time.perf_counter()
            due += (now - last) * per_second
            last = now
            while due >= 1:
                due -= 1
                if in_flight >= most:
                    self.meter.held_back += 1
                    continue
                task = asyncio.create_task(once())
                self.running.add(task)
                task.add_done_callback(self.running.discard)

    async def sample(self, client: hyperloom.Client, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            revision = (await client.status()).forest.revision
            print(json.dumps(self.meter.take(max(0, revision - self.seen))), flush=True)

    async def watch(self) -> None:
        """Every revision must come, once and in order."""
        async with hyperloom.connect(self.address, author="python-watcher", track_basis=False) as client:
            self.seen = (await client.status()).forest.revision
            async with client.subscribe("/**", start=hyperloom.AfterRevision(self.seen)) as items:
                async for item in items:
                    if not isinstance(item, Event):
                        continue
                    if item.revision != self.seen + 1:
                        self.meter.failed("python watcher", f"revision {item.revision} came after {self.seen}")
                    self.seen = item.revision
                    if item.revision % 10 == 0:
                        self.meter.lags.append(max(0.0, time.time() - item.time.timestamp()) * 1e3)

    def note(self) -> str:
        return (
            f"/session_{self.chance.randrange(40)}/agent_{self.chance.randrange(10)}/notes/{self.chance.randrange(25)}"
        )

    def text(self) -> str:
        return f"{self.chance.randrange(1_000_000)} {SENTENCE * 6}"[: 40 + self.chance.randrange(320)]

    async def publish(self, client: hyperloom.Client) -> None:
        kind = self.chance.randrange(100)
        if kind < 70:
            operations = [operation.put(self.note(), self.text())]
        elif kind < 90:
            operations = [operation.merge("/python/state", {f"key_{self.chance.randrange(20)}": kind})]
        else:
            operations = [operation.put(self.note(), {"text": self.text()}) for _ in range(5)]
        await self.meter.time("python publish", client.publish(operations))

    async def count(self, client: hyperloom.Client) -> None:
        await self.meter.time("python publish", client.increment(TOTAL))
        self.total += 1

    async def get(self, client: hyperloom.Client) -> None:
        await self.meter.time("python get", client.find(self.note()))

    async def list(self, client: hyperloom.Client) -> None:
        await self.meter.time("python list", client.list("/python", depth=0).all())

    async def speculate(self, client: hyperloom.Client) -> None:
        path = f"/drafts/{self.chance.randrange(24)}/python"

        async def work(ghost: Ghost, _attempt: Attempt) -> None:
            await ghost.put(path, self.text())

        async def verify(_ghost: Ghost, _result: None) -> str | None:
            return "not yet" if self.chance.random() < 0.3 else None

        await self.meter.time(
            "python speculate", client.speculate(work, verify, ttl=TTL_SECONDS), (hyperloom.SpeculationFailed,)
        )

    async def lock(self, client: hyperloom.Client) -> None:
        path = f"/plans/{self.chance.randrange(24)}"

        async def work() -> None:
            async with client.lock(path, wait=5, ttl=TTL_SECONDS) as lock:
                await lock.put(f"{path}/python", self.text())

        await self.meter.time("python lock", work(), (hyperloom.LockedError, hyperloom.DeadlockError))

    async def lease(self, client: hyperloom.Client) -> None:
        async def work() -> None:
            async with client.lease(ttl=TTL_SECONDS) as lease:
                await client.put(f"/agents/python_{self.chance.randrange(100)}", "here", lease=lease)

        await self.meter.time("python lease", work())

    async def visit(self) -> None:
        """A connection of its own that subscribes for a while; some are slow."""
        is_slow = self.chance.random() < 0.33
        pattern = "/**" if self.chance.random() < 0.4 else f"/session_{self.chance.randrange(40)}/**"
        end = time.perf_counter() + self.visit_seconds * (0.125 + self.chance.random() * 0.875)
        async with hyperloom.connect(self.address, author="python-visitor", track_basis=False) as client:
            try:
                async with client.subscribe(pattern, bookmarks=True, bookmark_interval=1) as items:
                    async for _ in items:
                        if self.stop.is_set() or time.perf_counter() > end:
                            return
                        if is_slow:
                            await asyncio.sleep(SLOW_SECONDS)
            except hyperloom.RevisionError:
                # So far behind that its history was given up.
                if not is_slow:
                    raise


def main() -> None:
    address, factor, sample_seconds, visit_seconds = sys.argv[1:5]
    load = Load(address, float(factor), float(visit_seconds))
    asyncio.run(load.run(float(sample_seconds)))


if __name__ == "__main__":
    main()
