"""Goal: agents and workflows of the three frameworks remember over processes and over restarts of the broker.

Method: each framework's own runner with a scripted model, against a real broker that is killed in the middle of a run;
and the examples, as a reader would run them.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from agent_framework import Executor, WorkflowBuilder, WorkflowContext, handler
from google.adk.agents import LlmAgent
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.adk.runners import Runner
from google.genai import types
from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel

import hyperloom
from hyperloom.agent_framework import HyperloomCheckpointStorage, HyperloomHistoryProvider
from hyperloom.google_adk import HyperloomSessionService
from hyperloom.pydantic_ai import HyperloomConversationStore
from tests.support import BrokerProcess

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


class Crash:
    """Kills the broker, and has it come back while the run goes on."""

    def __init__(self, broker: BrokerProcess) -> None:
        self._broker = broker
        self.restarting: asyncio.Task[None] | None = None

    async def happen(self) -> str:
        """Once."""
        if self.restarting is None:
            await asyncio.to_thread(self._broker.kill)
            self.restarting = asyncio.create_task(asyncio.to_thread(self._broker.start))
        return "back soon"


class Script(BaseLlm):
    """Calls the tool for each message of the user, then answers."""

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        last = (llm_request.contents[-1].parts or [types.Part(text="")])[-1]
        part = types.Part(function_call=types.FunctionCall(name="happen", args={}))
        if last.function_response is not None:
            part = types.Part(text=f"seen {len(llm_request.contents)}")
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


async def test_a_run_of_the_kit_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    crash = Crash(own_broker)
    answers: list[str | None] = []
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        for text in ("hello", "again"):
            service = HyperloomSessionService(client)
            agent = LlmAgent(name="agent", model=Script(model="script"), tools=[crash.happen])
            runner = Runner(app_name="app", agent=agent, session_service=service, auto_create_session=True)
            message = types.Content(role="user", parts=[types.Part(text=text)])
            async for event in runner.run_async(user_id="ann", session_id="1", new_message=message):
                if event.is_final_response() and event.content and event.content.parts:
                    answers.append(event.content.parts[0].text)
        session = await HyperloomSessionService(client).get_session(app_name="app", user_id="ann", session_id="1")
    assert crash.restarting is not None and answers == ["seen 3", "seen 7"]
    assert session is not None and [event.author for event in session.events] == ["user", "agent", "agent", "agent"] * 2


async def test_a_run_of_pydantic_ai_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    crash = Crash(own_broker)
    agent = Agent(TestModel(custom_output_text="done"))
    agent.tool_plain(crash.happen)
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        store = HyperloomConversationStore(client)
        for text in ("hello", "again"):
            assert (await store.run(agent, text, conversation_id="c")).output == "done"
        conversation = await store.load("c")
    assert crash.restarting is not None and conversation is not None and len(conversation.messages) == 6


class Step(Executor):
    """Crashes once on the way."""

    def __init__(self, name: str, crash: Crash) -> None:
        super().__init__(id=name)
        self._crash = crash

    @handler
    async def step(self, number: int, context: WorkflowContext[int, int]) -> None:
        """Counts to six."""
        if number == 3:
            await self._crash.happen()
        if number == 6:
            await context.yield_output(number)
        else:
            await context.send_message(number + 1)


async def test_a_workflow_goes_on_across_a_kill_of_the_broker_and_from_any_checkpoint(
    own_broker: BrokerProcess,
) -> None:
    crash = Crash(own_broker)

    def workflow(storage: HyperloomCheckpointStorage) -> Any:
        one, other = Step("one", crash), Step("other", crash)
        builder = WorkflowBuilder(
            name="count", start_executor=one, output_from=[one, other], checkpoint_storage=storage
        )
        return builder.add_edge(one, other).add_edge(other, one).build()

    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        assert (await workflow(HyperloomCheckpointStorage(client)).run(1)).get_outputs() == [6]
        assert crash.restarting is not None
        await crash.restarting
        storage = HyperloomCheckpointStorage(client)
        ids = await storage.list_checkpoint_ids(workflow_name="count")
        assert len(ids) >= 6
        for checkpoint_id in ids[1:5]:
            assert (await workflow(storage).run(checkpoint_id=checkpoint_id)).get_outputs() == [6]


def example(name: str, broker: BrokerProcess) -> list[str]:
    """What an example prints."""
    environment = {**os.environ, "HYPERLOOM_ADDRESS": broker.address}
    command = [sys.executable, str(EXAMPLES / name)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("turn", ["first", "second"])
def test_the_example_of_the_kit_tells_what_it_promises(broker: BrokerProcess, turn: str) -> None:
    assert example("google_adk_session.py", broker) == [
        "I will remember that.",
        "I have seen 5 messages.",
        "6 events; seat: window",
        "remembered: I like the window.",
    ]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_the_example_of_pydantic_ai_tells_what_it_promises(broker: BrokerProcess, turn: str) -> None:
    assert example("pydantic_ai_conversation.py", broker) == [
        "I have seen 1 messages.",
        "I have seen 3 messages.",
        "I have seen 3 messages.",
        "user 1 of None 2",
        "what if of user 1 1",
    ]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_the_example_of_the_agent_framework_tells_what_it_promises(broker: BrokerProcess, turn: str) -> None:
    assert example("agent_framework_storage.py", broker) == [
        "I have seen 1 messages.",
        "I have seen 3 messages.",
        "from the beginning: [192]",
        "from the third of 8 checkpoints: [192]",
    ]


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("google_adk", "google.adk", "google-adk"),
        ("pydantic_ai", "pydantic_ai", "pydantic-ai"),
        ("agent_framework", "agent_framework", "agent-framework"),
    ],
)
def test_without_the_framework_the_error_says_what_to_install(module: str, package: str, extra: str) -> None:
    program = f"import sys; sys.modules['{package}'] = None; import hyperloom.{module}"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 1
    assert f"pip install 'hyperloom[{extra}]'" in ran.stderr


def test_the_client_alone_imports_no_framework() -> None:
    names = "('google.adk', 'pydantic_ai', 'agent_framework')"
    program = f"import sys, hyperloom, hyperloom.sync; sys.exit(any(each in sys.modules for each in {names}))"
    assert subprocess.run([sys.executable, "-c", program], timeout=300).returncode == 0


async def test_a_provider_of_its_own_connection_serves_any_loop(broker: BrokerProcess, root: str) -> None:
    provider = HyperloomHistoryProvider(broker.address, root=root)
    await provider.save_messages("s", [])
    found = await asyncio.to_thread(lambda: asyncio.run(provider.get_messages("s")))
    assert found == await provider.get_messages("s") == []
    await asyncio.to_thread(provider.close)
