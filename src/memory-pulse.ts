/**
 * Lets the engine give memory back while the broker rests. After a bulk load, or after recovery, two thirds of what is
 * resident can be garbage and empty pages. V8 has a part for that, its memory reducer: eight seconds after a collection,
 * and every eight seconds from then on, it looks whether hardly anything is being allocated, and then collects in small
 * steps and returns what is free to the system. Beside the rates of the young and the old generation it asks for that of
 * the embedder's own heap, and there takes "nothing at all" for "not known", which counts as busy
 * (`ComputeMutatorUtilizationImpl` in V8 13.6). Node allocates nothing there for hours, so the memory of a Node process that
 * rests stays where its load had left it.
 *
 * So a few of the smallest objects that live on that heap are made every now and then. Whether the broker is at rest is
 * still V8's decision. The worst that can happen where a later Node keeps these objects elsewhere is that nothing happens.
 *
 * With 1,000,000 nodes of 200 bytes this brings 1,400 MB down to 600 within half a minute; the longest pause is 0.05–0.25 s,
 * where a collection of all at once (`gc()`) takes 1 s.
 */
import { Script } from 'node:vm';
import type { Clock, Timer } from './base/clock.ts';

const beatMs = 1_000;
/** One a second is too few for the rate to be seen at each look; ten cost 0.1 ms. */
const objectsPerBeat = 10;

/** Beats until it is cancelled. */
export function startMemoryPulse(clock: Clock): Timer {
  let timer = clock.setTimer(beatMs, beat);
  function beat(): void {
    for (let count = 0; count < objectsPerBeat; count += 1) void new Script('');
    timer = clock.setTimer(beatMs, beat);
  }
  return { cancel: () => timer.cancel() };
}
