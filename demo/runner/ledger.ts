/**
 * What was moved, against what passing the whole history would have moved. Both sides come from what really happened:
 * the agents counted what they published and read; the broker's history says in which order diffs came, and how large they were.
 */
import type { Client } from '../../clients/typescript/src/index.ts';
import { changeBytes, type Count } from '../agents/meter.ts';
import type { Report } from '../agents/desk.ts';

/** Bytes, and tokens by the rule of thumb of four bytes each. */
export interface Amount {
  readonly bytes: number;
  readonly tokens: number;
}

export interface Ledger {
  /** Diffs of each author, as the broker has them: ghosts' too, commits not counted again. */
  readonly published: Readonly<Record<string, Count>>;
  readonly diffs: number;
  /** Published and read by all agents. */
  readonly moved: Amount;
  /** Each time an agent publishes it would have been passed all that was published before, by anyone. */
  readonly wholeHistory: Amount;
  readonly ratio: number;
}

/** Goes through the history of the tree once, from the beginning. */
export async function makeLedger(client: Client, tree: string, reports: readonly Report[]): Promise<Ledger> {
  const published: Record<string, Count> = Object.fromEntries(
    reports.map(({ name }) => [name, { items: 0, bytes: 0 }]),
  );
  let soFar = 0;
  let passed = 0;
  for await (const event of client.history({ path: tree, everything: true })) {
    const isDiff = event.transition === undefined || event.transition.kind === 'staged';
    if (!isDiff || event.changes.length === 0) continue;
    const bytes = event.changes.reduce((total, change) => total + changeBytes(change), 0);
    const before = published[event.author];
    if (before !== undefined) {
      published[event.author] = { items: before.items + 1, bytes: before.bytes + bytes };
      passed += soFar + bytes;
    }
    soFar += bytes;
  }
  const moved = reports.reduce((total, { published, read }) => total + published.bytes + read.bytes, 0);
  const diffs = Object.values(published).reduce((total, { items }) => total + items, 0);
  return { published, diffs, moved: amount(moved), wholeHistory: amount(passed), ratio: passed / moved };
}

function amount(bytes: number): Amount {
  return { bytes, tokens: Math.round(bytes / 4) };
}
