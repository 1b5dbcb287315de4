/** A row of the soak's table: everything that was measured at one moment. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Client } from '../../clients/typescript/src/index.ts';
import { descriptorsOf, residentBytesOf } from './broker.ts';
import type { KindSample, LoadSample, ProbeSample } from './sample.ts';

/** Bytes are in MiB, times in ms. */
export interface Row {
  /** Since the load began. */
  readonly minute: number;
  readonly resident: number;
  readonly heapTotal: number;
  readonly heapUsed: number;
  /** In use right after the last full collection; 0 before the first. */
  readonly liveHeap: number;
  readonly liveExternal: number;
  readonly external: number;
  /** The least since the last row. */
  readonly leastResident: number;
  readonly leastExternal: number;
  readonly fullCollections: number;
  readonly descriptors: number;
  readonly sockets: number;
  readonly files: number;
  readonly deletedFiles: number;
  readonly journal: number;
  readonly segments: number;
  readonly snapshots: number;
  readonly operations: number;
  readonly publishP50: number;
  readonly publishP99: number;
  readonly readP50: number;
  readonly readP99: number;
  readonly lagP50: number;
  readonly lagP99: number;
  readonly lagRevisions: number;
  readonly loopP50: number;
  readonly loopP99: number;
  readonly loopMax: number;
  readonly cpuMs: number;
  readonly revision: number;
  readonly nodes: number;
  readonly ghosts: number;
  readonly leases: number;
  readonly locksHeld: number;
  readonly locksWaiting: number;
  readonly requestIds: number;
  readonly subscriptions: number;
  readonly catchingUp: number;
  readonly heldBack: number;
}

const mebibyte = 1024 * 1024;

/** Where a row comes from. */
export interface Measured {
  readonly client: Client;
  readonly pid: number;
  readonly data: string;
  readonly probeFile: string;
}

/** Measures now. `samples` are what the loads said since the last row, `seconds` how long ago that was. */
export async function measureRow(
  { client, pid, data, probeFile }: Measured,
  samples: readonly LoadSample[],
  minute: number,
  seconds: number,
): Promise<Row> {
  const status = await client.status();
  const probe = lastProbe(probeFile);
  const descriptors = descriptorsOf(pid);
  const kinds = samples.flatMap((sample) => Object.entries(sample.kinds));
  const publish = weighted(kinds.filter(([name]) => /^(python )?publish( stream| unary)?$/.test(name)));
  const read = weighted(kinds.filter(([name]) => /^(python )?(get|batch get)$/.test(name)));
  const files = filesBelow(join(data, 'forests', 'default'));
  const lags = samples.map(({ lag }) => lag);
  const counts = kinds.reduce((sum, [, { count, refused }]) => sum + count + refused, 0);
  return {
    minute,
    resident: residentBytesOf(pid) / mebibyte,
    heapTotal: probe.heapTotalBytes / mebibyte,
    heapUsed: probe.heapUsedBytes / mebibyte,
    liveHeap: probe.liveHeapBytes / mebibyte,
    liveExternal: probe.liveExternalBytes / mebibyte,
    external: probe.externalBytes / mebibyte,
    leastResident: probe.leastResidentBytes / mebibyte,
    leastExternal: probe.leastExternalBytes / mebibyte,
    fullCollections: probe.fullCollections,
    descriptors: descriptors.total,
    sockets: descriptors.sockets,
    files: descriptors.files,
    deletedFiles: descriptors.deletedFiles,
    journal: files.reduce((sum, { bytes }) => sum + bytes, 0) / mebibyte,
    segments: files.filter(({ path }) => path.includes('segments')).length,
    snapshots: files.filter(({ path }) => path.includes('snapshots')).length,
    operations: counts / seconds,
    publishP50: publish.p50Ms,
    publishP99: publish.p99Ms,
    readP50: read.p50Ms,
    readP99: read.p99Ms,
    lagP50: Math.max(0, ...lags.map(({ p50Ms }) => p50Ms)),
    lagP99: Math.max(0, ...lags.map(({ p99Ms }) => p99Ms)),
    lagRevisions: Math.max(0, ...lags.map(({ revisions }) => revisions)),
    loopP50: probe.loopDelayP50Ms,
    loopP99: probe.loopDelayP99Ms,
    loopMax: probe.loopDelayMaxMs,
    cpuMs: status.cpuTimeMs,
    revision: status.forest.revision,
    nodes: status.forest.nodes,
    ghosts: status.forest.ghosts,
    leases: status.leases,
    locksHeld: status.locksHeld,
    locksWaiting: status.locksWaiting,
    requestIds: status.requestIds,
    subscriptions: status.subscriptions,
    catchingUp: status.subscriptionsCatchingUp,
    heldBack: samples.reduce((sum, { heldBack }) => sum + heldBack, 0),
  };
}

/** Percentiles of several kinds, each counted as often as it occurred. */
function weighted(kinds: readonly (readonly [string, KindSample])[]): {
  readonly p50Ms: number;
  readonly p99Ms: number;
} {
  const count = kinds.reduce((sum, [, kind]) => sum + kind.count, 0);
  const mean = (of: (kind: KindSample) => number): number =>
    count === 0 ? 0 : kinds.reduce((sum, [, kind]) => sum + of(kind) * kind.count, 0) / count;
  return { p50Ms: mean(({ p50Ms }) => p50Ms), p99Ms: mean(({ p99Ms }) => p99Ms) };
}

const noProbe: ProbeSample = {
  heapUsedBytes: Number.NaN,
  heapTotalBytes: Number.NaN,
  externalBytes: Number.NaN,
  arrayBufferBytes: Number.NaN,
  leastResidentBytes: Number.NaN,
  leastExternalBytes: Number.NaN,
  liveHeapBytes: 0,
  liveExternalBytes: 0,
  fullCollections: 0,
  pauseMs: 0,
  loopDelayP50Ms: 0,
  loopDelayP99Ms: 0,
  loopDelayMaxMs: 0,
};

function lastProbe(file: string): ProbeSample {
  const line = readFileSync(file, { encoding: 'utf8', flag: 'a+' }).trimEnd().split('\n').at(-1) ?? '';
  return line === '' ? noProbe : (JSON.parse(line) as ProbeSample);
}

/** Files may go while they are counted. */
function filesBelow(folder: string): { readonly path: string; readonly bytes: number }[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? [{ path: path.slice(folder.length), bytes: found.size }] : [];
  });
}
