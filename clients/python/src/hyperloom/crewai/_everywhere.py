"""All of CrewAI at once: what is built without a store of its own takes these."""

from __future__ import annotations

from crewai.flow.persistence.factory import set_flow_persistence_factory
from crewai.memory.storage.factory import set_memory_storage_factory

from hyperloom.crewai._flows import HyperloomFlowPersistence
from hyperloom.crewai._storage import HyperloomStorage
from hyperloom.crewai._way import Broker


def use_hyperloom(
    broker: Broker = None, *, memory_root: str = "/crewai/memory", flows_root: str = "", author: str = "crewai"
) -> None:
    """Lets every crew, agent and flow of this process that is built from now on remember in Hyperloom.

    `Crew(memory=True)` and the memory that each flow has get a `HyperloomStorage`, and `@persist()` a
    `HyperloomFlowPersistence`; one that is given a store of its own keeps it. Call it once, where the program begins.
    """
    # Flows and crews build memories all the time, and close some of them: which takes nothing from the others.
    persistence = HyperloomFlowPersistence(broker, root=flows_root, author=author)
    storage = HyperloomStorage(broker, root=memory_root, author=author)
    set_flow_persistence_factory(lambda: persistence)
    set_memory_storage_factory(lambda spec: storage if spec in ("lancedb", "qdrant-edge") else None)
