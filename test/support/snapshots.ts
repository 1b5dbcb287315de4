/** What a restart does to a state, without a broker. */
import { SnapshotDecoder } from '../../src/codec/snapshot-decoder.ts';
import { encodeSnapshot } from '../../src/codec/snapshot-encoder.ts';
import { freezeForest } from '../../src/codec/snapshot-source.ts';
import type { ForestState } from '../../src/state/forest.ts';

/** The state as it comes out of its snapshot. */
export function throughSnapshot(state: ForestState): ForestState {
  const decoder = new SnapshotDecoder();
  for (const chunk of encodeSnapshot(freezeForest(state))) decoder.push(chunk);
  return decoder.finish();
}
