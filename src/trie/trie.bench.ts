/**
 * What the trie costs: `node src/trie/trie.bench.ts [--smoke]`; memory is told with `--expose-gc`. Cases: a million
 * nodes loaded, puts in a hot session (a transaction each, the last 1,000 roots kept), puts all over the tree, lookups
 * at depth 4, a second hash after few writes.
 */
import { seededRandom } from '../base/random.ts';
import { hashSteps, hashTree } from './hash.ts';
import type { HashEntry } from './hash.ts';
import { find } from './lookup.ts';
import { emptyRoot } from './node.ts';
import type { TrieNode } from './node.ts';
import type { Path } from './path.ts';
import { parsePath } from './path.ts';
import { Transaction } from './transaction.ts';

/** As many fields as the entries of the state machine. */
interface BenchEntry {
  readonly kind: string;
  readonly data: string;
  readonly bytes: number;
  readonly type: string;
  readonly created: number;
  readonly modified: number;
  readonly assigned: number;
  readonly version: number;
  readonly author: string;
}

const isSmoke = process.argv.includes('--smoke');
const sessions = isSmoke ? 10 : 1_000;
const perSession = 1_000;
const rounds = isSmoke ? 5_000 : 400_000;
const seed = 7;
const random = seededRandom(seed);
const keptRoots: TrieNode<BenchEntry>[] = [];
const value = 'x'.repeat(200);

const hashEntry: HashEntry<BenchEntry> = (entry, hasher) => {
  hasher.text(entry.data);
  hasher.number(entry.modified);
};

let revision = 0;
let root = emptyRoot<BenchEntry>();

console.log(`node ${process.version}, seed ${seed}, ${sessions * perSession} nodes`);
const heapBefore = heapBytes();
const loadMs = timed(load);
const heapAfter = heapBytes();
report('trie/load', (loadMs * 1_000) / root.count, 'µs a node');
if (heapBefore > 0)
  report('trie/memory', (heapAfter - heapBefore) / root.count, 'bytes a node, entry object and key in it');
// A path that has just been parsed lies in the cache; 1,000 of them do, and 400,000 would not.
const hotOnce = Array.from({ length: 1_000 }, () => pathOf(3, random.below(perSession)));
const hot = Array.from({ length: rounds }, (_, round) => hotOnce[round % 1_000] as Path);
const anywhere = paths(() => random.below(sessions));
for (let run = 1; run <= 3; run += 1) {
  report(
    `trie/put/hot run ${run}`,
    perRound(() => putAll(hot)),
    'µs',
  );
  report(
    `trie/put/random run ${run}`,
    perRound(() => putAll(anywhere)),
    'µs',
  );
  report(
    `trie/get/hot run ${run}`,
    perRound(() => findAll(hot)),
    'µs',
  );
  report(
    `trie/get/random run ${run}`,
    perRound(() => findAll(anywhere)),
    'µs',
  );
  report(`path/parse run ${run}`, perRound(parseAll), 'µs');
}
report(
  'hash/first',
  timed(() => hashTree(root, hashEntry)),
  'ms',
);
putAll(hot.slice(0, 10));
report(
  'hash/after 10 writes',
  timed(() => hashTree(root, hashEntry)),
  'ms',
);
const steps = stepsMs();
report('hash/step of 1,000 nodes, median', steps[steps.length >>> 1] ?? 0, 'ms');
report('hash/step of 1,000 nodes, 99 %', steps[Math.floor(steps.length * 0.99)] ?? 0, 'ms');
report('hash/step of 1,000 nodes, longest', steps.at(-1) ?? 0, 'ms');

function load(): void {
  for (let session = 0; session < sessions; session += 1) {
    const transaction = new Transaction(root, ++revision);
    for (let node = 0; node < perSession; node += 1)
      transaction.set(pathOf(session, node), entryOf(revision));
    root = transaction.commit();
  }
}

function pathOf(session: number, node: number): Path {
  const parsed = parsePath(`/session_${session}/agent_${node % 10}/memory/note_${node}`);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

function entryOf(stamp: number): BenchEntry {
  return {
    kind: 'text',
    data: value,
    bytes: value.length,
    type: '',
    created: stamp,
    modified: stamp,
    assigned: stamp,
    version: 1,
    author: 'agent',
  };
}

function paths(session: () => number): Path[] {
  return Array.from({ length: rounds }, () => pathOf(session(), random.below(perSession)));
}

function putAll(targets: readonly Path[]): void {
  for (const path of targets) {
    const transaction = new Transaction(root, ++revision);
    transaction.set(path, entryOf(revision));
    root = transaction.commit();
    keptRoots[revision % 1_000] = root;
  }
}

function findAll(targets: readonly Path[]): void {
  let found = 0;
  for (const path of targets) if (find(root, path) !== undefined) found += 1;
  if (found !== targets.length) throw new Error('a node is missing');
}

function parseAll(): void {
  for (let round = 0; round < rounds; round += 1)
    parsePath(`/session_${round & 1023}/agent_7/memory/note_${round & 511}`);
}

/** How long the steps of a hash take after an eighth of all nodes was written; ascending. */
function stepsMs(): number[] {
  const other = new Transaction(root, ++revision);
  for (let session = 0; session < sessions; session += 1) {
    for (let node = 0; node < perSession; node += 8) other.set(pathOf(session, node), entryOf(revision));
  }
  const taken: number[] = [];
  const steps = hashSteps(other.commit(), hashEntry, 1_000);
  for (let isDone = false; !isDone;) {
    const start = performance.now();
    isDone = steps.next().done === true;
    taken.push(performance.now() - start);
  }
  return taken.sort((a, b) => a - b);
}

function perRound(work: () => void): number {
  return (timed(work) * 1_000) / rounds;
}

function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function heapBytes(): number {
  if (globalThis.gc === undefined) return 0;
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function report(name: string, figure: number, unit: string): void {
  console.log(`${name.padEnd(36)} ${figure.toFixed(3).padStart(10)} ${unit}`);
}
