"""Histories, sessions and checkpoints of the Microsoft Agent Framework that live in Hyperloom.

```python
from agent_framework import Agent
from hyperloom.agent_framework import HyperloomHistoryProvider

agent = Agent(client, context_providers=[HyperloomHistoryProvider()])  # HYPERLOOM_ADDRESS, or 127.0.0.1:7400
result = await agent.run("Hello", session=agent.create_session(session_id="user 1"))
```

Needs the extra: `pip install 'hyperloom[agent-framework]'`. How all of it lies in the tree is in
docs/frameworks/agent-framework.md.
"""

try:
    import agent_framework as _agent_framework  # noqa: F401
except ImportError as error:
    raise ImportError(
        "hyperloom.agent_framework needs the Microsoft Agent Framework: pip install 'hyperloom[agent-framework]'"
    ) from error

from hyperloom._adapters.link import Broker
from hyperloom.agent_framework._checkpoint_storage import HyperloomCheckpointStorage
from hyperloom.agent_framework._errors import (
    CheckpointStorageError,
    CheckpointStorageUnavailableError,
    InvalidIdError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
)
from hyperloom.agent_framework._history_provider import HyperloomHistoryProvider
from hyperloom.agent_framework._session_store import HyperloomSessionStore

__all__ = [
    "Broker",
    "CheckpointStorageError",
    "CheckpointStorageUnavailableError",
    "HyperloomCheckpointStorage",
    "HyperloomHistoryProvider",
    "HyperloomSessionStore",
    "InvalidIdError",
    "NotStorableError",
    "StorageError",
    "StorageUnavailableError",
]
