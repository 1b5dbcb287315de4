"""An agent of the OpenAI Agents SDK whose memory is in Hyperloom. Needs a broker but no network: the model is a script.

npx hyperloom serve &
pip install 'hyperloom[openai-agents]'
python examples/openai_agents_session.py
"""

import asyncio

from agents import Agent, Runner, function_tool, set_tracing_disabled
from agents.testing import ScriptedModel, assistant_message, function_call

from hyperloom.openai_agents import HyperloomSession

set_tracing_disabled(True)  # Traces would go to OpenAI.


@function_tool
def inhabitants(city: str) -> str:
    """How many people live in a city."""
    return {"Paris": "2.1 million"}.get(city, "unknown")


# In place of a real model: delete `model=` below, and set OPENAI_API_KEY.
SCRIPT = ScriptedModel(
    [
        [function_call("inhabitants", {"city": "Paris"}, call_id="call_1")],
        [assistant_message("Paris has 2.1 million inhabitants.")],
        [assistant_message("You asked about Paris.")],
    ]
)


async def main() -> None:
    agent = Agent(name="Assistant", tools=[inhabitants], model=SCRIPT)
    async with HyperloomSession("user 1") as session:
        await session.clear_session()
        result = await Runner.run(agent, "How many people live in Paris?", session=session)
        print(result.final_output)

    # Another process, another day: the session knows what was said.
    async with HyperloomSession("user 1") as session:
        result = await Runner.run(agent, "Which city did I ask about?", session=session)
        print(result.final_output)
        items = await session.get_items()
        print(len(items), "items below", f"{session.path},", "the newest by", items[-1].get("role"))


asyncio.run(main())
