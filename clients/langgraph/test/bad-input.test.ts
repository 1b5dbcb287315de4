/** Goal: what cannot be done is refused in words that say what to do, and changes nothing. Method: a real broker, none, and one of another kind. */
import { connect, json } from '@hyperloom/client';
import { emptyCheckpoint, type CheckpointMetadata, type PendingWrite } from '@langchain/langgraph-checkpoint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  BrokerUnreachableError,
  HyperloomLangGraphError,
  HyperloomSaver,
  IncompleteConfigError,
  UnreadableValueError,
  UnstorableValueError,
  UnusableIdError,
} from '../src/index.ts';
import { Bench } from './support/broker.ts';
import { of } from './support/graphs.ts';

let bench: Bench;

beforeAll(async () => {
  bench = await Bench.start();
});

afterAll(() => bench[Symbol.asyncDispose]());

const metadata: CheckpointMetadata = { source: 'loop', step: 1, parents: {} };
const mebibyte = 1024 * 1024;

function checkpointWith(values: Record<string, unknown>) {
  const channel_versions = Object.fromEntries(Object.keys(values).map((channel) => [channel, 1]));
  return { ...emptyCheckpoint(), channel_values: values, channel_versions };
}

async function roundTrip(saver: HyperloomSaver, value: unknown): Promise<unknown> {
  const checkpoint = checkpointWith({ value });
  const config = await saver.put(of('big'), checkpoint, metadata, checkpoint.channel_versions);
  return (await saver.getTuple(config))?.checkpoint.channel_values['value'];
}

test('values of any size come back as they were', async () => {
  const saver = await bench.saver();
  const huge = 'ü💬'.repeat(mebibyte / 2);
  expect(await roundTrip(saver, huge)).toBe(huge);
  const many = Array.from({ length: 20_000 }, (_, index) => ({
    index,
    name: `${'item '.repeat(10)}${index}`,
  }));
  expect(await roundTrip(saver, many)).toEqual(many);
  expect(await roundTrip(saver, { many })).toEqual({ many });
  const bytes = new Uint8Array(3 * mebibyte).fill(7);
  const told = (await roundTrip(saver, bytes)) as Uint8Array;
  expect([told.constructor, Buffer.compare(told, bytes)]).toEqual([Uint8Array, 0]);
  const fiveTexts = Array.from({ length: 5 }, (_, index) => `${index}`.repeat(mebibyte));
  expect(await roundTrip(saver, { fiveTexts })).toEqual({ fiveTexts });
});

test('what a task writes may take more than a node does, and the largest lies elsewhere', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const checkpoint = emptyCheckpoint();
  const config = await saver.put(of('wide'), checkpoint, metadata, {});
  const rows = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at + 0.123456);
  const writes: PendingWrite[] = Array.from({ length: 150 }, (_, task) => [
    'sent',
    { task, rows: rows(2_000) },
  ]);
  writes.push(['small', { is: 1 }], ['ü', { text: 'ü'.repeat(200) }]);
  await saver.putWrites(config, writes, 'first');
  // Those of a later call join them, in what is left of the node.
  await saver.putWrites(config, [['__error__', { trace: rows(80_000) }]], 'first');
  const told = await new HyperloomSaver(client).getTuple(config);
  const expected = [['__error__', { trace: rows(80_000) }], ...writes];
  expect(told?.pendingWrites).toEqual(expected.map(([channel, value]) => ['first', channel, value]));
  const [node] = await client.list(`/wide/langgraph/checkpoints/${checkpoint.id}/writes`, { depth: 1 }).all();
  expect(node?.valueBytes).toBeGreaterThan(mebibyte);
  const many: PendingWrite[] = Array.from({ length: 30_000 }, () => ['small', 'x'.repeat(100)]);
  await expect(saver.putWrites(config, many, 'many')).rejects.toThrow(
    /the 30000 writes of task many take .* write less in one step/,
  );
});

test.each([
  ['null', null],
  ['an empty list', []],
  ['an empty text', ''],
  ['marks of the layout', { '~': 'AAAAAAAAAAAAAAAAAAAAAA' }],
  ['marks in marks', [{ '~': { '~': ['x'] } }, { '~': null }, { '~': 1, other: 2 }]],
  ['half a surrogate pair', { half: '\ud800', long: '\udc00'.repeat(300) }],
  [
    'long texts in odd places',
    { list: ['y'.repeat(300), { '~': 'z'.repeat(300) }], [`k${'e'.repeat(300)}`]: 1 },
  ],
  ['sets, maps and errors', [new Set([1]), new Map([['a', 'x'.repeat(400)]]), new Error('oh')]],
  ['bytes among others', { bytes: new Uint8Array([1, 2, 3]) }],
  ['names of prototypes', { constructor: 'c', prototype: { toString: 't'.repeat(300) } }],
  ['numbers', [0, -0.5, 1e300, 2 ** 53, 2 ** 70]],
])('%s come back as they were', async (_, value) => {
  expect(await roundTrip(await bench.saver(), value)).toEqual(value);
});

test('a value that no serialiser takes is refused with the name of its channel, and nothing is stored', async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const checkpoint = checkpointWith({ fine: 1, wrong: { count: 1n } });
  const putting = saver.put(of('t'), checkpoint, metadata, checkpoint.channel_versions);
  await expect(putting).rejects.toThrow(UnstorableValueError);
  await expect(putting).rejects.toThrow(/channel "wrong".*BigInt.*Keep it out of the state/s);
  await expect(
    saver.putWrites({ configurable: { thread_id: 't', checkpoint_id: 'c' } }, [['ch', 1n]], 'task'),
  ).rejects.toThrow(/write of task task to "ch"/);
  expect(await client.list('/', { depth: 0 }).all()).toEqual([]);
});

test('ids that no path can hold are refused', async () => {
  const saver = await bench.saver();
  const checkpoint = emptyCheckpoint();
  await expect(saver.put(of('x'.repeat(256)), checkpoint, metadata, {})).rejects.toThrow(UnusableIdError);
  await expect(saver.put(of('ü/'.repeat(100)), checkpoint, metadata, {})).rejects.toThrow(
    /takes 500 bytes, and 255/,
  );
  await expect(saver.getTuple(of('\ud800'))).rejects.toThrow(/half a surrogate pair/);
  expect(() => new HyperloomSaver(bench.client, { root: 'no/slash' })).toThrow(/begins with "\/"/);
});

test('configs that name too little are refused, or lead to nothing', async () => {
  const saver = await bench.saver();
  await expect(saver.put({}, emptyCheckpoint(), metadata, {})).rejects.toThrow(IncompleteConfigError);
  await expect(saver.putWrites(of('t'), [['c', 1]], 'task')).rejects.toThrow(/"checkpoint_id"/);
  expect(await saver.getTuple({})).toBeUndefined();
  expect(await saver.getDeltaChannelHistory({ config: of('never'), channels: ['a'] })).toEqual({
    a: { writes: [] },
  });
});

test("what Python's own serialiser wrote is told apart from damage", async () => {
  const client = await bench.isolated();
  const saver = new HyperloomSaver(client);
  const checkpoint = checkpointWith({ value: { some: 'thing that is longer than forty bytes, to be sure' } });
  const config = await saver.put(of('mixed'), checkpoint, metadata, checkpoint.channel_versions);
  const fresh = (): HyperloomSaver => new HyperloomSaver(client);
  await client.put('/mixed/langgraph/channels/value/1', json('{"tag":"msgpack","data":"wAA="}'));
  await expect(fresh().getTuple(config)).rejects.toThrow(
    /channel "value".*Python's own serialiser wrote it \(msgpack\)/,
  );
  await client.delete('/mixed/langgraph/channels/value/1');
  await expect(fresh().getTuple(config)).rejects.toThrow(UnreadableValueError);
});

test('values of a serialiser of the user are never looked into', async () => {
  const client = await bench.isolated();
  const { serde } = new HyperloomSaver(client);
  const turned = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x55);
  const secret: typeof serde = {
    dumpsTyped: async (value) => {
      const [tag, bytes] = await serde.dumpsTyped(value);
      return [`turned-${tag}`, turned(bytes)];
    },
    loadsTyped: (tag, data) =>
      serde.loadsTyped(
        tag.slice('turned-'.length),
        turned(typeof data === 'string' ? Buffer.from(data) : data),
      ),
  };
  const saver = new HyperloomSaver(client, { serde: secret });
  const value = { plain: 'the secret word', long: 'the secret word, '.repeat(100) };
  const checkpoint = checkpointWith({ value });
  const config = await saver.put(of('secret'), checkpoint, metadata, checkpoint.channel_versions);
  await saver.putWrites(config, [['value', value]], 'task');
  const told = await new HyperloomSaver(client, { serde: secret }).getTuple(config);
  expect(told?.checkpoint.channel_values).toEqual({ value });
  expect(told?.pendingWrites).toEqual([['task', 'value', value]]);
  const nodes = await client.list('/secret', { depth: 0 }).all();
  expect(
    nodes.filter(({ value: stored }) => Buffer.from(JSON.stringify(stored ?? '')).includes('secret word')),
  ).toEqual([]);
  await expect(new HyperloomSaver(client).getTuple(config)).rejects.toThrow(
    /the serialiser does not take it/,
  );
});

test('a broker that does not answer is named as such, with what to do', async () => {
  await using nobody = connect('127.0.0.1:9', { timeoutMs: 300 });
  const saver = new HyperloomSaver(nobody);
  const getting = saver.getTuple(of('t'));
  await expect(getting).rejects.toThrow(BrokerUnreachableError);
  await expect(getting).rejects.toThrow(/npx hyperloom serve/);
  await expect(saver.put(of('t'), emptyCheckpoint(), metadata, {})).rejects.toThrow(HyperloomLangGraphError);
});
