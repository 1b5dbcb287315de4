/** Agents that read: nodes, pages, the past. */
import { NotFoundError, RevisionError } from '../../../clients/typescript/src/index.ts';
import type { LoadContext } from './context.ts';
import { randomNote, randomSession } from './paths.ts';

/** The newest revisions that are in memory for sure, and those that history is kept for. */
const recentRevisions = 500;
const pastRevisions = 5_000;
const pageSize = 50;

/** What a note that was deleted, or history that was given up meanwhile, is answered with. */
function isGone(error: unknown): boolean {
  return error instanceof NotFoundError || error instanceof RevisionError;
}

export function startReaders(context: LoadContext): void {
  const { pacer, factor, client, meter, random } = context;
  const read = (name: string, perSecond: number, run: () => Promise<unknown>, inFlightMax = 20): void => {
    const timed = async (): Promise<void> => {
      await meter.time(name, run, isGone);
    };
    pacer.start({ name, perSecond: perSecond * factor, inFlightMax, run: timed });
  };
  const past = (most: number): number => Math.max(1, client.newestRevision - 1 - random.below(most));
  read('get', 50, () => client.get(randomNote(random)));
  read('batch get', 10, () => client.batchGet(Array.from({ length: 20 }, () => randomNote(random))));
  read('list', 5, () => client.list(randomSession(random), { depth: 0, pageSize: 200 }).all());
  read('get in the past', 5, () => client.get(randomNote(random), { atRevision: past(recentRevisions) }));
  // What is beyond memory is read from a snapshot and the journal: tens of milliseconds of CPU each, and so not many at once.
  const search = (name: string, perSecond: number, run: () => Promise<unknown>): void =>
    read(name, perSecond, run, 2);
  search('get from disk', 0.04, () => client.get(randomNote(random), { atRevision: past(pastRevisions) }));
  search('history', 0.5, () => client.history({ newestFirst: true, pageSize }).pages().next());
  search('history of a path', 0.2, () =>
    client
      .history({ path: randomSession(random), afterRevision: past(pastRevisions), pageSize })
      .pages()
      .next(),
  );
  search('diff', 0.2, () => {
    const to = past(recentRevisions);
    return client
      .diff(Math.max(1, to - 100), to, { pageSize })
      .pages()
      .next();
  });
  search('blame', 0.2, () => client.blame(randomNote(random)).pages().next());
  read('locks', 0.5, () => client.locks().pages().next());
}
