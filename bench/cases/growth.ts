/**
 * What an operation costs as a forest grows, in nodes and in history. The forest is on the embedded journal, without the network; it writes no
 * snapshots, whose cost is that of the bytes they write.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/step.ts';
import { startAsked } from '../harness/asked.ts';
import type { Case, Context, Figure, Subject } from '../harness/case.ts';

/** The flags that the launcher gives the broker: it begins to run when it is imported, so they are read from its text. */
function brokerFlags(): string[] {
  const launcher = readFileSync(join(root, 'bin', 'hyperloom.js'), 'utf8');
  const listed = /const serveFlags = \[([^\]]*)\]/.exec(launcher)?.[1] ?? '';
  const flags = [...listed.matchAll(/'(--[^']+)'/g)].flatMap(([, flag]) => flag ?? []);
  if (flags.length === 0) throw new Error('bin/hyperloom.js names no flags');
  return flags;
}

interface Size {
  readonly name: string;
  /** For a full run and for a smoke run. */
  readonly nodes: readonly [full: number, smoke: number];
  readonly entries: readonly [full: number, smoke: number];
}

const few: Size = { name: '1,000 nodes', nodes: [1_000, 1_000], entries: [0, 0] };
const many: Size = { name: '1,000,000 nodes', nodes: [1_000_000, 10_000], entries: [0, 0] };
const short: Size = { name: 'no entries', nodes: [1_000, 1_000], entries: [0, 0] };
const long: Size = { name: '10,000,000 entries', nodes: [1_000, 1_000], entries: [10_000_000, 20_000] };

function sized({ name, nodes, entries }: Size): Subject {
  return {
    name,
    start(context: Context) {
      const sizes = [context.size(...nodes), context.size(...entries)].map(String);
      const script = ['bench/growth/main.ts', ...sizes, context.folder, context.isSmoke ? 'smoke' : 'full'];
      return startAsked({
        command: process.execPath,
        args: [...brokerFlags(), '--expose-gc', ...script],
        folder: root,
      });
    },
  };
}

const operations: readonly (readonly [metric: string, text: string])[] = [
  ['publishUs', 'a publish'],
  ['getUs', 'a get'],
  ['beginUs', 'beginning a ghost'],
  ['revertUs', 'reverting it'],
  ['resumeUs', 'coming back to the newest 100 events'],
  ['resumeFarUs', 'coming back from far to 5,000 events'],
];

function growthCase(name: string, about: string, small: Size, large: Size): Case {
  const figures = operations.map(([metric, text]): Figure => {
    const ratio = `${text} with ${large.name}, as a multiple of ${small.name}`;
    return { text: ratio, metric, of: large.name, per: small.name, bound: { atMost: 1.5 } };
  });
  return { name: `growth/${name}`, about, subjects: [sized(small), sized(large)], figures };
}

const measured =
  'CPU of a durable publish of 200 bytes, of a get, of beginning a ghost and of reverting it with one node staged (500 at a time), of a ' +
  'subscription that comes back to the newest 100 events by position, and of one that comes back by revision from anywhere in the journal, up to ' +
  'its 5,000th event. The same 1,000 nodes are worked on each time.';

/** See above. */
export const growthCases: readonly Case[] = [
  growthCase('nodes', `By the nodes of the forest: ${measured}`, few, many),
  growthCase(
    'journal',
    `By the entries that the journal had before (each round adds 55,000): ${measured}`,
    short,
    long,
  ),
];
