/** What an operator's jobs do on a schedule: history is given up, forests come and go, backups are taken and tried. */
import { ConflictError, RevisionError } from '../../../clients/typescript/src/index.ts';
import type { LoadContext } from './context.ts';
import { randomText } from './paths.ts';

/** How often each job runs, and how much history stays. */
export interface Schedule {
  readonly compactMs: number;
  readonly forestMs: number;
  readonly backupMs: number;
  readonly revisionsKept: number;
}

export function startUpkeep(context: LoadContext, schedule: Schedule): void {
  const { pacer, client, meter, random } = context;
  const every = (name: string, everyMs: number, run: () => Promise<unknown>): void =>
    pacer.start({
      name,
      perSecond: 1_000 / everyMs,
      inFlightMax: 1,
      run: async () => {
        await meter.time(name, run);
      },
    });
  every('compact', schedule.compactMs, async () => {
    const { forest } = await client.status();
    const revision = forest.revision - schedule.revisionsKept;
    if (revision > forest.compactedRevision) await client.forests.compact('', revision);
  });
  let forests = 0;
  every('forest made and deleted', schedule.forestMs, async () => {
    forests += 1;
    const name = `scratch-${forests}`;
    await client.forests.create(name);
    await client.as({ forest: name, author: 'scratch' }).put('/note', randomText(random));
    await client.forests.delete(name);
  });
  every('backup and restore', schedule.backupMs, async () => {
    const name = `copy-${forests}`;
    await client.forests.restore(name, client.forests.backup());
    await client.forests.delete(name);
  });
  every('revert a revision', 5_000, async () => {
    const isOutdated = (error: unknown): boolean =>
      error instanceof ConflictError || error instanceof RevisionError;
    const { revision } = await client.put(`/notices/${random.below(50)}`, randomText(random));
    await meter.time('revert of a revision', () => client.revertRevision(revision, 'withdrawn'), isOutdated);
  });
}
