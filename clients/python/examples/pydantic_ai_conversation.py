"""An agent of Pydantic AI whose conversations are in Hyperloom. Needs a broker but no network: the model is a function.

npx hyperloom serve &
pip install 'hyperloom[pydantic-ai]'
python examples/pydantic_ai_conversation.py
"""

import asyncio

from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from hyperloom.pydantic_ai import HyperloomConversationStore


def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """In place of a real model: `Agent("openai:gpt-5")`, and OPENAI_API_KEY."""
    return ModelResponse(parts=[TextPart(f"I have seen {len(messages)} messages.")])


async def main() -> None:
    agent = Agent(FunctionModel(answer))
    async with HyperloomConversationStore() as store:
        await store.delete("user 1")
        await store.delete("what if")
        result = await store.run(agent, "How many people live in Paris?", conversation_id="user 1")
        print(result.output)

    # Another process, another day: the conversation goes on, and another one branches off its beginning.
    async with HyperloomConversationStore() as store:
        result = await store.run(agent, "And in London?", conversation_id="user 1")
        print(result.output)
        await store.fork("user 1", at=2, new_conversation_id="what if")
        result = await store.run(agent, "And in Rome?", conversation_id="what if")
        print(result.output)
        for record in sorted(await store.list_conversations(), key=lambda each: each.conversation_id):
            print(record.conversation_id, "of", record.forked_from, record.usage.requests)


asyncio.run(main())
