/** The program in TypeScript; see `program.ts`. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { connect, NotFoundError } from '../../../clients/typescript/src/index.ts';
import { oldMs } from './program.ts';
import type { Ages } from './program.ts';

const [where, note] = ['/session', '/session/note'];
const stale = { consistency: 'stale' } as const;
const context = { tokenBudget: 1_000 };

function tell(ages: Readonly<Record<string, number | undefined>>): void {
  const told: Ages = Object.fromEntries(Object.entries(ages).map(([name, ageMs]) => [name, ageMs ?? null]));
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

function isOld(ageMs: number | undefined): boolean {
  return ageMs !== undefined && ageMs >= oldMs;
}

/** Reads until the answer is old. */
async function old(
  read: () => Promise<{ readonly ageMs?: number | undefined } | undefined>,
): Promise<number | undefined> {
  for (;;) {
    const ageMs = (await read())?.ageMs;
    if (isOld(ageMs)) return ageMs;
  }
}

const lines = createInterface(process.stdin);
await using client = connect(process.env['HYPERLOOM_ADDRESS'] ?? '', {
  author: 'typescript',
  timeoutMs: 120_000,
});
const subscription = client.subscribe(`${where}/**`, { bookmarks: true, bookmarkIntervalMs: 100 });
const watched = subscription[Symbol.asyncIterator]();

async function bookmark(isWanted: (ageMs: number | undefined) => boolean): Promise<number | undefined> {
  for (;;) {
    const { value: item } = await watched.next();
    if (item === undefined) throw new Error('the subscription ended');
    if (item.kind === 'bookmark' && isWanted(item.ageMs)) return item.ageMs;
  }
}

async function missing(): Promise<{ readonly ageMs?: number }> {
  try {
    await client.get(`${where}/none`, stale);
    throw new Error('it is not there');
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const told = error.metadata['age_ms'];
    return told === undefined ? {} : { ageMs: Number(told) };
  }
}

const { value: snapshot } = await watched.next();
if (snapshot?.kind !== 'snapshot' || snapshot.ageMs === undefined)
  throw new Error('it says nothing of its age');
tell({ linearizable: (await client.get(note, { consistency: 'linearizable' })).ageMs });
await once(lines, 'line');
tell({
  bookmark: await bookmark(isOld),
  get: await old(() => client.get(note, stale)),
  batchGet: await old(() => client.batchGet([note], stale)),
  page: await old(async () => (await client.list(where, stale).pages().next()).value ?? undefined),
  listed: await old(async () => (await client.list(where, stale).all())[0]),
  rendered: await old(() => client.renderContext(`${where}/**`, context)),
  window: await old(() => client.contextWindow(`${where}/**`, context).update()),
  missing: await old(missing),
});
await once(lines, 'line');
tell({ bookmark: await bookmark((ageMs) => !isOld(ageMs)) });
lines.close();
