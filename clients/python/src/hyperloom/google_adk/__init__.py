"""Session and memory services of the Agent Development Kit (Google ADK) that live in Hyperloom.

```python
from google.adk.runners import Runner
from hyperloom.google_adk import HyperloomMemoryService, HyperloomSessionService

runner = Runner(
    app_name="my_app",
    agent=agent,
    session_service=HyperloomSessionService(),  # the broker at HYPERLOOM_ADDRESS, or 127.0.0.1:7400
    memory_service=HyperloomMemoryService(),
)
```

Needs the extra: `pip install 'hyperloom[google-adk]'`. How apps, users and sessions lie in the tree is in
docs/frameworks/google-adk.md.
"""

try:
    import google.adk as _adk  # noqa: F401
except ImportError as error:
    raise ImportError(
        "hyperloom.google_adk needs the Agent Development Kit: pip install 'hyperloom[google-adk]'"
    ) from error

from hyperloom._adapters.link import Broker
from hyperloom.google_adk._errors import ServiceError, ServiceUnavailableError, SpoiledSessionError
from hyperloom.google_adk._memory_service import HyperloomMemoryService
from hyperloom.google_adk._session_service import HyperloomSessionService

__all__ = [
    "Broker",
    "HyperloomMemoryService",
    "HyperloomSessionService",
    "ServiceError",
    "ServiceUnavailableError",
    "SpoiledSessionError",
]
