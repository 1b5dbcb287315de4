/**
 * Runs the ways that a first request takes, a few hundred times, on a forest in memory that nobody sees. The engine compiles
 * what is hot; without this, the first agent whose ghost is reverted would wait a hundred times longer than the second.
 */
import type { Clock } from './base/clock.ts';
import type { Random } from './base/random.ts';
import { MemoryJournal } from './journal/memory/journal.ts';
import { LiveForest } from './sequencer/live-forest.ts';
import type { Operation } from './state/command.ts';

const rounds = 200;

/** Takes some tens of milliseconds. */
export async function warmUp(clock: Clock, random: Random): Promise<void> {
  const forest = await LiveForest.open({
    name: 'warm-up',
    journal: new MemoryJournal(),
    clock,
    random,
    snapshotJournalBytes: Infinity,
    onWriteStop: () => undefined,
  });
  const common = { author: 'warm-up', request: null } as const;
  for (let round = 0; round < rounds; round += 1) {
    const path = ['session', `agent_${round % 10}`, `note_${round}`];
    const value = { kind: 'text', data: 'warm', bytes: 4, type: '' } as const;
    const operations: Operation[] = [{ kind: 'put', path, value }];
    const diff = { kind: 'publish', operations, preconditions: [], label: '', basis: [], ...common } as const;
    await forest.propose({ ...diff, ghostId: '' });
    for (const end of ['revert_ghost', 'rewind_ghost', 'commit_ghost'] as const) {
      const ghostId = forest.newGhostId();
      const baseRevision = forest.view().revision;
      const begin = {
        kind: 'begin_ghost',
        ghostId,
        scope: [],
        baseRevision,
        parentId: '',
        ttlMs: 60_000,
        label: '',
      } as const;
      await forest.propose({ ...begin, ...common });
      await forest.propose({ ...diff, ghostId });
      if (end === 'commit_ghost')
        await forest.propose({ kind: end, ghostId, isolation: 'writes', label: '', ...common });
      else if (end === 'rewind_ghost')
        await forest.propose({ kind: end, ghostId, checkpoint: '', reason: '', ...common });
      else await forest.propose({ kind: end, ghostId, reason: '', ...common });
    }
  }
  await forest.close();
}
