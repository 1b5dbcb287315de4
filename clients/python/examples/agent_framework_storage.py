"""An agent and a workflow of the Microsoft Agent Framework that live in Hyperloom. Needs a broker but no network: the
chat client is a script.

npx hyperloom serve &
pip install 'hyperloom[agent-framework]'
python examples/agent_framework_storage.py
"""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Mapping, Sequence
from typing import Any

from agent_framework import (
    Agent,
    BaseChatClient,
    ChatResponse,
    ChatResponseUpdate,
    Executor,
    FunctionInvocationLayer,
    Message,
    ResponseStream,
    Workflow,
    WorkflowBuilder,
    WorkflowContext,
    handler,
)

from hyperloom.agent_framework import HyperloomCheckpointStorage, HyperloomHistoryProvider


class Script(FunctionInvocationLayer[Any], BaseChatClient[Any]):
    """In place of a real model: `OpenAIChatClient()` of agent-framework-openai, and OPENAI_API_KEY."""

    def _inner_get_response(
        self, *, messages: Sequence[Message], stream: bool, options: Mapping[str, Any], **kwargs: Any
    ) -> Awaitable[ChatResponse[Any]] | ResponseStream[ChatResponseUpdate, ChatResponse[Any]]:
        async def respond() -> ChatResponse[Any]:
            said = Message(role="assistant", contents=[f"I have seen {len(messages)} messages."])
            return ChatResponse(messages=[said])

        async def updates() -> AsyncIterable[ChatResponseUpdate]:
            for message in (await respond()).messages:
                yield ChatResponseUpdate(role="assistant", contents=message.contents)

        return self._build_response_stream(updates()) if stream else respond()


class Double(Executor):
    """Doubles until there is enough."""

    @handler
    async def double(self, number: int, context: WorkflowContext[int, int]) -> None:
        if number > 100:
            await context.yield_output(number)
        else:
            await context.send_message(number * 2)


def workflow(storage: HyperloomCheckpointStorage) -> Workflow:
    """Two executors that hand a number to and fro."""
    one, other = Double(id="one"), Double(id="other")
    builder = WorkflowBuilder(name="doubling", start_executor=one, output_from=[one, other], checkpoint_storage=storage)
    return builder.add_edge(one, other).add_edge(other, one).build()


async def main() -> None:
    for question in ("How many people live in Paris?", "And in London?"):
        # Each time as in another process: the session's id is all that is kept.
        async with HyperloomHistoryProvider() as history:
            if question.startswith("How"):
                await history.clear("user 1")
            agent = Agent(Script(), context_providers=[history])
            print((await agent.run(question, session=agent.create_session(session_id="user 1"))).text)

    async with HyperloomCheckpointStorage() as storage:
        for old in await storage.list_checkpoint_ids(workflow_name="doubling"):
            await storage.delete(old)
        print("from the beginning:", (await workflow(storage).run(3)).get_outputs())
        made = await storage.list_checkpoint_ids(workflow_name="doubling")
        again = await workflow(storage).run(checkpoint_id=made[2])
        print("from the third of", len(made), "checkpoints:", again.get_outputs())


asyncio.run(main())
