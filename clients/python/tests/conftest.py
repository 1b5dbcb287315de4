"""A real broker for the tests, on a free port, with a data folder of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

import hyperloom
from tests.acme import Acme
from tests.support import BrokerProcess, start_broker

_numbers = count(1)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    """One broker for all tests that do not harm it."""
    process = start_broker(tmp_path_factory.mktemp("broker"))
    yield process
    process.stop()


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[BrokerProcess]:
    """A broker that the test may kill and start again."""
    process = start_broker(tmp_path)
    yield process
    process.stop()


@pytest.fixture
async def client(broker: BrokerProcess) -> AsyncIterator[hyperloom.Client]:
    """An asyncio client of the session's broker."""
    async with hyperloom.connect(broker.address, author="tester") as connected:
        yield connected


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Acme:
    """A team's own messages."""
    return Acme(tmp_path_factory.mktemp("acme"))


@pytest.fixture
async def typed_forest(client: hyperloom.Client, acme: Acme) -> str:
    """A forest of the test's own, with those messages as its schema."""
    forest = await client.forests.create(f"typed_{next(_numbers)}")
    owner = client.as_agent("owner", forest=forest.name)
    await owner.schemas.register("acme", hyperloom.DescriptorSet(acme.descriptor_set))
    return forest.name


@pytest.fixture
def tree() -> str:
    """A tree of the test's own."""
    return f"/test_{next(_numbers)}"
