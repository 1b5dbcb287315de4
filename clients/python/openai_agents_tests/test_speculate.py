"""Goal: a tool's work is seen outside only when its verifier has accepted it; the next attempt and the model know why.

Method: the SDK's own runner and fake model, whose tool is refused, against a real broker.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, cast

import pytest
from agents import Agent, Runner
from agents.exceptions import UserError
from agents.testing import ScriptedModel, assistant_message, function_call

import hyperloom
from hyperloom import Attempt, Ghost
from hyperloom.openai_agents import speculative_tool


async def positive(ghost: Ghost, path: str) -> bool | str:
    """Accepts prices that are one."""
    return (await ghost.get(path)).value > 0 or "a price cannot be negative"


async def run_tool(tool: Any, arguments: dict[str, Any]) -> str:
    """What the model is told when it calls the tool."""
    steps = [[function_call(tool.name, arguments, call_id="call_1")], [assistant_message("done")]]
    model = ScriptedModel(steps)
    await Runner.run(Agent(name="Assistant", model=model, tools=[tool]), "Go", max_turns=3)
    return str(cast(Any, model.calls[1]).input[-1]["output"])


async def test_refused_work_is_done_again_with_the_reasons(client: hyperloom.Client, root: str) -> None:
    seen: list[tuple[int, tuple[str, ...], object]] = []

    @speculative_tool(client, positive, retries=2)
    async def price(ghost: Ghost, attempt: Attempt, flight: str, bags: int = 0) -> str:
        """Finds the price of a flight.

        Args:
            flight: Its number.
        """
        path = f"{root}/{flight}"
        seen.append((attempt.number, attempt.reasons, await client.find(path)))
        await ghost.put(path, -1 if attempt.number < 3 else 129 + bags)
        return path

    assert (price.name, price.description) == ("price", "Finds the price of a flight.")
    properties = price.params_json_schema["properties"]
    assert {name: each["type"] for name, each in properties.items()} == {"flight": "string", "bags": "integer"}
    assert properties["flight"]["description"] == "Its number."
    assert await run_tool(price, {"flight": "LH1", "bags": 2}) == f"{root}/LH1"
    refused = "a price cannot be negative"
    assert seen == [(1, (), None), (2, (refused,), None), (3, (refused, refused), None)]
    assert (await client.get(f"{root}/LH1")).value == 131


async def test_the_model_is_told_why_no_attempt_passed_and_nothing_was_changed(
    client: hyperloom.Client, root: str
) -> None:
    @speculative_tool(client, positive, retries=1, scope=root)
    async def price(ghost: Ghost, attempt: Attempt) -> str:
        await ghost.put(f"{root}/price", -attempt.number)
        return f"{root}/price"

    told = await run_tool(price, {})
    assert told.startswith("Nothing was changed: all 2 attempts were refused")
    assert told.endswith("1. a price cannot be negative\n2. a price cannot be negative")
    assert await client.find(f"{root}/price") is None


async def test_what_the_work_raises_reverts_it_and_is_told_as_the_sdk_does(client: hyperloom.Client, root: str) -> None:
    @speculative_tool(client)
    async def fail(ghost: Ghost, attempt: Attempt) -> None:
        await ghost.put(f"{root}/half", 1)
        raise RuntimeError("secret")

    assert "secret" not in await run_tool(fail, {})
    assert await client.find(f"{root}/half") is None


async def test_calls_at_once_work_in_ghosts_of_their_own(client: hyperloom.Client, root: str) -> None:
    @speculative_tool(client)
    async def note(ghost: Ghost, attempt: Attempt, text: str) -> str:
        await ghost.append(f"{root}/notes", [text])
        return text

    calls = [function_call("note", json.dumps({"text": text}), call_id=text) for text in "abc"]
    model = ScriptedModel([calls, [assistant_message("done")]])
    await Runner.run(Agent(name="Assistant", model=model, tools=[note]), "Go")
    assert sorted((await client.get(f"{root}/notes")).value) == ["a", "b", "c"]


def test_what_cannot_be_such_a_tool_is_refused() -> None:
    with pytest.raises(UserError, match="not str"):
        speculative_tool(cast(Any, "127.0.0.1:7400"))

    async def bad() -> None:
        async with hyperloom.connect() as client:
            with pytest.raises(UserError, match="a ghost and an attempt"):
                speculative_tool(client)(cast(Any, lambda ghost, attempt: None))

    asyncio.run(bad())
