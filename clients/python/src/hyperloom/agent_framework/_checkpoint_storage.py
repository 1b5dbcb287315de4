"""The checkpoint storage: what `WorkflowBuilder(checkpoint_storage=…)` takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Any, Final

from agent_framework import WorkflowCheckpoint
from agent_framework._workflows._checkpoint_encoding import decode_checkpoint_value, encode_checkpoint_value
from agent_framework.exceptions import WorkflowCheckpointException

from hyperloom import operation, precondition
from hyperloom._adapters.link import Broker, Link
from hyperloom._adapters.names import filled_segment_of, name_of, root_of, segment_of
from hyperloom._adapters.piece_store import MissingPieceError, PieceStore, steady
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._errors import PreconditionFailedError
from hyperloom._node import Node
from hyperloom._verbs import Verbs
from hyperloom.agent_framework._errors import CheckpointStorageError, telling_of_checkpoints

ATTEMPTS_MAX: Final = 64
"""Of what others come before every time."""


class HyperloomCheckpointStorage:
    """Keeps workflows' checkpoints in a Hyperloom broker.

    `WorkflowBuilder(start_executor=first, checkpoint_storage=HyperloomCheckpointStorage())`.

    A checkpoint is stored in pieces that all share: what is written is what is new in it. `broker` and `author` are
    those of `HyperloomHistoryProvider`; `root` is the path that this storage has for itself.

    `allowed_checkpoint_types`: types of the application, as `"module:qualname"`, that may be restored beside those of
    the framework. Values that JSON cannot say are pickled, as in the framework's own storages: let nobody write below
    `root` whom you do not trust.
    """

    def __init__(
        self,
        broker: Broker = None,
        *,
        root: str = "/checkpoints",
        author: str = "agent-framework",
        allowed_checkpoint_types: Iterable[str] = (),
    ) -> None:
        with telling_of_checkpoints("make a checkpoint storage"):
            path = root_of(root)
        if not path:
            raise WorkflowCheckpointException("root must be a path such as '/checkpoints'")
        self._link = Link(broker, author, "a checkpoint storage")
        self._allowed = frozenset(allowed_checkpoint_types)
        self._core = _Core(self._link.verbs, path)

    async def save(self, checkpoint: WorkflowCheckpoint) -> str:
        """Stores a checkpoint, in the place of any of the same id. Returns its id, when it is durable."""
        try:
            encoded = encode_checkpoint_value(checkpoint.to_dict())
            # What could not be restored is refused now, rather than when it is needed.
            decode_checkpoint_value(encoded, allowed_types=self._allowed)
            with telling_of_checkpoints(f"save checkpoint {checkpoint.checkpoint_id}"):
                await self._link.settle(
                    self._core.save(checkpoint.checkpoint_id, checkpoint.workflow_name, checkpoint.timestamp, encoded)
                )
        except WorkflowCheckpointException:
            raise
        except Exception as error:
            raise WorkflowCheckpointException(
                f"checkpoint {checkpoint.checkpoint_id} cannot be stored: {error}. Keep data in its state that pickle "
                "and the storage's allowed_checkpoint_types admit; keep large data elsewhere"
            ) from error
        return checkpoint.checkpoint_id

    async def load(self, checkpoint_id: str) -> WorkflowCheckpoint:
        """A checkpoint by its id. Raises `WorkflowCheckpointException` where there is none."""
        with telling_of_checkpoints(f"load checkpoint {checkpoint_id}"):
            values = await self._link.run(self._core.load(checkpoint_id))
        if not values:
            raise WorkflowCheckpointException(f"No checkpoint found with ID {checkpoint_id}")
        return self._checkpoint(values[0])

    async def list_checkpoints(self, *, workflow_name: str) -> list[WorkflowCheckpoint]:
        """A workflow's checkpoints, oldest first."""
        with telling_of_checkpoints(f"list the checkpoints of workflow {workflow_name!r}"):
            values = await self._link.run(self._core.of_workflow(workflow_name))
        return [self._checkpoint(value) for value in values]

    async def delete(self, checkpoint_id: str) -> bool:
        """Deletes a checkpoint, with all that no other one needs. Whether there was one."""
        with telling_of_checkpoints(f"delete checkpoint {checkpoint_id}"):
            return await self._link.settle(self._core.delete(checkpoint_id))

    async def get_latest(self, *, workflow_name: str) -> WorkflowCheckpoint | None:
        """A workflow's newest checkpoint, by its timestamp; no other one is read."""
        with telling_of_checkpoints(f"load the newest checkpoint of workflow {workflow_name!r}"):
            values = await self._link.run(self._core.latest(workflow_name))
        return self._checkpoint(values[0]) if values else None

    async def list_checkpoint_ids(self, *, workflow_name: str) -> list[str]:
        """The ids of a workflow's checkpoints, oldest first; the checkpoints are not read."""
        with telling_of_checkpoints(f"list the checkpoints of workflow {workflow_name!r}"):
            return await self._link.run(self._core.ids(workflow_name))

    def close(self) -> None:
        """Closes the connection, where it is the storage's own."""
        self._link.close()

    async def __aenter__(self) -> HyperloomCheckpointStorage:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)

    def _checkpoint(self, value: Any) -> WorkflowCheckpoint:
        return WorkflowCheckpoint.from_dict(decode_checkpoint_value(value, allowed_types=self._allowed))


class _Core:
    """The work of one storage: `ids/{id}` holds a checkpoint, `workflows/{name}/{id}` says when it was made."""

    def __init__(self, verbs: Verbs, root: str) -> None:
        self._verbs = verbs
        self._root = root
        self._pieces = PieceStore(verbs, root)

    async def save(self, checkpoint_id: str, workflow_name: str, timestamp: str, value: Any) -> None:
        path = self._path(checkpoint_id)
        record = {"workflow_name": workflow_name, "checkpoint": value}
        index = operation.put(self._index(workflow_name, checkpoint_id), {"timestamp": timestamp})
        # Ids are new ones, as a rule: what lies there is looked at only where that does not hold.
        unchanged, earlier = precondition.absent(path), list[operation.Operation]()
        for _ in range(ATTEMPTS_MAX):
            try:
                await self._pieces.put({path: record}, [*earlier, index], [unchanged], label="checkpoint")
                return
            except PreconditionFailedError:
                unchanged, earlier = await steady(partial(self._earlier, checkpoint_id, workflow_name))
        raise CheckpointStorageError(f"others saved checkpoint {checkpoint_id} every time: try again")

    async def _earlier(
        self, checkpoint_id: str, workflow_name: str
    ) -> tuple[precondition.Precondition, list[operation.Operation]]:
        """What holds as long as nobody else puts a checkpoint there, and what takes it from another workflow's."""
        path = self._path(checkpoint_id)
        node = await self._verbs.find(path)
        if node is None:
            return precondition.absent(path), []
        if self._verbs.is_ghost:
            unchanged = precondition.version(path, node.version)
        else:
            unchanged = precondition.modified_revision(path, node.modified_revision)
        try:
            [record] = await self._pieces.values([node])
            before = record["workflow_name"]
        except (MissingPieceError, TypeError, KeyError):
            # It cannot be read any more, and what is put now takes its place.
            return unchanged, []
        return unchanged, [] if before == workflow_name else [operation.delete(self._index(before, checkpoint_id))]

    async def load(self, checkpoint_id: str) -> list[Any]:
        records = await steady(partial(self._records, [checkpoint_id]))
        return [record["checkpoint"] for record in records]

    async def of_workflow(self, workflow_name: str) -> list[Any]:
        return await steady(partial(self._of_workflow, workflow_name))

    async def latest(self, workflow_name: str) -> list[Any]:
        return await steady(partial(self._latest, workflow_name))

    async def ids(self, workflow_name: str) -> list[str]:
        return list(map(_id_in, await self._listed(workflow_name)))

    async def _of_workflow(self, workflow_name: str) -> list[Any]:
        listed = await self._listed(workflow_name)
        return await self._checkpoints(listed, workflow_name)

    async def _latest(self, workflow_name: str) -> list[Any]:
        for node in reversed(await self._listed(workflow_name)):
            if found := await self._checkpoints([node], workflow_name):
                return found
        return []

    async def _listed(self, workflow_name: str) -> list[Node]:
        """The nodes that say when a workflow's checkpoints were made, oldest first."""
        nodes = await read_below(self._verbs, f"{self._root}/workflows/{segment_of('the workflow', workflow_name)}")
        return sorted(nodes, key=_made)

    async def _checkpoints(self, listed: Sequence[Node], workflow_name: str) -> list[Any]:
        """Checkpoints as they were when they were listed. One that is another workflow's now, or gone, is left out."""
        records = await self._records(list(map(_id_in, listed)), self._pieces.revision_of(listed))
        return [record["checkpoint"] for record in records if record["workflow_name"] == workflow_name]

    async def _records(self, ids: Sequence[str], revision: int = 0) -> list[Any]:
        nodes = await read_nodes(self._verbs, list(map(self._path, ids)), revision)
        return await self._pieces.values(nodes)

    async def delete(self, checkpoint_id: str) -> bool:
        path = self._path(checkpoint_id)
        for _ in range(ATTEMPTS_MAX):
            records = await steady(partial(self._records, [checkpoint_id]))
            if not records:
                return False
            index = operation.delete(self._index(records[0]["workflow_name"], checkpoint_id))
            if await self._pieces.sweep(f"{self._root}/ids", [path], [index]):
                return True
        raise CheckpointStorageError(f"others saved checkpoints below {self._root} every time: try again")

    def _path(self, checkpoint_id: str) -> str:
        return f"{self._root}/ids/{filled_segment_of('the checkpoint id', checkpoint_id)}"

    def _index(self, workflow_name: str, checkpoint_id: str) -> str:
        workflow = segment_of("the workflow", workflow_name)
        return f"{self._root}/workflows/{workflow}/{filled_segment_of('the checkpoint id', checkpoint_id)}"


def _id_in(node: Node) -> str:
    return name_of(node.path.rpartition("/")[2])


def _made(node: Node) -> tuple[datetime, int, str]:
    try:
        made = datetime.fromisoformat(node.value["timestamp"])
        return made if made.tzinfo else made.astimezone(), node.modified_revision, node.path
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointStorageError(f"{node.path} does not say when a checkpoint was made: delete it") from error
