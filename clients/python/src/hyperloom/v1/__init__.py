"""What the generated code of your own messages imports that say `import "hyperloom/v1/node_options.proto"`.

`PROTO_PATH` is where that file is, for protoc:

    -I "$(python -c 'import hyperloom.v1; print(hyperloom.v1.PROTO_PATH)')"
"""

from pathlib import Path

PROTO_PATH = str(Path(__file__).resolve().parent.parent / "_gen" / "include")
