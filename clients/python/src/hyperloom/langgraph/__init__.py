"""LangGraph over Hyperloom: a checkpointer and a store. `pip install 'hyperloom[langgraph]'`.

```python
from hyperloom.langgraph import HyperloomSaver, HyperloomStore

with HyperloomSaver("127.0.0.1:7400") as checkpointer, HyperloomStore("127.0.0.1:7400") as store:
    graph = builder.compile(checkpointer=checkpointer, store=store)
```

Threads are shared with graphs in JavaScript; how they are stored is in docs/langgraph-layout.md.
"""

from hyperloom.langgraph._errors import (
    InvalidIdError,
    NotStorableError,
    ThreadConflictError,
    TooLargeError,
    UnreadableValueError,
)
from hyperloom.langgraph._saver import HyperloomSaver
from hyperloom.langgraph._store import HyperloomStore

__all__ = [
    "HyperloomSaver",
    "HyperloomStore",
    "InvalidIdError",
    "NotStorableError",
    "ThreadConflictError",
    "TooLargeError",
    "UnreadableValueError",
]
