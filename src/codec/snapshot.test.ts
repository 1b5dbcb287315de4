/**
 * Goal: a snapshot brings back the whole state, to the last stamp, and damage is told as such. Method: random states made
 * by the state machine go out and in, in chunks of random sizes, and then live on like the originals; damage from a seed,
 * and each kind by hand.
 */
import { fromBinary } from '@bufbuild/protobuf';
import type { MessageShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { SnapshotItemSchema } from '../gen/hyperloom/journal/v1/snapshot_pb.ts';
import { seededRandom } from '../base/random.ts';
import { emptyForest } from '../state/forest.ts';
import type { ForestState } from '../state/forest.ts';
import { reject } from '../state/outcome.ts';
import { forestHash } from '../state/state-hash.ts';
import type { Operation } from '../state/command.ts';
import { find } from '../trie/lookup.ts';
import { utf8Length } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import { ItemSplitter } from './item-splitter.ts';
import { kindsIn, plainForest, RandomForest } from './random-forest.ts';
import { SnapshotDecoder } from './snapshot-decoder.ts';
import { encodeSnapshot } from './snapshot-encoder.ts';
import { SnapshotItems, itemField } from './snapshot-items.ts';
import { freezeForest } from './snapshot-source.ts';
import { writeValue } from './value.ts';
import type { WireWriter } from './wire-writer.ts';

const sender = { author: 'an agent', request: null };
const publish = { kind: 'publish', ghostId: '', preconditions: [], label: '', basis: [], ...sender } as const;
const begin = { kind: 'begin_ghost', scope: [], parentId: '', ttlMs: 1_000, label: '', ...sender } as const;
const header = item(itemField.header, (writer) => writer.uint(1, 1));
const root = item(itemField.node, () => {});

const seeds = Array.from({ length: 40 }, (_, index) => 1_022 + index);

test.each(seeds)('a random state comes back equal and lives on like the original (seed %i)', (seed) => {
  const original = new RandomForest(seed);
  original.run(400);
  const random = seededRandom(seed);
  const bytes = encode(original.state);
  const loaded = decode(bytes, () => 1 + random.below(300));
  expect(plainForest(loaded)).toStrictEqual(plainForest(original.state));
  expect(encode(loaded)).toStrictEqual(bytes);
  expect(forestHash(loaded)).toBe(forestHash(original.state));
  const [one, other] = [original.with(original.state, seed + 1), original.with(loaded, seed + 1)];
  const [outcomes, loadedOutcomes] = [one.run(100), other.run(100)].map((all) =>
    all.map(({ outcome, effects }) => ({ outcome, effects })),
  );
  expect(loadedOutcomes).toStrictEqual(outcomes);
  expect(plainForest(loaded)).toStrictEqual(plainForest(original.state));
});

test('random states have ghosts in ghosts, checkpoints, past copies and ended ghosts, so that the test above means something', () => {
  const seen = new Set<string>();
  for (const seed of seeds) {
    const forest = new RandomForest(seed);
    forest.run(400);
    for (const item of itemsOf(encode(forest.state))) seen.add(item.item.case ?? '');
    for (const kind of kindsIn(forest.state)) seen.add(kind);
  }
  expect([...seen].sort()).toStrictEqual(
    [
      'approval',
      'checkpoints',
      'children',
      'deep ghost',
      'endedGhost',
      'ghost',
      'ghost of a lease',
      'header',
      'lease',
      'lock',
      'node',
      'pending commit',
      'race',
      'race that goes on',
      'race that was left',
      'race that was won',
      'request',
      'request that waits',
      'schema',
      'second version of a schema',
      'rules about unbound paths',
      'unboundPaths',
      'staged',
      'trailer',
      'view',
      'void approval',
    ].sort(),
  );
});

test('the snapshot of a frozen state is that of its moment, however far the state has gone since', () => {
  const forest = new RandomForest(5);
  forest.run(300);
  const expected = encode(forest.state);
  const frozen = freezeForest(forest.state);
  forest.run(200);
  expect(Buffer.concat([...encodeSnapshot(frozen)])).toStrictEqual(Buffer.from(expected));
});

test('an empty state comes back', () => {
  expect(plainForest(decode(encode(emptyForest())))).toStrictEqual(plainForest(emptyForest()));
});

test('the items are messages of snapshot.proto', () => {
  const forest = new RandomForest(1_003);
  forest.run(400);
  const items = itemsOf(encode(forest.state));
  expect(items.at(-1)?.item).toMatchObject({ case: 'trailer', value: { items: BigInt(items.length - 1) } });
  expect(items.map((item) => item.item.case)).not.toContain(undefined);
  expect(items.flatMap((item) => item.$unknown ?? [])).toStrictEqual([]);
});

test('a ghost whose base is the trunk costs a few bytes, and one on an old revision what changed since', () => {
  const forest = new RandomForest(77);
  forest.run(300);
  const { state } = forest;
  for (const id of state.ghosts.keys()) state.ghosts.delete(id);
  const alone = itemsOf(encode(state)).length;
  const older = forest.apply({ ...begin, ghostId: 'older', baseRevision: state.revision - 1 });
  const newest = forest.apply({ ...begin, ghostId: 'newest', baseRevision: state.revision });
  expect([older.outcome.kind, newest.outcome.kind]).toStrictEqual(['ghost_begun', 'ghost_begun']);
  const added = itemsOf(encode(state)).length - alone;
  expect(added).toBeGreaterThan(2);
  expect(added).toBeLessThan(40);
});

test('what a ghost shares with the trunk is shared again', () => {
  const forest = new RandomForest(78);
  forest.apply({ ...publish, operations: [put(['a', 'x'], '1'), put(['b', 'x'], '2')] });
  forest.apply({ ...begin, ghostId: 'older', baseRevision: 1 });
  forest.apply({ ...publish, operations: [put(['b', 'y'], '3')] });
  forest.apply({ ...begin, ghostId: 'newest', baseRevision: 2 });
  forest.apply({ ...begin, ghostId: 'inner', parentId: 'older', baseRevision: 0 });
  const { root, ghosts } = decode(encode(forest.state));
  const [older, newest, inner] = ['older', 'newest', 'inner'].map((id) => ghosts.get(id)?.base ?? root);
  expect(newest).toBe(root);
  expect(inner).toBe(older);
  expect(find(older ?? root, ['a'])).toBe(find(root, ['a']));
  expect(find(older ?? root, ['b', 'x'])).toBe(find(root, ['b', 'x']));
  expect(find(older ?? root, ['b', 'y'])).toBeUndefined();
});

test('a value larger than a chunk comes back', () => {
  const forest = new RandomForest(79);
  forest.apply({ ...publish, operations: [put(['a'], `"${'ü'.repeat(1_000_000)}"`), put(['b'], '1')] });
  const loaded = decode(encode(forest.state), () => 10_000);
  expect(plainForest(loaded)).toStrictEqual(plainForest(forest.state));
});

test('chunks are of about 64 KiB', () => {
  const forest = new RandomForest(80);
  const operations = Array.from({ length: 5_000 }, (_, index) =>
    put(['many', `note_${index}`], '"some text or other"'),
  );
  forest.apply({ ...publish, operations });
  const sizes = Array.from(encodeSnapshot(freezeForest(forest.state)), (chunk) => chunk.length);
  expect(sizes.length).toBeGreaterThan(4);
  for (const size of sizes.slice(0, -1)) {
    expect(size).toBeGreaterThanOrEqual(64 * 1024);
    expect(size).toBeLessThan(65 * 1024);
  }
});

test('rejections are remembered without their conflicts', () => {
  const forest = new RandomForest(81);
  const { state } = forest;
  const conflict = {
    path: ['a'],
    kind: 'value',
    base: null,
    trunk: null,
    ghost: null,
    message: 'both',
  } as const;
  const outcome = reject('CONFLICT', 'no', { n: 1 }, { conflicts: [conflict] });
  state.requests.remember({ id: 'r', fingerprint: 0xffff_ffff, timeMs: 0, outcome });
  expect(decode(encode(state)).requests.list()).toStrictEqual([
    { id: 'r', fingerprint: 0xffff_ffff, timeMs: 0, outcome: { ...outcome, conflicts: [] } },
  ]);
});

test('a snapshot cut off anywhere is damaged', () => {
  const forest = new RandomForest(1_004);
  forest.run(60);
  const bytes = encode(forest.state);
  for (let end = 0; end < bytes.length; end += 1)
    expect(() => decode(bytes.subarray(0, end))).toThrow(CodecDamage);
});

test('flipped bytes, and items lost, doubled or swapped, give damage or a state, never anything else', () => {
  const random = seededRandom(9);
  let damaged = 0;
  for (let round = 0; round < 300; round += 1) {
    const forest = new RandomForest(2_000 + (round % 10));
    forest.run(150);
    const items = rawItems(encode(forest.state));
    const at = random.below(items.length);
    const item = items[at] ?? new Uint8Array();
    const kind = random.below(4);
    if (kind === 0) items.splice(at, 1);
    else if (kind === 1) items.splice(at, 0, item);
    else if (kind === 2) items.splice(random.below(items.length), 0, ...items.splice(at, 1));
    else item[random.below(item.length)] = random.below(256);
    expect(['a state', 'damage'], `round ${round}`).toContain(whatComesOf(join(items)));
    if (whatComesOf(join(items)) === 'damage') damaged += 1;
  }
  expect(damaged).toBeGreaterThan(150);
});

test('lost and doubled items are always noticed', () => {
  const forest = new RandomForest(2_003);
  forest.run(150);
  const items = rawItems(encode(forest.state));
  for (const [at, item] of items.entries()) {
    expect(() => decode(join(items.toSpliced(at, 1)))).toThrow(CodecDamage);
    expect(() => decode(join(items.toSpliced(at, 0, item)))).toThrow(CodecDamage);
  }
});

test.each([
  [
    'another format',
    'format 2; this version of Hyperloom reads format 1 only',
    [item(itemField.header, (writer) => writer.uint(1, 2))],
  ],
  ['no format', 'format 0', [item(itemField.header, (writer) => writer.uint(2, 2))]],
  ['no header', 'a node outside a tree', [item(itemField.node, (writer) => writer.uint(3, 2))]],
  ['no trunk', 'a tree without a root', [header, item(itemField.trailer, (writer) => writer.uint(1, 1))]],
  ['an unknown item', 'field 99 of SnapshotItem is unknown', [header, root, item(99, () => {})]],
  [
    'a wrong number of items',
    '2 items came where the trailer says 7',
    [header, root, item(itemField.trailer, (writer) => writer.uint(1, 7))],
  ],
  [
    'a node whose parent is missing',
    'depth 2 where nodes above it are missing',
    [header, root, node(2, 'a')],
  ],
  [
    'nodes out of order',
    '"a" is out of order: it comes after "b"',
    [header, root, node(1, 'b'), node(1, 'a')],
  ],
  ['a second root', 'a second root', [header, root, root]],
  [
    'an empty node',
    '"a" has neither a value nor children',
    [
      header,
      root,
      item(itemField.node, (writer) => {
        writer.uint(1, 1);
        writer.text(2, 'a');
      }),
      node(1, 'b'),
    ],
  ],
  [
    'a removed node in the trunk',
    '"a" is removed and was not there',
    [
      header,
      root,
      item(itemField.node, (writer) => {
        writer.uint(1, 1);
        writer.text(2, 'a');
        writer.boolean(12, true);
      }),
    ],
  ],
  [
    'a staged diff without a ghost',
    'outside a ghost',
    [header, root, item(itemField.staged, (writer) => writer.close(writer.open(1, 0)))],
  ],
  [
    'a ghost in an unknown ghost',
    'ghost other is referred to and did not come before',
    [
      header,
      root,
      item(itemField.ghost, (writer) => {
        writer.text(1, 'g');
        writer.text(4, 'other');
        writer.uint(14, 1);
      }),
      item(itemField.trailer, () => {}),
    ],
  ],
  ['an item of absurd length', 'an item of more than', [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)]],
  [
    'a request with an outcome that is none',
    'an outcome of no known kind',
    [
      header,
      root,
      item(itemField.request, (writer) => {
        writer.text(1, 'r');
        writer.text(4, '{"kind":"x"}');
      }),
    ],
  ],
])('refuses %s and says so', (_, message, items) => {
  expect(whatIsWrong(join(items))).toContain(message);
});

test('nothing may come after the trailer', () => {
  const bytes = encode(emptyForest());
  expect(whatIsWrong(join([bytes, bytes]))).toContain('comes after the part "end"');
});

function encode(state: ForestState): Uint8Array {
  return join([...encodeSnapshot(freezeForest(state))]);
}

function decode(bytes: Uint8Array, chunkBytes = () => bytes.length): ForestState {
  const decoder = new SnapshotDecoder();
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(at + chunkBytes(), bytes.length);
    // A copy that is overwritten afterwards: the decoder must not keep it.
    const chunk = bytes.slice(at, end);
    decoder.push(chunk);
    chunk.fill(0xff);
    at = end;
  }
  return decoder.finish();
}

/** The items with their lengths in front. */
function rawItems(bytes: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  let from = 0;
  new ItemSplitter(1e6, (all, _start, end) => {
    items.push(all.slice(from, end));
    from = end;
  }).push(bytes);
  return items;
}

function itemsOf(bytes: Uint8Array) {
  const items: MessageShape<typeof SnapshotItemSchema>[] = [];
  new ItemSplitter(1e6, (all, start, end) => {
    items.push(fromBinary(SnapshotItemSchema, all.subarray(start, end)));
  }).push(bytes);
  return items;
}

function item(field: number, write: (writer: WireWriter) => void): Uint8Array {
  const items = new SnapshotItems();
  items.open(field, 0);
  write(items.writer);
  items.close();
  return items.take();
}

function node(depth: number, segment: string): Uint8Array {
  return item(itemField.node, (writer) => {
    writer.uint(1, depth);
    writer.text(2, segment);
    writeValue(writer, 6, { kind: 'json', data: '1', bytes: 1, type: '' });
  });
}

function put(path: Path, data: string): Operation {
  return { kind: 'put', path, value: { kind: 'json', data, bytes: utf8Length(data), type: '' } };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function whatComesOf(bytes: Uint8Array): unknown {
  try {
    decode(bytes);
    return 'a state';
  } catch (error) {
    return error instanceof CodecDamage ? 'damage' : error;
  }
}

function whatIsWrong(bytes: Uint8Array): string {
  try {
    decode(bytes);
    return 'nothing';
  } catch (error) {
    return error instanceof CodecDamage ? error.message : `something else: ${String(error)}`;
  }
}
