"""AutoGen over Hyperloom: a memory that agents share, and the state of teams. `pip install 'hyperloom[autogen]'`.

```python
from autogen_agentchat.agents import AssistantAgent
from hyperloom.autogen import HyperloomMemory, HyperloomStateStore

agent = AssistantAgent("assistant", model_client, memory=[HyperloomMemory("user 1")])

async with HyperloomStateStore("127.0.0.1:7400") as states:
    await states.load("desk", team)
    await team.run(task="…")
    await states.save("desk", team)
```

How contents and states lie in the tree is in docs/frameworks/autogen.md.
"""

try:
    import autogen_core as _autogen_core  # noqa: F401
except ImportError as error:
    raise ImportError("hyperloom.autogen needs AutoGen: pip install 'hyperloom[autogen]'") from error

from hyperloom.autogen._embedding import Embed
from hyperloom.autogen._errors import (
    InvalidIdError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
    TooLargeError,
)
from hyperloom.autogen._memory import HyperloomMemory, HyperloomMemoryConfig
from hyperloom.autogen._states import HasState, HyperloomStateStore

__all__ = [
    "Embed",
    "HasState",
    "HyperloomMemory",
    "HyperloomMemoryConfig",
    "HyperloomStateStore",
    "InvalidIdError",
    "NotStorableError",
    "StorageError",
    "StorageUnavailableError",
    "TooLargeError",
]
