"""LangGraph over Hyperloom: a checkpointer, a store, and nodes that work in ghosts.

```python
from hyperloom.langgraph import HyperloomSaver, HyperloomStore

with HyperloomSaver("127.0.0.1:7400") as checkpointer, HyperloomStore("127.0.0.1:7400") as store:
    graph = builder.compile(checkpointer=checkpointer, store=store)
```

Needs the extra: `pip install 'hyperloom[langgraph]'`. Threads are shared with graphs in JavaScript; how they are stored
is in docs/frameworks/langgraph-layout.md.
"""

from hyperloom.langgraph._errors import (
    InvalidIdError,
    NotStorableError,
    ThreadConflictError,
    TooLargeError,
    UnreadableValueError,
)
from hyperloom.langgraph._saver import HyperloomSaver
from hyperloom.langgraph._speculative import speculative, tell_reasons
from hyperloom.langgraph._store import HyperloomStore

__all__ = [
    "HyperloomSaver",
    "HyperloomStore",
    "InvalidIdError",
    "NotStorableError",
    "ThreadConflictError",
    "TooLargeError",
    "UnreadableValueError",
    "speculative",
    "tell_reasons",
]
