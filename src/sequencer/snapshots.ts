/** Writing and loading snapshots, in slices that let everything else go on. */
import type { Clock } from '../base/clock.ts';
import { inSlices } from '../base/slices.ts';
import { SnapshotDecoder } from '../codec/snapshot-decoder.ts';
import { encodeSnapshot } from '../codec/snapshot-encoder.ts';
import { freezeForest } from '../codec/snapshot-source.ts';
import type { Journal } from '../journal/journal.ts';
import type { ForestState } from '../state/forest.ts';

/** The state of a stored snapshot. */
export async function loadSnapshot(journal: Journal, position: number): Promise<ForestState> {
  return decodeChunks(journal.readSnapshot(position));
}

/** The state that snapshot or backup chunks hold. Throws `CodecDamage` where they are not whole. */
export async function decodeChunks(chunks: AsyncIterable<Uint8Array>): Promise<ForestState> {
  const decoder = new SnapshotDecoder();
  for await (const chunk of chunks) decoder.push(chunk);
  return decoder.finish();
}

/** The chunks of a snapshot of `state` as it is now, whatever happens to it meanwhile. */
export function encodeInSlices(state: ForestState, clock: Clock): AsyncGenerator<Uint8Array> {
  return inSlices(encodeSnapshot(freezeForest(state)), clock);
}
