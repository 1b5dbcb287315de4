"""The broker of the client's own tests, and memories on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import pytest

import hyperloom
from hyperloom.autogen import HyperloomMemory, HyperloomStateStore
from tests.conftest import broker, own_broker
from tests.support import BrokerProcess

__all__ = ["broker", "own_broker"]

_numbers = count(1)


@pytest.fixture
async def client(broker: BrokerProcess) -> AsyncIterator[hyperloom.Client]:
    """A client of asyncio."""
    async with hyperloom.connect(broker.address, author="tester") as connected:
        yield connected


@pytest.fixture
def root() -> str:
    """A subtree of the test's own."""
    return f"/test_{next(_numbers)}"


@pytest.fixture
async def memory_of(broker: BrokerProcess, root: str) -> AsyncIterator[Callable[..., HyperloomMemory]]:
    """Makes memories with connections of their own: as several processes have."""
    made: list[HyperloomMemory] = []

    def make(name: str = "notes", **options: Any) -> HyperloomMemory:
        made.append(HyperloomMemory(name, broker.address, root=root, **options))
        return made[-1]

    yield make
    for each in made:
        await each.close()


@pytest.fixture
async def states(broker: BrokerProcess, root: str) -> AsyncIterator[HyperloomStateStore]:
    """States with a connection of their own."""
    async with HyperloomStateStore(broker.address, root=root) as store:
        yield store
