/** Writes checkpoints and pending writes. */
import {
  json,
  operation,
  precondition,
  PreconditionFailedError,
  type Node,
  type Precondition,
} from '@hyperloom/client';
import type {
  ChannelVersions,
  Checkpoint,
  CheckpointMetadata,
  PendingWrite,
} from '@langchain/langgraph-checkpoint';
import { ChannelWriter } from './channel-writer.ts';
import type { Claims, PutClaim } from './claims.ts';
import { HyperloomLangGraphError, ThreadConflictError, UnstorableValueError } from './errors.ts';
import { attemptsMax } from './limits.ts';
import type { ItemMemo } from './item-memo.ts';
import type { KnownHead, Memory, Space, ThreadMemory } from './memory.ts';
import { channelPath, checkpointPath, encodeSegment, headPath, writesPath } from './names.ts';
import type { Place } from './place.ts';
import type { ThreadPublisher } from './publisher.ts';
import type { Reader, Standing } from './reader.ts';
import type { CheckpointRecord } from './record.ts';
import { attachments, type Serializer } from './serializer.ts';
import { TaskCall } from './task-call.ts';

/** A checkpoint to be put. */
export interface PutRequest {
  readonly place: Place;
  readonly parentId: string | undefined;
  /** The head while the parent was handed out by its id, on purpose. */
  readonly handedOutAt: string | undefined;
  readonly checkpoint: Checkpoint;
  readonly metadata: CheckpointMetadata;
  readonly newVersions: ChannelVersions;
}

export class Writer {
  readonly #memory: Memory;
  readonly #claims: Claims;
  readonly #reader: Reader;
  readonly #publisher: ThreadPublisher;
  readonly #serializer: Serializer;
  readonly #memo: ItemMemo;

  constructor(parts: {
    readonly memory: Memory;
    readonly claims: Claims;
    readonly reader: Reader;
    readonly publisher: ThreadPublisher;
    readonly serializer: Serializer;
    readonly memo: ItemMemo;
  }) {
    this.#memory = parts.memory;
    this.#claims = parts.claims;
    this.#reader = parts.reader;
    this.#publisher = parts.publisher;
    this.#serializer = parts.serializer;
    this.#memo = parts.memo;
  }

  /** Puts a checkpoint, whole or not at all. Throws {@link ThreadConflictError} where somebody else was faster. */
  async put(request: PutRequest): Promise<void> {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const standing = await this.#standing(request, attempt > 1);
      try {
        await this.#putUpon(request, standing);
        return;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        this.#memory.forget(request.place.thread);
      }
    }
    throw tooBusy(request.place);
  }

  /** Where the thread stands, and whether the put may come upon that. */
  async #standing(request: PutRequest, isAnew: boolean): Promise<Standing> {
    const { place, parentId } = request;
    const thread = this.#memory.thread(place.thread);
    const space = thread.space(place.space);
    const isKnown = thread.incarnation !== undefined && space.head !== undefined;
    const hasParent = parentId === undefined || space.records.has(parentId);
    if (!isAnew && isKnown && hasParent && this.#claims.isAllowed(claimOf(request, space)))
      return { thread, space };
    const standing = await this.#reader.standing(place, parentId === undefined ? [] : [parentId]);
    const claim = claimOf(request, standing.space);
    if (this.#claims.isAllowed(claim)) return standing;
    const { threadId, namespace } = place;
    throw new ThreadConflictError({ threadId: String(threadId), namespace, parentId, headId: claim.headId });
  }

  async #putUpon(request: PutRequest, { thread, space }: Standing): Promise<void> {
    const { place, parentId, checkpoint, metadata } = request;
    const claim = claimOf(request, space);
    const attached = attachments();
    const basis = {
      ...request,
      isCopy: claim.isCopy,
      hasParent: parentId !== undefined,
      parent: parentId === undefined ? undefined : space.records.get(parentId),
      head: space.head?.head,
      memo: this.#memo,
      isStored: (digest: string) => thread.stored.has(digest),
      textOf: (digest: string) => this.#memory.text(digest),
      items: (channel: string, runs: Parameters<Reader['items']>[3]) =>
        this.#reader.items(place, thread, channel, runs),
    };
    const channels = new ChannelWriter(basis, this.#serializer, attached);
    // Its versions are copied: the run goes on counting while the record is remembered for the next put.
    const record = recordOf(request, await channels.entries(), { ...checkpoint.channel_versions });
    const recordText = recordTextOf(record);
    const head = channels.head(newestOf(claim, checkpoint.id));
    const operations = [
      ...channels.operations,
      operation.put(checkpointPath(place.space, checkpoint.id), json(recordText)),
      operation.put(headPath(place.space), json(JSON.stringify(head))),
    ];
    const size = channels.size + recordText.length;
    const label = `${metadata.source} ${metadata.step}`;
    const preconditions = [headCondition(place, space)];
    // A sweep puts every head anew: whose head is as it was may rely on what he knows of the thread.
    const isGuarded = basis.head !== undefined;
    const done = await this.#publisher.publish({
      place,
      thread,
      operations,
      size,
      attached,
      preconditions,
      isGuarded,
      label,
    });
    this.#claims.notePut(claim);
    this.#claims.noteOvertaken(place.space, checkpoint.id, head.id);
    this.#remember(place, done.thread, channels, checkpoint.id, record, {
      revision: done.published.revision,
      head,
    });
  }

  #remember(
    place: Place,
    thread: ThreadMemory,
    channels: ChannelWriter,
    id: string,
    record: CheckpointRecord,
    head: KnownHead,
  ): void {
    const space = thread.space(place.space);
    space.head = head;
    this.#memory.noteRecord(space, id, record);
    for (const [path, text] of channels.values) this.#memory.noteValue(path, thread, text);
    for (const { channel, number, start, items } of channels.lists) {
      this.#memory.noteGrown(channelPath(place.space, channel, number), thread, start, items);
    }
  }

  /** Puts what a task wrote. Of ordinary writes the first that came stays, of special ones the last. */
  async putWrites(
    place: Place,
    checkpointId: string,
    writes: readonly PendingWrite[],
    taskId: string,
  ): Promise<void> {
    const path = `${writesPath(place.space, checkpointId)}/${encodeSegment(taskId, 'task id')}`;
    const call = await TaskCall.of(writes, taskId, this.#serializer);
    let present: Node | undefined;
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      let thread = this.#memory.thread(place.thread);
      if (thread.incarnation === undefined) ({ thread } = await this.#reader.standing(place));
      const text = await call.textUpon(present?.json);
      const condition =
        present === undefined
          ? precondition.absent(path)
          : precondition.modifiedRevision(path, present.modifiedRevision);
      const operations = [operation.put(path, json(text))];
      const diff = {
        place,
        thread,
        operations,
        size: text.length,
        attached: call.attached,
        preconditions: [condition],
        isGuarded: false,
      };
      try {
        await this.#publisher.publish({ ...diff, label: 'writes' });
        return;
      } catch (error) {
        if (!(error instanceof PreconditionFailedError)) throw error;
        present = (await this.#reader.nodes([path])).get(path);
        this.#memory.forget(place.thread);
      }
    }
    throw tooBusy(place);
  }
}

function claimOf({ place, parentId, handedOutAt, metadata }: PutRequest, space: Space): PutClaim {
  const isCopy = metadata.source === 'fork';
  return { space: place.space, parentId, isCopy, handedOutAt, headId: space.head?.head.id };
}

/** The newest checkpoint after a put. */
function newestOf({ parentId, headId }: PutClaim, id: string): string {
  return headId === undefined || headId === parentId || id > headId ? id : headId;
}

function headCondition(place: Place, space: Space): Precondition {
  const path = headPath(place.space);
  const { head } = space;
  return head === undefined || head === null
    ? precondition.absent(path)
    : precondition.modifiedRevision(path, head.revision);
}

/** Fields of a checkpoint that have places of their own in its record. */
const known = new Set(['v', 'id', 'ts', 'channel_values', 'channel_versions', 'versions_seen']);

function recordOf(
  request: PutRequest,
  channels: CheckpointRecord['channels'],
  versions: CheckpointRecord['versions'],
): CheckpointRecord {
  const { checkpoint, parentId, metadata } = request;
  const { v, ts, versions_seen: seen } = checkpoint;
  const rest = Object.entries(checkpoint).filter(([key, value]) => !known.has(key) && !isNothing(value));
  return {
    v,
    ts,
    ...(parentId === undefined ? {} : { parent: parentId }),
    metadata,
    versions,
    seen,
    channels,
    ...(rest.length === 0 ? {} : { more: Object.fromEntries(rest) }),
  };
}

function recordTextOf(record: CheckpointRecord): string {
  try {
    return JSON.stringify(record);
  } catch (error) {
    throw new UnstorableValueError('the metadata of the checkpoint', error);
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function tooBusy({ threadId }: Place): HyperloomLangGraphError {
  const where = `the thread ${JSON.stringify(String(threadId))}`;
  return new HyperloomLangGraphError(
    `${where} is being changed all the time, ${attemptsMax} attempts on end; try again`,
  );
}
