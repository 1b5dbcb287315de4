/** Opens a forest on its log, through the places where it begins anew with what it was restored from. */
import type { LiveForest } from '../live-forest.ts';
import type { RestoredPlace } from './restore-turns.ts';
import { startFromSnapshot, startRestored } from './snapshot-start.ts';
import type { SnapshotStart, SnapshotStartOptions } from './snapshot-start.ts';

export interface OpenedForestOptions extends SnapshotStartOptions {
  /** Where it begins; `null`: with the newest snapshot. */
  readonly place?: RestoredPlace | null;
  /** Opens it on a journal. `onRestored` is what the log tells of. */
  readonly open: (start: SnapshotStart, onRestored: (place: RestoredPlace) => void) => Promise<LiveForest>;
  /** Told where it begins anew once it is open: it is to be closed then, and opened there. */
  readonly onRestored?: (forest: LiveForest, place: RestoredPlace) => void;
}

export async function openForest(options: OpenedForestOptions): Promise<LiveForest> {
  const { forest: name, store, open, onRestored = () => undefined } = options;
  for (let place = options.place ?? null; ;) {
    const start = await (place === null ? startFromSnapshot(options) : startRestored(options, place));
    const standing: { opened: LiveForest | null; next: RestoredPlace | null } = { opened: null, next: null };
    const forest = await open(start, (next) => {
      if (standing.opened === null) standing.next = next;
      else onRestored(standing.opened, next);
    });
    if (standing.next === null) {
      standing.opened = forest;
      return forest;
    }
    place = standing.next;
    await forest.close();
    await store.deleteForest(name);
  }
}
