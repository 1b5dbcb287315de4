"""CrewAI over Hyperloom: memory that crews share, and flows that go on. `pip install 'hyperloom[crewai]'`.

```python
from crewai import Crew, Memory
from hyperloom.crewai import HyperloomFlowPersistence, HyperloomStorage

crew = Crew(agents=[…], tasks=[…], memory=Memory(storage=HyperloomStorage("127.0.0.1:7400")))

@persist(HyperloomFlowPersistence("127.0.0.1:7400"))
class Review(Flow[ReviewState]): …
```

Or, for all crews and flows of a process: `use_hyperloom("127.0.0.1:7400")`.
How records and states lie in the tree is in docs/frameworks/crewai.md.
"""

try:
    import crewai as _crewai  # noqa: F401
except ImportError as error:
    raise ImportError("hyperloom.crewai needs CrewAI: pip install 'hyperloom[crewai]'") from error

from hyperloom.crewai._errors import (
    InvalidScopeError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
    TooLargeError,
)
from hyperloom.crewai._everywhere import use_hyperloom
from hyperloom.crewai._flows import HyperloomFlowPersistence
from hyperloom.crewai._storage import HyperloomStorage
from hyperloom.crewai._way import Broker

__all__ = [
    "Broker",
    "HyperloomFlowPersistence",
    "HyperloomStorage",
    "InvalidScopeError",
    "NotStorableError",
    "StorageError",
    "StorageUnavailableError",
    "TooLargeError",
    "use_hyperloom",
]
