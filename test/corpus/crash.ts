/** What a crash leaves in a data folder that no client can make happen at will: a torn tail, and a change of forests half done. */
import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { encodeRegistryEntry, encodeRegistrySnapshot } from '../../src/codec/registry.ts';
import { DataFolder } from '../../src/journal/embedded/data-folder.ts';
import { ForestRegistry } from '../../src/sequencer/forest-registry.ts';
import { systemClock } from '../../src/base/clock.ts';

/** Takes the last bytes of a forest's journal back to zeros, as a write that stopped early leaves them. */
export function tearTail(data: string, forest: string): void {
  const folder = join(data, 'forests', forest, 'segments');
  const newest = readdirSync(folder).sort().at(-1) ?? '';
  const bytes = readFileSync(join(folder, newest));
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
  const file = openSync(join(folder, newest), 'r+');
  try {
    writeSync(file, Buffer.alloc(12), 0, 12, end - 12);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes the registry hold what else can stand in it: a snapshot in place of old entries, a change that was withdrawn, and one that
 * was decided and is not done. The next start finishes it.
 */
export async function leaveRegistryOpen(data: string): Promise<void> {
  const store = await DataFolder.open(data);
  try {
    const journal = await store.openRegistry();
    const registry = await ForestRegistry.open(journal, systemClock);
    const failed = {
      kind: 'restore',
      forest: 'failed',
      request: { id: 'request-withdrawn', fingerprint: 1 },
    } as const;
    await registry.decide(failed);
    // With the change open, so that the snapshot holds one.
    const answered = { id: 'request-answered', fingerprint: 2, timeMs: systemClock.nowMs() };
    const answers = [{ ...answered, outcome: { kind: 'forest_created', forest: 'long ago' } as const }];
    const snapshot = encodeRegistrySnapshot({ answers, change: failed });
    await journal.saveSnapshot(journal.lastPosition, once(snapshot));
    await registry.withdraw(failed);
    const change = {
      kind: 'create',
      forest: 'half-made',
      request: { id: 'request-open', fingerprint: 3 },
    } as const;
    journal.append(encodeRegistryEntry({ kind: 'change', change }), 'sync');
    await journal.flush();
  } finally {
    await store.close();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
