"""The broker of the client's own tests, and sessions on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count

import pytest
from agents import set_tracing_disabled

import hyperloom
from hyperloom.openai_agents import HyperloomSession
from tests.conftest import broker, own_broker
from tests.support import BrokerProcess

__all__ = ["broker", "own_broker"]

_numbers = count(1)

# It would send traces to OpenAI.
set_tracing_disabled(True)


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
def session_of(broker: BrokerProcess, root: str) -> Iterator[Callable[[str], HyperloomSession]]:
    """Makes sessions with connections of their own."""
    made: list[HyperloomSession] = []

    def make(session_id: str) -> HyperloomSession:
        made.append(HyperloomSession(session_id, broker.address, root=root))
        return made[-1]

    yield make
    for each in made:
        each.close()
