"""Starts, kills and restarts a real broker."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
NODE = REPOSITORY / "node_modules" / ".bin" / "node"
MAIN = REPOSITORY / "src" / "main.ts"
READY_SECONDS_MAX = 30.0


def free_port() -> int:
    """A port that nobody listens on, below those that systems give out.

    Of those a connection of somebody else could get one while a broker is down.
    """
    while True:
        port = random.randrange(10_000, 30_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class BrokerProcess:
    """A broker process and its address, which stays the same across restarts."""

    data: Path
    address: str = field(default_factory=lambda: f"127.0.0.1:{free_port()}")
    process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it and waits for the line that says it is ready."""
        command = [str(NODE), str(MAIN), "serve", "--listen", self.address, "--data", str(self.data / "data")]
        with (self.data / "broker.log").open("a") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self.data, start_new_session=True
            )
        guard = threading.Timer(READY_SECONDS_MAX, self.process.kill)
        guard.start()
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        guard.cancel()
        found = re.search(r"(\d+\.\d+\.\d+\.\d+:\d+)", line)
        if found is None:
            self._end(signal.SIGKILL)
            log_text = (self.data / "broker.log").read_text()[-2_000:]
            pytest.fail(f"the broker did not become ready; it said {line!r}\n{log_text}", pytrace=False)
        self.address = found.group(1)

    def kill(self) -> None:
        """SIGKILL: nothing is flushed."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as an operator would."""
        if self.process is not None:
            self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"the broker did not end within 15 s of {number.name}", pytrace=False)
        finally:
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


def start_broker(folder: Path) -> BrokerProcess:
    """Starts a broker with its data below a folder. Fails, rather than skips, where it cannot be run."""
    for needed in (NODE, MAIN):
        if not needed.exists():
            relative = needed.relative_to(REPOSITORY)
            pytest.fail(f"these tests need a real broker, but {relative} is missing: run `npm ci` first", pytrace=False)
    broker = BrokerProcess(folder)
    broker.start()
    return broker


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Waits for a condition that only the broker can tell."""
    for _ in range(3_000):
        if await holds():
            return
        await asyncio.sleep(0.01)
    pytest.fail("what was waited for did not come about within 30 s")


class Proxy:
    """A way to a broker that can be cut."""

    def __init__(self, address: str) -> None:
        self._host, _, self._port = address.rpartition(":")
        self._writers: set[asyncio.StreamWriter] = set()
        self.address = ""

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def cut(self) -> None:
        """Cuts what is connected, without a word. New connections are taken."""
        for writer in self._writers:
            writer.transport.abort()

    def close(self) -> None:
        """Cuts everything, for good."""
        self._server.close()
        self.cut()

    async def _join(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self._writers.add(near)
        with suppress(OSError):
            far_reader, far = await asyncio.open_connection(self._host, int(self._port))
            self._writers.add(far)
            await asyncio.gather(self._copy(near_reader, far), self._copy(far_reader, near))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
        self._writers.discard(writer)
