"""Goal: the README's programs run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acme import Acme
from tests.support import BrokerProcess

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


TYPED = """water is wet by researcher in session_1
refused: [('claim', 'string.min_len'), ('confidence', 'double.gte_lte')]
water 0.9
1 notes at revision"""
EXPECTED = {
    False: "accepted after 2 attempts; refused because ('a price cannot be negative',)\n",
    True: """locked by planner
still there: None
approved after 2 attempts; rejected because ('no source',)
the winner was quick with quick
""",
}


def test_there_are_six_programs() -> None:
    assert len(PROGRAMS) == 6


@pytest.mark.parametrize("program", PROGRAMS, ids=["asyncio", "locks", "typed", "migration", "sync", "cancel"])
def test_the_program_runs(own_broker: BrokerProcess, program: str, acme: Acme) -> None:
    environment = {**os.environ, "HYPERLOOM_ADDRESS": own_broker.address, "PYTHONPATH": str(acme.folder)}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    if "speculate" in program:
        assert EXPECTED[program == PROGRAMS[1]] in ran.stdout
    if "typed" in program:
        assert TYPED in ran.stdout
    if "SchemaMigration" in program:
        assert ran.stdout == "version 2 is in force, with its values\n"
    if "CancelScope" in program:
        assert ran.stdout == "called off\n"
