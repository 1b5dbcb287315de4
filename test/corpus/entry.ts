/** An entry of the corpus: a packed data folder, and what is known of it. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { pack, unpack } from './archive.ts';
import type { Observation } from './observe.ts';

const folder = fileURLToPath(new URL('entries', import.meta.url));

/** What was recorded when an entry was written. */
export interface Expected {
  readonly written: { readonly version: string; readonly date: string; readonly chapters: readonly string[] };
  /** When it was packed: opened with this time, nothing in it has ended yet. */
  readonly endTimeMs: number;
  readonly forests: Readonly<Record<string, ExpectedForest>>;
  /** What chapters have left alive: names to ids. */
  readonly ids: Readonly<Record<string, string>>;
}

export interface ExpectedForest {
  /** The state hash of the live broker at journal positions on the way. */
  readonly hashes: Readonly<Record<string, string>>;
  readonly observed: Observation;
}

export function entryNames(): string[] {
  return readdirSync(folder).sort();
}

export function writeEntry(name: string, data: string, expected: Expected): number {
  const packed = pack(data, ['LOCK']);
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'data.tar.gz'), packed);
  writeFileSync(join(folder, name, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`);
  return packed.length;
}

/** Unpacks an entry's data into `data`. */
export function readEntry(name: string, data: string): Expected {
  unpack(readFileSync(join(folder, name, 'data.tar.gz')), data);
  return JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as Expected;
}
