"""A team's own messages, compiled as a team would: protoc's Python output, its stubs, and the descriptor set."""

from __future__ import annotations

import sys
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import grpc
from grpc_tools import protoc

from hyperloom._gen.v1 import schema_pb2, schema_service_pb2
from hyperloom.v1 import PROTO_PATH
from tests.support import REPOSITORY

SOURCES = Path(__file__).resolve().parent / "protos"
RESEARCH = "acme/v1/research.proto"
VALIDATE = "buf/validate/validate.proto"


class Acme:
    """The compiled messages. `module` has the classes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        descriptors = folder / "set.binpb"
        includes = [
            SOURCES,
            REPOSITORY / "test" / "support" / "protos",
            PROTO_PATH,
            resources.files("grpc_tools") / "_proto",
        ]
        arguments = [
            *(f"-I{include}" for include in includes),
            f"--python_out={folder}",
            f"--pyi_out={folder}",
            f"--descriptor_set_out={descriptors}",
            "--include_imports",
        ]
        assert protoc.main(["protoc", *arguments, RESEARCH, VALIDATE]) == 0
        self.descriptor_set = descriptors.read_bytes()

    def load(self) -> Any:
        """Imports the messages."""
        sys.path.insert(0, str(self.folder))
        return import_module("acme.v1.research_pb2")


def register(address: str, forest: str, descriptor_set: bytes) -> None:
    """Registers the messages in a forest, as `hyperloom schema push` does."""
    request = schema_service_pb2.RegisterSchemaRequest(
        forest=forest,
        name="acme",
        definition=schema_pb2.SchemaDefinition(descriptor_set=descriptor_set),
        author="owner",
    )
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(
            "/hyperloom.v1.SchemaService/RegisterSchema",
            request_serializer=schema_service_pb2.RegisterSchemaRequest.SerializeToString,
            response_deserializer=schema_service_pb2.RegisterSchemaResponse.FromString,
        )
        call(request, timeout=30)
