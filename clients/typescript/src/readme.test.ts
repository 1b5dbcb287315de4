/** Goal: the README's programs run as they stand. Method: each is cut out, pointed at a real broker, and run in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Broker } from './testing/broker.ts';

/** The examples that are whole programs, and what they tell. */
const examples: readonly (readonly [string, readonly string[]])[] = [
  [
    'the quick start',
    [
      "{ goal: 'compare three databases', budget: 12 } at revision 1 by researcher",
      '/session_1/steps',
      'after 2 attempts; refused before: the summary is a placeholder',
      'researcher put /session_1/done',
    ],
  ],
  [
    'typed state',
    [
      'etcd claims etcd sorts its keys',
      'claim breaks string.min_len',
      'confidence breaks double.gte_lte',
      'delete etcd is gone',
    ],
  ],
  ['a migration', ['version 2 is in force, with its values']],
  [
    'locks',
    [
      '/session_1/plan/goal is held by planner',
      "planner held [ { path: '/session_1/plan', mode: 'exclusive' } ]",
      '2 entries in the plan',
    ],
  ],
  ['gates, reviews and races', ['approved after 2 attempts', 'measure has won']],
  [
    'contexts for models',
    ['=== /session_1/facts/etcd', 'characters more, of', '/session_1/facts/sync a sync takes 0.3 ms'],
  ],
];

/** What the reader of the README has generated. */
const generated = join(import.meta.dirname, 'testing/gen/acme/v1/research_hyperloom.ts');

async function programs(): Promise<readonly string[]> {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const blocks = Array.from(readme.matchAll(/```ts\n(.*?)```/gs), ([, block = '']) => block);
  return blocks.filter((block) => block.startsWith('import '));
}

test.each(examples.map(([name, told], index) => ({ name, told, index })))(
  'the example of $name in the README runs and tells what it promises',
  async ({ told, index }) => {
    const all = await programs();
    expect(all).toHaveLength(examples.length);
    await using broker = await Broker.start();
    const script = (all[index] ?? '')
      .replace("'@hyperloom/client'", JSON.stringify(join(import.meta.dirname, 'index.ts')))
      .replace("'./gen/acme/v1/research_hyperloom.js'", JSON.stringify(generated))
      .replace('127.0.0.1:7400', broker.address);
    const folder = await mkdtemp(join(tmpdir(), 'hyperloom-readme-'));
    try {
      await writeFile(join(folder, 'example.mts'), script);
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(folder, 'example.mts')]);
      expect(stderr).toBe('');
      for (const line of told) expect(stdout).toContain(line);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
