"""A team's own messages, compiled as a team would: messages, stubs, the variables of paths, descriptors."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from hyperloom.v1 import PROTO_PATH
from tests.support import REPOSITORY

PLUGIN = REPOSITORY / "clients" / "protoc-gen-hyperloom"
SOURCES = PLUGIN / "testdata"
RULES = REPOSITORY / "test" / "support" / "protos"
RESEARCH = "acme/v1/research.proto"
VALIDATE = "buf/validate/validate.proto"


class Acme:
    """The compiled messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        descriptors = folder / "set.binpb"
        arguments = [
            *(f"-I{include}" for include in (SOURCES, RULES, PROTO_PATH)),
            f"--python_out={folder}",
            f"--pyi_out={folder}",
            f"--plugin=protoc-gen-hyperloom={PLUGIN / 'bin' / 'protoc-gen-hyperloom.js'}",
            f"--hyperloom_out=target=python:{folder}",
            f"--descriptor_set_out={descriptors}",
            "--include_imports",
        ]
        path = f"{REPOSITORY / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
        command = [sys.executable, "-m", "grpc_tools.protoc", *arguments, RESEARCH, VALIDATE]
        subprocess.run(command, env={**os.environ, "PATH": path}, check=True)
        self.descriptor_set = descriptors.read_bytes()

    def load(self) -> tuple[Any, Any]:
        """Imports the messages and their node types."""
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))
        return import_module("acme.v1.research_pb2"), import_module("acme.v1.research_hyperloom")
