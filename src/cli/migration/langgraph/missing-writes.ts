/** Pending writes that a database got after its checkpoint was imported: put where they are missing; those that are there stay. */
import { json, precondition, type Client } from '../../../../clients/typescript/src/index.ts';
import { find } from '../find.ts';
import { Draft } from './draft.ts';
import { taskPath } from './places.ts';
import type { SavedTask } from './saved-checkpoint.ts';
import { SpaceMemory } from './space-memory.ts';
import type { ThreadPublisher } from './thread-publisher.ts';

interface StoredWrites {
  readonly path: string;
  readonly writes: readonly (readonly [index: number, channel: string, value: unknown])[];
}

/** Brings the writes of a checkpoint that are not there yet. */
export async function publishMissingWrites(
  client: Client,
  publisher: ThreadPublisher,
  space: string,
  checkpointId: string,
  tasks: readonly SavedTask[],
): Promise<void> {
  for (const task of tasks) {
    const path = taskPath(space, checkpointId, task.id);
    const stored = (await find(client, path))?.json;
    const draft = new Draft(space, new SpaceMemory(client, space), undefined);
    if (stored === undefined) {
      draft.task(checkpointId, task);
      await publisher.publish({
        ...parts(draft),
        preconditions: [precondition.absent(path)],
        label: 'writes',
      });
      continue;
    }
    const there = new Set((JSON.parse(stored) as StoredWrites).writes.map(([index]) => index));
    const missing = task.writes.filter(([index]) => !there.has(index));
    if (missing.length === 0) continue;
    draft.task(checkpointId, { ...task, writes: missing }, stored);
    const condition = precondition.pointer(path, '', { equals: json(stored) });
    await publisher.publish({ ...parts(draft), preconditions: [condition], label: 'writes' });
  }
}

function parts({ operations, size, attached }: Draft): Pick<Draft, 'operations' | 'size' | 'attached'> {
  return { operations, size, attached };
}
