"""The client for programs without asyncio: the same words, blocking.

```python
from hyperloom.sync import connect

with connect("127.0.0.1:7400", author="planner") as client:
    client.put("/session_1/goal", "find the bug")
```
"""

from hyperloom._sync.cancel import CancelScope
from hyperloom._sync.client import Client, connect
from hyperloom._sync.contexts import ContextWindow
from hyperloom._sync.forests import Forests
from hyperloom._sync.ghost import Ghost
from hyperloom._sync.lock import Lease, Lock
from hyperloom._sync.paged import Paged
from hyperloom._sync.reviews import Reviews
from hyperloom._sync.schemas import Schemas
from hyperloom._sync.subscription import ReviewSubscription, Subscription
from hyperloom._sync.typed import Typed, TypedPath, TypedSelection, TypedSubscription

__all__ = [
    "CancelScope",
    "Client",
    "ContextWindow",
    "Forests",
    "Ghost",
    "Lease",
    "Lock",
    "Paged",
    "ReviewSubscription",
    "Reviews",
    "Schemas",
    "Subscription",
    "Typed",
    "TypedPath",
    "TypedSelection",
    "TypedSubscription",
    "connect",
]
