"""An agent of AutoGen that remembers, and goes on, in Hyperloom. Needs a broker but no network: the model is a script.

npx hyperloom serve &
pip install 'hyperloom[autogen]' autogen-ext
python examples/autogen_memory.py
"""

import asyncio

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import MemoryQueryEvent
from autogen_core.memory import MemoryContent, MemoryMimeType
from autogen_ext.models.replay import ReplayChatCompletionClient

from hyperloom.autogen import HyperloomMemory, HyperloomStateStore


def assistant(memory: HyperloomMemory, *answers: str) -> AssistantAgent:
    # In place of a real model, such as autogen_ext.models.openai.OpenAIChatCompletionClient.
    return AssistantAgent("assistant", ReplayChatCompletionClient(list(answers)), memory=[memory])


async def main() -> None:
    async with HyperloomMemory("user 1") as memory, HyperloomStateStore() as states:
        await memory.clear()
        await memory.add(MemoryContent(content="The user wants metric units", mime_type=MemoryMimeType.TEXT))
        agent = assistant(memory, "It is 20 °C in Oslo.")
        result = await agent.run(task="How warm is it in Oslo?")
        print("assistant:", result.messages[-1].to_text())
        for message in result.messages:
            if isinstance(message, MemoryQueryEvent):
                print("it was told:", message.content[0].content)
        await states.save("chat with user 1", agent)

    # Another process, another day: it goes on from there.
    async with HyperloomMemory("user 1") as memory, HyperloomStateStore() as states:
        agent = assistant(memory, "You asked about Oslo.")
        await states.load("chat with user 1", agent)
        result = await agent.run(task="Which city did I ask about?")
        print("assistant:", result.messages[-1].to_text())


asyncio.run(main())
