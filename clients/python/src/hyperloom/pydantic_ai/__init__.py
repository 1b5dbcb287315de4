"""Conversations of Pydantic AI that live in Hyperloom.

```python
from pydantic_ai import Agent
from hyperloom.pydantic_ai import HyperloomConversationStore

store = HyperloomConversationStore()  # the broker at HYPERLOOM_ADDRESS, or 127.0.0.1:7400
result = await store.run(Agent("openai:gpt-5"), "Hello", conversation_id="user 1")
```

Needs the extra: `pip install 'hyperloom[pydantic-ai]'`. How conversations lie in the tree is in
docs/frameworks/pydantic-ai.md.
"""

try:
    import pydantic_ai as _pydantic_ai  # noqa: F401
    import pydantic_ai.conversation_store as _conversation_store  # noqa: F401
except ImportError as error:
    raise ImportError(
        "hyperloom.pydantic_ai needs Pydantic AI, 2.68 or newer: pip install 'hyperloom[pydantic-ai]'"
    ) from error

from hyperloom._adapters.link import Broker
from hyperloom.pydantic_ai._errors import SpoiledConversationError, StoreError, StoreUnavailableError
from hyperloom.pydantic_ai._store import HyperloomConversationStore

__all__ = [
    "Broker",
    "HyperloomConversationStore",
    "SpoiledConversationError",
    "StoreError",
    "StoreUnavailableError",
]
