"""Goal: agents of the SDK remember what was said, over turns, processes and restarts of the broker.

Method: the SDK's own runner and its own fake model, against a real broker.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from agents import Agent, Runner, function_tool
from agents.testing import ScriptedModel, assistant_message, function_call

import hyperloom
from hyperloom.openai_agents import HyperloomSession
from tests.support import BrokerProcess

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@function_tool
def weather(city: str) -> str:
    """The weather."""
    return f"sunny in {city}"


def said(items: Any) -> list[str]:
    """A run's items in short."""
    return [item.get("role") or item["type"] for item in items]


async def test_an_agent_remembers_over_turns_and_processes(broker: BrokerProcess, root: str) -> None:
    model = ScriptedModel(
        [
            [function_call("weather", {"city": "Oslo"}, call_id="call_1")],
            [assistant_message("It is sunny.")],
            [assistant_message("You asked about Oslo.")],
        ]
    )
    agent = Agent(name="Assistant", model=model, tools=[weather])
    async with HyperloomSession("user/1", broker.address, root=root) as session:
        first = await Runner.run(agent, "How is the weather in Oslo?", session=session)
        assert first.final_output == "It is sunny."
    async with HyperloomSession("user/1", broker.address, root=root) as session:
        second = await Runner.run(agent, "What did I ask?", session=session)
        assert second.final_output == "You asked about Oslo."
        items = await session.get_items()
    model.assert_complete()
    assert said(items) == ["user", "function_call", "function_call_output", "assistant", "user", "assistant"]
    assert cast(Any, items[2])["output"] == "sunny in Oslo"
    assert said(cast(Any, model.calls[2]).input) == said(items[:5])


async def test_a_run_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    @function_tool
    async def crash() -> str:
        """Kills the broker in the middle of the run, and has it come back while the run goes on."""
        await asyncio.to_thread(own_broker.kill)
        restarting.append(asyncio.create_task(asyncio.to_thread(own_broker.start)))
        return "back soon"

    restarting: list[asyncio.Task[None]] = []
    model = ScriptedModel(
        [
            [assistant_message("Hello.")],
            [function_call("crash", {}, call_id="call_1")],
            [assistant_message("Still here.")],
            [assistant_message("Yes.")],
        ]
    )
    agent = Agent(name="Assistant", model=model, tools=[crash])
    async with hyperloom.connect(own_broker.address, timeout=60) as client:
        session = HyperloomSession("chat", client)
        await Runner.run(agent, "Hello", session=session)
        assert (await Runner.run(agent, "Crash!", session=session)).final_output == "Still here."
        await restarting[0]
        assert (await Runner.run(agent, "Are you there?", session=session)).final_output == "Yes."
        items = await session.get_items()
    expected = ["user", "assistant", "user", "function_call", "function_call_output", "assistant", "user", "assistant"]
    assert said(items) == expected


async def test_streamed_runs_are_stored_too(broker: BrokerProcess, root: str) -> None:
    agent = Agent(name="Assistant", model=ScriptedModel([[assistant_message("one")], [assistant_message("two")]]))
    async with HyperloomSession("streamed", broker.address, root=root) as session:
        for text in ("first", "second"):
            streamed = Runner.run_streamed(agent, text, session=session)
            async for _ in streamed.stream_events():
                pass
        assert said(await session.get_items()) == ["user", "assistant", "user", "assistant"]


def test_blocking_runs_share_a_session(broker: BrokerProcess, root: str) -> None:
    model = ScriptedModel([[assistant_message("one")], [assistant_message("two")]])
    agent = Agent(name="Assistant", model=model)
    session = HyperloomSession("blocking", broker.address, root=root)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # It would take one that nobody closes.
    for text in ("first", "second"):
        Runner.run_sync(agent, text, session=session)
    loop.close()
    assert said(asyncio.run(session.get_items())) == ["user", "assistant", "user", "assistant"]
    session.close()


def test_the_example_tells_what_it_promises(own_broker: BrokerProcess) -> None:
    environment = {**os.environ, "HYPERLOOM_ADDRESS": own_broker.address}
    command = [sys.executable, str(EXAMPLES / "openai_agents_session.py")]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "Paris has 2.1 million inhabitants.",
        "You asked about Paris.",
        "6 items below /user 1/openai-agents, the newest by assistant",
    ]


def test_without_the_sdk_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['agents'] = None; import hyperloom.openai_agents"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "pip install 'hyperloom[openai-agents]'" in ran.stderr


def test_the_client_alone_does_not_import_the_sdk() -> None:
    program = "import sys, hyperloom, hyperloom.sync; sys.exit('agents' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
