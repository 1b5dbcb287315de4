"""Sessions of the OpenAI Agents SDK that live in Hyperloom.

```python
from agents import Agent, Runner
from hyperloom.openai_agents import HyperloomSession

session = HyperloomSession("session_1")  # the broker at HYPERLOOM_ADDRESS, or 127.0.0.1:7400
result = await Runner.run(Agent(name="Assistant"), "Hello", session=session)
```

Needs the extra: `pip install 'hyperloom[openai-agents]'`. How a session lies in the tree is in
docs/frameworks/openai-agents-layout.md; sessions of the TypeScript package `@hyperloom/openai-agents` are the same.
"""

try:
    import agents as _agents  # noqa: F401
except ImportError as error:
    raise ImportError(
        "hyperloom.openai_agents needs the OpenAI Agents SDK: pip install 'hyperloom[openai-agents]'"
    ) from error

from hyperloom._adapters.link import Broker
from hyperloom.openai_agents._errors import SessionError, SessionUnavailableError
from hyperloom.openai_agents._session import HyperloomSession
from hyperloom.openai_agents._speculate import speculative_tool, tell_reasons

__all__ = ["Broker", "HyperloomSession", "SessionError", "SessionUnavailableError", "speculative_tool", "tell_reasons"]
