"""The option `(hyperloom.v1.node)`, where generated code looks for it."""

from hyperloom._gen.v1.node_options_pb2 import DESCRIPTOR as DESCRIPTOR
from hyperloom._gen.v1.node_options_pb2 import NODE_FIELD_NUMBER as NODE_FIELD_NUMBER
from hyperloom._gen.v1.node_options_pb2 import NodeOptions as NodeOptions
from hyperloom._gen.v1.node_options_pb2 import node as node
