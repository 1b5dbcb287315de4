/** Writing and loading snapshots, in slices that let everything else go on. */
import type { Clock } from '../base/clock.ts';
import { SnapshotDecoder } from '../codec/snapshot-decoder.ts';
import { encodeSnapshot } from '../codec/snapshot-encoder.ts';
import { freezeForest } from '../codec/snapshot-source.ts';
import type { Journal } from '../journal/journal.ts';
import type { ForestState } from '../state/forest.ts';

/** How long a slice of encoding or hashing may keep the event loop. */
const sliceMs = 4;

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

/** Runs a generator, giving the event loop a turn whenever a slice of time is used up. */
export async function* inSlices<T>(steps: Generator<T>, clock: Clock): AsyncGenerator<T> {
  let startMs = clock.monotonicMs();
  for (const step of steps) {
    yield step;
    if (clock.monotonicMs() - startMs < sliceMs) continue;
    await turn(clock);
    startMs = clock.monotonicMs();
  }
}

/** What a generator comes to, with a turn for the event loop whenever a slice of time is used up. */
export async function resultInSlices<T>(steps: Generator<unknown, T>, clock: Clock): Promise<T> {
  let startMs = clock.monotonicMs();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (clock.monotonicMs() - startMs < sliceMs) continue;
    await turn(clock);
    startMs = clock.monotonicMs();
  }
}

/** Resolves after everything that waits for the event loop had its turn. */
export function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(0, resolve);
  });
}
