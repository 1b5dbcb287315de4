/** What a forest that was restored begins with: a snapshot at position 0, before the first entry of its log, or behind entries that brought nothing. */
import { encodeSharedSnapshot } from '../../codec/shared-snapshot.ts';
import type { AgreedObjects } from '../../journal/agreed-objects.ts';
import { putChunks } from './snapshot-parts.ts';
import { manifestName } from './snapshot-sharing.ts';

/** Names of its objects, as of {@link manifestName}. */
export type RestoredNames = ReturnType<typeof manifestName>;

/** Beside a log that nobody has heard of yet: whoever does begins with it. */
export const firstNames: RestoredNames = manifestName(0, 'restored', 0);

/** Beside a log that is in use: nobody begins with it but where the log says so. `id`: another one each time. */
export function namesInto(id: string): RestoredNames {
  const { part } = manifestName(0, `into_${id}`, 0);
  return { part, whole: `${part}-what` };
}

/** Stores it, and reads it back. */
export async function shareRestored(
  objects: AgreedObjects,
  name: RestoredNames,
  stateHash: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const state = await putChunks(objects, `${name.part}-state`, chunks);
  const format = { format: 1, question: 0 };
  const nothing = { numbers: [], heard: [], openMark: null, taken: [], grownBytes: 0, olderBytes: 0 };
  const table = { ...nothing, timeMs: 0, format, restored: null };
  const shared = encodeSharedSnapshot({
    ...{ sequence: 0, position: 0, stateHash, state, basePosition: 0, base: state, records: [] },
    ...{ retainedName: '', retained: [], table },
  });
  await objects.put(name.whole, shared);
}

/** Removes what was stored of it, and nobody refers to. */
export async function removeRestored(objects: AgreedObjects, { part }: RestoredNames): Promise<void> {
  for (const name of await objects.names()) if (name.startsWith(`${part}-`)) await objects.remove(name);
}
