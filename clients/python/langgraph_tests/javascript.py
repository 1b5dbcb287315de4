"""Turns of a graph in JavaScript, in a process of its own, on threads that Python knows as well."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

from tests.support import NODE, REPOSITORY, BrokerProcess

SUPPORT = REPOSITORY / "clients" / "langgraph" / "test" / "support"


def turn(broker: BrokerProcess, *arguments: str) -> Any:
    """What a graph in JavaScript has to say."""
    environment = {**os.environ, "HYPERLOOM_ADDRESS": broker.address}
    command = [str(NODE), "--import", str(SUPPORT / "resolve.ts"), str(SUPPORT / "turn.ts"), *arguments]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def seen(state: Any) -> list[list[Any]]:
    """The messages of a state, as such a turn tells them."""
    return [[message.type, message.id, message.content] for message in state["messages"]]
