/** What delta channels are rebuilt from: writes along the chain of parents, back to a stored value. */
import type { CheckpointPendingWrite, DeltaChannelHistory } from '@langchain/langgraph-checkpoint';
import type { ThreadMemory } from './memory.ts';
import type { Place } from './place.ts';
import type { FoundCheckpoint, Reader } from './reader.ts';
import { own } from './record.ts';
import type { TupleReader } from './tuples.ts';

interface Step {
  readonly found: FoundCheckpoint;
  /** The channels whose walks come by here. */
  readonly channels: ReadonlySet<string>;
}

/**
 * For each channel the writes upon the ancestors of a checkpoint, oldest first, from the nearest that has a value for it on, and that value.
 * The writes of one step come by task, then by index, which is the order in which live execution takes them.
 */
export async function deltaChannelHistory(
  reader: Reader,
  tuples: TupleReader,
  place: Place,
  targetId: string | undefined,
  channels: readonly string[],
): Promise<Record<string, DeltaChannelHistory>> {
  const { standing, found: target } = await reader.checkpoint(place, targetId);
  const { thread } = standing;
  const remaining = new Set(channels);
  const steps: Step[] = [];
  const seeds = new Map<string, unknown>();
  let parent = target?.record.parent;
  while (parent !== undefined && remaining.size > 0) {
    const { found } = await reader.checkpoint(place, parent);
    if (found === undefined) break;
    steps.push({ found, channels: new Set(remaining) });
    const ended = [...remaining].filter((channel) => own(found.record.channels, channel) !== undefined);
    for (const [channel, value] of await tuples.values(place, thread, found.record, ended))
      seeds.set(channel, value);
    for (const channel of ended) remaining.delete(channel);
    parent = found.record.parent;
  }
  const writes = await writesOf(tuples, place, thread, steps.reverse());
  return Object.fromEntries(
    channels.map((channel) => {
      const told = writes.get(channel) ?? [];
      return [channel, seeds.has(channel) ? { writes: told, seed: seeds.get(channel) } : { writes: told }];
    }),
  );
}

/** Writes by channel, step by step. */
async function writesOf(
  tuples: TupleReader,
  place: Place,
  thread: ThreadMemory,
  steps: readonly Step[],
): Promise<ReadonlyMap<string, CheckpointPendingWrite[]>> {
  const writes = new Map<string, CheckpointPendingWrite[]>();
  for (const { found, channels } of steps) {
    const wanted = found.writes.map(([taskId, task]) => {
      const ofChannels = task.writes.filter(([, channel]) => channels.has(channel));
      return [taskId, { ...task, writes: ofChannels }] as const;
    });
    for (const write of await tuples.pendingWrites(place, thread, wanted))
      writes.set(write[1], [...(writes.get(write[1]) ?? []), write]);
  }
  return writes;
}
