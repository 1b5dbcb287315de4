"""The broker of the client's own tests, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

import hyperloom
from framework_tests.adk import Services
from framework_tests.conversations import Stores
from hyperloom.google_adk import HyperloomSessionService
from hyperloom.pydantic_ai import HyperloomConversationStore
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
def services(broker: BrokerProcess, root: str) -> Iterator[Services]:
    """Makes services with connections of their own."""
    made: list[HyperloomSessionService] = []

    def make() -> HyperloomSessionService:
        made.append(HyperloomSessionService(broker.address, root=root))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def service(services: Services) -> HyperloomSessionService:
    """One service."""
    return services()


@pytest.fixture
def stores(broker: BrokerProcess, root: str) -> Iterator[Stores]:
    """Makes stores with connections of their own."""
    made: list[HyperloomConversationStore] = []

    def make() -> HyperloomConversationStore:
        made.append(HyperloomConversationStore(broker.address, root=root))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def store(stores: Stores) -> HyperloomConversationStore:
    """One store."""
    return stores()
