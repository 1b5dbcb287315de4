"""An agent of Google's Agent Development Kit whose sessions and memory are in Hyperloom. Needs a broker but no network:
the model is a script.

npx hyperloom serve &
pip install 'hyperloom[google-adk]'
python examples/google_adk_session.py
"""

import asyncio
from collections.abc import AsyncGenerator

from google.adk.agents import LlmAgent
from google.adk.models.base_llm import BaseLlm
from google.adk.models.llm_request import LlmRequest
from google.adk.models.llm_response import LlmResponse
from google.adk.runners import Runner
from google.adk.tools.tool_context import ToolContext
from google.genai import types

from hyperloom.google_adk import HyperloomMemoryService, HyperloomSessionService

APP = "travel"


class Script(BaseLlm):
    """In place of a real model: give the agent `model="gemini-3.5-flash"` instead, and set GOOGLE_API_KEY."""

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        last = (llm_request.contents[-1].parts or [types.Part(text="")])[-1]
        if last.function_response is not None:
            part = types.Part(text="I will remember that.")
        elif "window" in (last.text or ""):
            part = types.Part(function_call=types.FunctionCall(name="prefer", args={"seat": "window"}))
        else:
            part = types.Part(text=f"I have seen {len(llm_request.contents)} messages.")
        yield LlmResponse(content=types.Content(role="model", parts=[part]))


def prefer(seat: str, tool_context: ToolContext) -> str:
    """Notes where the user likes to sit."""
    tool_context.state["user:seat"] = seat
    return "noted"


async def main() -> None:
    agent = LlmAgent(name="assistant", model=Script(model="script"), tools=[prefer])
    async with HyperloomSessionService() as sessions, HyperloomMemoryService() as memory:
        runner = Runner(app_name=APP, agent=agent, session_service=sessions, memory_service=memory)
        await sessions.delete_session(app_name=APP, user_id="ann", session_id="trip")
        await sessions.create_session(app_name=APP, user_id="ann", session_id="trip")
        for text in ("I like the window.", "What did I say?"):
            message = types.Content(role="user", parts=[types.Part(text=text)])
            async for event in runner.run_async(user_id="ann", session_id="trip", new_message=message):
                if event.is_final_response() and event.content and event.content.parts:
                    print(event.content.parts[0].text)

        session = await sessions.get_session(app_name=APP, user_id="ann", session_id="trip")
        if session is not None:
            await memory.add_session_to_memory(session)
            print(len(session.events), "events; seat:", session.state["user:seat"])
        found = await memory.search_memory(app_name=APP, user_id="ann", query="which window?")
        print("remembered:", (found.memories[0].content.parts or [])[0].text)


asyncio.run(main())
