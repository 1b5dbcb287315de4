"""The official Python client against a broker, over HTTP and over standard input and output, in both eras of the protocol.

Usage: client.py BROKER_URL NODE MAIN. Prints a line for each way that works, and fails at the first that does not.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from mcp.client import Client
from mcp.client.stdio import StdioServerParameters


async def story(client: Client, way: str) -> None:
    tools = await client.list_tools()
    assert len(tools.tools) == 19, len(tools.tools)
    path = f"/python/{way.replace(' ', '_')}"

    async def call(tool: str, **arguments: Any) -> dict[str, Any]:
        # The client checks each answer against the tool's output schema.
        result = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return dict(result.structured_content)

    put = {"op": "put", "path": path, "value": {"by": "python", "steps": [1, 2.5, None]}}
    first = await call("publish", operations=[put], label="first")
    read = await call("read", paths=[path, "/python/none"])
    assert read["nodes"][0]["value"] == put["value"], read
    assert read["missing"] == ["/python/none"], read
    ghost = await call("begin_ghost", label="from Python")
    ghost_id = ghost["ghost_id"]
    merge = {"op": "merge", "path": path, "patch": {"by": None}}
    await call("publish", operations=[merge], ghost_id=ghost_id)
    await call("checkpoint", ghost_id=ghost_id, name="merged")
    assert (await call("diff", ghost_id=ghost_id))["differences"][0]["change"] == "changed"
    assert (await call("commit", ghost_id=ghost_id))["state"] == "committed"
    lock = await call("acquire_lock", paths=[path])
    assert (await call("release_lock", lease_id=lock["lease_id"]))["released_locks"] == 1
    await call("list", path="/python")
    assert not (await call("show_tree", path="/python"))["shown"]
    await call("search", query="steps")
    await call("history", path=path, ghosts=True)
    await call("blame", path=path)
    await call("trace", direction="upstream", path=path)
    await call("trace", direction="downstream", revision=first["revision"])
    await call("changes_since", revision=first["revision"])
    await call("wait_for_change", patterns=[path], after_revision=first["revision"])
    await call("render_context", parts=[{"pattern": path}])
    await call("append", path=f"{path}/log", text="x")
    await call("revert", revision=first["revision"], cascade="report")

    refused = await client.call_tool("read", {"paths": ["wrong"]})
    assert refused.is_error, refused
    uri = f"hyperloom://default{path}/log"
    contents = (await client.read_resource(uri)).contents
    assert getattr(contents[0], "text", None) == "x", contents
    prompt = await client.get_prompt("hand_over_session", {"path": "/python"})
    assert "Take over the session /python" in str(prompt.messages[0].content)
    print(f"ok {way}", flush=True)


async def main(url: str, node: str, entry: str) -> None:
    address = url.removeprefix("http://")
    command = StdioServerParameters(command=node, args=[entry, "--address", address, "mcp"])
    for mode in ("legacy", "2026-07-28"):
        async with Client(f"{url}/mcp", mode=mode) as client:
            await story(client, f"http {mode}")
        async with Client(command, mode=mode) as client:
            await story(client, f"stdio {mode}")


asyncio.run(main(*sys.argv[1:]))
