/** What a forest that was restored begins with: a snapshot at position 0, before the first entry of its log. */
import { encodeSharedSnapshot } from '../../codec/shared-snapshot.ts';
import type { AgreedObjects } from '../../journal/agreed-objects.ts';
import { putChunks } from './snapshot-parts.ts';
import { manifestName } from './snapshot-sharing.ts';

/** Stores it beside a log that nobody has heard of yet. */
export async function shareRestored(
  objects: AgreedObjects,
  stateHash: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const name = manifestName(0, 'restored', 0);
  const state = await putChunks(objects, `${name.part}-state`, chunks);
  const format = { format: 1, question: 0 };
  const nothing = { numbers: [], heard: [], openMark: null, taken: [], grownBytes: 0, olderBytes: 0 };
  const table = { ...nothing, timeMs: 0, format };
  const shared = encodeSharedSnapshot({
    ...{ sequence: 0, position: 0, stateHash, state, basePosition: 0, base: state, records: [] },
    ...{ retainedName: '', retained: [], table },
  });
  await objects.put(name.whole, shared);
}
