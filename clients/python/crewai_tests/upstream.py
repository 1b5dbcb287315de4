"""CrewAI's own tests, on our storages: `pytest -p crewai_tests.upstream FOLDER`.

Goal: what CrewAI promises of its stores holds for ours. Method: CrewAI's source distribution has its tests; wherever
they ask for a store of their own, by a path or by its class, they get one of ours in a subtree of that name, on a real
broker.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

import crewai_tests.conftest  # noqa: F401 - before CrewAI is imported, which would tell its makers of each crew
from hyperloom.crewai import HyperloomFlowPersistence, HyperloomStorage
from tests.support import BrokerProcess, start_broker


class Stores:
    """Stores by what CrewAI's tests call them."""

    def __init__(self, broker: BrokerProcess) -> None:
        """On a broker that runs."""
        self._broker = broker
        self._open: list[HyperloomStorage | HyperloomFlowPersistence] = []

    def memory(self, path: object = "lancedb", **_: object) -> HyperloomStorage:
        """The memory of that path; sizes of vectors and names of tables are another store's."""
        store = HyperloomStorage(self._broker.address, root=f"/memory_{_named(path)}")
        self._open.append(store)
        return store

    def flows(self, path: object = "flows", **_: object) -> HyperloomFlowPersistence:
        """The states of flows in that file."""
        store = HyperloomFlowPersistence(address=self._broker.address, root=f"/flows_{_named(path)}")
        self._open.append(store)
        return store

    def close(self) -> None:
        """What is left open holds up the broker's end."""
        assert self._open, "none of these tests has asked for a store: they run on CrewAI's own"
        for each in self._open:
            each.close()


def _named(path: object) -> str:
    return sha256(str(path).encode()).hexdigest()[:16]


@pytest.fixture(scope="session", autouse=True)
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Puts our stores in the place of CrewAI's."""
    broker = start_broker(tmp_path_factory.mktemp("broker"))
    stores = Stores(broker)
    # Its module needs a package that these tests have no use for.
    module: Any = types.ModuleType("crewai.memory.storage.lancedb_storage")
    module.LanceDBStorage = stores.memory
    sys.modules[module.__name__] = module
    importlib.import_module("crewai.memory.storage.factory").set_memory_storage_factory(stores.memory)
    importlib.import_module("crewai.flow.persistence.factory").set_flow_persistence_factory(stores.flows)
    flows: Any = importlib.import_module("crewai.flow.persistence.sqlite")
    flows.SQLiteFlowPersistence = stores.flows
    yield stores
    stores.close()
    broker.stop()
