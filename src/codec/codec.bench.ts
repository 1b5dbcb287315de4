/**
 * What encoding costs: `node --expose-gc src/codec/codec.bench.ts [--smoke]`. Cases: a publish of a 200-byte value to and
 * from a journal record; a snapshot of a million nodes of 200 bytes out and in. With `--experimental-transform-types`
 * (generated code has enums) the same records by protobuf-es, for comparison.
 */
import type { Proposal } from '../state/command.ts';
import { noEffects } from '../state/describe.ts';
import { emptyForest } from '../state/forest.ts';
import type { ForestState } from '../state/forest.ts';
import { forestHash } from '../state/state-hash.ts';
import { entryOf } from '../state/values/value.ts';
import type { Entry } from '../state/values/value.ts';
import { Transaction } from '../trie/transaction.ts';
import { decodeRecord, encodeRecord } from './record.ts';
import { SnapshotDecoder } from './snapshot-decoder.ts';
import { encodeSnapshot } from './snapshot-encoder.ts';
import { freezeForest } from './snapshot-source.ts';

const isSmoke = process.argv.includes('--smoke');
const runs = isSmoke ? 1 : 5;
const rounds = isSmoke ? 2 : 200;
const nodes = isSmoke ? 10_000 : 1_000_000;

const value = { kind: 'json', data: JSON.stringify('x'.repeat(198)), bytes: 200, type: '' } as const;
const effects = { ...noEffects, revision: 123_456 };
const proposals = Array.from({ length: 1_000 }, (_, index) => proposal(index));
const records = proposals.map((one) => encodeRecord(one, effects).slice());

console.log(`node ${process.version}, records of ${records[0]?.length} bytes, ${nodes} nodes`);
for (let run = 1; run <= runs; run += 1) {
  report(
    `record/encode run ${run}`,
    perRecord((index) => encodeRecord(at(proposals, index), effects)),
    'µs',
  );
  report(
    `record/decode run ${run}`,
    perRecord((index) => decodeRecord(at(records, index), index)),
    'µs',
  );
}
if (process.features.typescript === 'transform') await peers();

const state = largeForest();
for (let run = 1; run <= Math.min(runs, 3); run += 1) snapshot(run);

async function peers(): Promise<void> {
  const { fromBinary, toBinary } = await import('@bufbuild/protobuf');
  const { RecordSchema } = await import('../gen/hyperloom/journal/v1/record_pb.ts');
  const { recordMessage } = await import('./record-message.ts');
  const messages = proposals.map((one) => recordMessage(one, effects));
  for (let run = 1; run <= runs; run += 1) {
    const encode = perRecord((index) => toBinary(RecordSchema, at(messages, index)));
    const decode = perRecord((index) => fromBinary(RecordSchema, at(records, index)));
    report(`record/encode by protobuf-es run ${run}`, encode, 'µs');
    report(`record/decode by protobuf-es run ${run}`, decode, 'µs');
  }
}

function snapshot(run: number): void {
  let chunks: Uint8Array[] = [];
  let longestMs = 0;
  const steps = encodeSnapshot(freezeForest(state));
  const encodeMs = timed(() => {
    for (let last = performance.now(); ;) {
      const step = steps.next();
      if (step.done === true) return;
      chunks.push(step.value);
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
    }
  });
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  report(`snapshot/encode run ${run}`, encodeMs, `ms, ${(bytes / nodes).toFixed(0)} bytes a node`);
  report(`snapshot/encode longest step run ${run}`, longestMs, 'ms');
  const heapBefore = heapBytes();
  const decoder = new SnapshotDecoder();
  report(
    `snapshot/decode run ${run}`,
    timed(() => chunks.forEach((chunk) => decoder.push(chunk))),
    'ms',
  );
  const loaded = decoder.finish();
  const heapAfter = heapBytes();
  if (heapBefore > 0)
    report(
      `snapshot/memory run ${run}`,
      (heapAfter - heapBefore) / nodes,
      'bytes a node of the loaded state',
    );
  chunks = [];
  if (forestHash(loaded) !== forestHash(state)) throw new Error('the loaded state is another one');
}

function largeForest(): ForestState {
  const state = emptyForest();
  const sessions = Math.max(1, nodes / 10_000);
  for (let session = 0; session < sessions; session += 1) {
    state.revision += 1;
    const transaction = new Transaction<Entry>(state.root, state.revision);
    for (let index = 0; index < nodes / sessions; index += 1) {
      transaction.set(
        [`session_${session}`, `agent_${index % 10}`, 'memory', `note_${index}`],
        entry(session, index),
      );
    }
    state.root = transaction.commit();
  }
  return state;
}

function entry(session: number, index: number): Entry {
  const revision = session + 1;
  const data = JSON.stringify(`${session}/${index} `.padEnd(198, 'x'));
  const stamps = { created: revision, modified: revision, assigned: revision, version: 1 };
  return entryOf({ kind: 'json', data, bytes: 200, type: '' }, stamps, `agent_${index % 10}`);
}

function proposal(index: number): Proposal {
  const path = [`session_${index % 12}`, `agent_${index % 7}`, 'memory', `note_${index % 50}`];
  const command = {
    kind: 'publish',
    ghostId: '',
    operations: [{ kind: 'put', path, value }],
    preconditions: [],
    label: '',
    basis: [],
    author: `agent_${index % 7}`,
    request: { id: `0123456789abcdef_${index}`, fingerprint: index * 7_919 },
  } as const;
  return { position: index, timeMs: 1_790_000_000_000 + index, command };
}

function perRecord(once: (index: number) => unknown): number {
  const ms = timed(() => {
    for (let round = 0; round < rounds; round += 1)
      for (let index = 0; index < 1_000; index += 1) once(index);
  });
  return ms / rounds;
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

function at<T>(list: readonly T[], index: number): T {
  return list[index] as T;
}

function report(name: string, figure: number, unit: string): void {
  console.log(`${name.padEnd(44)} ${figure.toFixed(figure < 100 ? 3 : 0).padStart(10)} ${unit}`);
}
