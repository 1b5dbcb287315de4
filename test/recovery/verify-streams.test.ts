/**
 * Goal: whatever is wrong with what brokers share is found, and told apart from what is not. Method: the streams of the corpus, in memory, one thing of which is
 * changed at a time.
 */
import { expect, test } from 'vitest';

import { decodeAgreedEntry, encodeAgreedEntry } from '../../src/codec/agreed-entry.ts';
import { verifyStreams } from '../../src/inspection/verify-streams.ts';
import type { StreamReport } from '../../src/inspection/verify-streams.ts';
import { agreementGraceMs, agreementMsMax } from '../../src/base/limits.ts';
import type { AgreedLog, AgreedLogEntry } from '../../src/journal/agreed-log.ts';
import type { MemoryLogs } from '../../src/journal/memory/agreed-logs.ts';
import { MemoryStore } from '../../src/memory-store.ts';
import { manifestsIn } from '../../src/sequencer/agreed/snapshot-sharing.ts';
import { logsOf, readStreams } from '../corpus/streams.ts';

const stored = readStreams('format-1.json.gz');

async function verified(logs: MemoryLogs, missing = 0, ends = logs.end()): Promise<StreamReport> {
  const shared = {
    ...ends,
    names: async () => [...logs.logs.keys()].sort(),
    missing: async () => missing,
  };
  const reports: StreamReport[] = [];
  for await (const report of verifyStreams(shared, { store: new MemoryStore(), onEntries: () => undefined }))
    reports.push(report);
  expect(reports.map(({ forest }) => forest).sort()).toEqual(Object.keys(stored.hashes).sort());
  const [report] = reports.filter(({ forest }) => forest === 'default');
  if (report === undefined) throw new Error('every broker has a default forest');
  return report;
}

function entriesOf(logs: MemoryLogs): AgreedLogEntry[] {
  return logs.logs.get('default')?.entries ?? [];
}

function change(logs: MemoryLogs, at: number, payload: Uint8Array): void {
  const entry = entriesOf(logs)[at];
  if (entry !== undefined) entriesOf(logs)[at] = { ...entry, payload };
}

function told({ damages }: StreamReport): string {
  return damages.map(({ what }) => what).join('\n');
}

test('streams that are whole lead from every snapshot, and from the first entry, to what their brokers had', async () => {
  const { reached, damages, snapshots, replayed } = await verified(logsOf(stored));
  expect(damages).toEqual([]);
  expect(`${reached?.stateHash} at ${reached?.position}`).toBe(stored.hashes['default']);
  expect(snapshots).toBeGreaterThanOrEqual(2);
  expect(replayed).toBeGreaterThan(entriesOf(logsOf(stored)).length);
});

test('a stream whose entries come slowly is read to its end', async () => {
  const logs = logsOf(stored);
  const ends = logs.end();
  const openLog = async (name: string): Promise<AgreedLog> => {
    const log = await ends.openLog(name);
    const follow = log.follow.bind(log);
    log.follow = async function* (from) {
      await new Promise((resolve) => {
        setTimeout(resolve, agreementMsMax + agreementGraceMs + 100);
      });
      yield* follow(from);
    };
    return log;
  };
  for (const name of logs.logs.keys()) if (name !== 'FORESTS' && name !== 'default') logs.logs.delete(name);
  const { reached } = await verified(logs, 0, { ...ends, openLog });
  expect(`${reached?.stateHash} at ${reached?.position}`).toBe(stored.hashes['default']);
});

test('an entry that is not what it was leads to another state than snapshots do', async () => {
  const logs = logsOf(stored);
  // The first write to the trunk is left out.
  const at = entriesOf(logs).findIndex(({ payload }) =>
    decodeAgreedEntry(payload).commands.some(({ command }) => command.kind === 'publish'),
  );
  const { replica, number } = decodeAgreedEntry(entriesOf(logs)[at]?.payload ?? new Uint8Array());
  const nothing = {
    commands: [],
    living: [],
    marksSnapshot: false,
    taken: null,
    formats: null,
    restored: null,
  };
  change(logs, at, encodeAgreedEntry({ replica, number, ...nothing }, 1));
  expect(told(await verified(logs))).toMatch(/the first entry leads nowhere: .*different things/);
});

test('an entry that cannot be read, and ones that are missing, are named', async () => {
  const logs = logsOf(stored);
  change(logs, 7, Uint8Array.of(8, 1, 255));
  expect(told(await verified(logs))).toMatch(/^entry 8 of the stream: /);
  expect(told(await verified(logsOf(stored), 2))).toMatch(/^2 entries of the stream are missing$/);
});

test('a snapshot that is torn or gone is told, and the others lead on', async () => {
  const names = manifestsIn(Object.keys(stored.objects['default'] ?? {}).sort());
  const logs = logsOf(stored);
  const beside = logs.objects.get('default')?.stored;
  beside?.set(names[0] ?? '', Uint8Array.of(8, 1, 255));
  const torn = await verified(logs);
  expect(told(torn)).toMatch(/the snapshot .*-all cannot be read: /);
  expect(`${torn.reached?.stateHash} at ${torn.reached?.position}`).toBe(stored.hashes['default']);

  const none = logsOf(stored, (object) => names.includes(object));
  const log = none.logs.get('default');
  if (log !== undefined) log.cutThrough = 5;
  const report = await verified(none);
  expect(told(report)).toMatch(/no snapshot that the stream reaches back to/);
  expect(report.reached).toBeNull();
});

test('a stream that a forest is said to have and that is not there is missing', async () => {
  const logs = logsOf(stored);
  logs.logs.delete('default');
  expect(told(await verified(logs))).toBe('its stream default is missing');
});
