"""The broker of the client's own tests, memories on it, and CrewAI without anything that would go to the network."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

# Before CrewAI is imported, which would tell its makers of each crew.
os.environ["CREWAI_DISABLE_TELEMETRY"] = "true"
os.environ["CREWAI_DISABLE_TRACKING"] = "true"
os.environ["CREWAI_TRACING_ENABLED"] = "false"
os.environ["OTEL_SDK_DISABLED"] = "true"
os.environ.pop("OPENAI_API_KEY", None)

with warnings.catch_warnings():
    # What its dependencies warn of while they are imported is not ours.
    warnings.simplefilter("ignore")
    import crewai.flow.flow  # noqa: F401
    from crewai.flow.persistence.factory import default_flow_persistence, set_flow_persistence_factory
    from crewai.memory.storage.factory import resolve_memory_storage, set_memory_storage_factory

import hyperloom.sync
from hyperloom.crewai import HyperloomFlowPersistence, HyperloomStorage, use_hyperloom
from tests.conftest import broker, own_broker
from tests.support import BrokerProcess

__all__ = ["broker", "own_broker"]

_numbers = count(1)


def pytest_configure(config: pytest.Config) -> None:
    """CrewAI asks each agent for a field of its own that is to go."""
    for message in ("function_calling_llm is deprecated", "deprecated"):
        config.addinivalue_line("filterwarnings", f"ignore:{message}:DeprecationWarning")


@pytest.fixture(autouse=True)
def everywhere(broker: BrokerProcess, root: str) -> Iterator[None]:
    """Flows have a memory that nobody asks for: here too."""
    use_hyperloom(broker.address, memory_root=f"{root}/everywhere", flows_root=f"{root}/flows")
    yield
    for used in (resolve_memory_storage("lancedb"), default_flow_persistence()):
        # What is left open holds up the broker's end.
        if isinstance(used, (HyperloomStorage, HyperloomFlowPersistence)):
            used.close()
    set_memory_storage_factory(None)
    set_flow_persistence_factory(None)


@pytest.fixture
def client(broker: BrokerProcess) -> Iterator[hyperloom.sync.Client]:
    """A blocking client."""
    with hyperloom.sync.connect(broker.address, author="tester") as connected:
        yield connected


@pytest.fixture
def root() -> str:
    """A subtree of the test's own."""
    return f"/test_{next(_numbers)}"


@pytest.fixture
def storage_of(broker: BrokerProcess, root: str) -> Iterator[Callable[..., HyperloomStorage]]:
    """Makes storages of one memory, each with a connection of its own: as several processes have."""
    made: list[HyperloomStorage] = []

    def make(**options: Any) -> HyperloomStorage:
        made.append(HyperloomStorage(broker.address, **{"root": f"{root}/memory", **options}))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def storage(storage_of: Callable[..., HyperloomStorage]) -> HyperloomStorage:
    """One storage."""
    return storage_of()
