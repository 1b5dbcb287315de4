/**
 * Goal: the soak fails where it has to. Method: rows of an hour with the noise of a garbage collector, level or with a leak of a known
 * size, and endings with one thing amiss each.
 */
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../src/base/random.ts';
import type { Row } from './rows.ts';
import { diskVerdict, endingVerdicts, levelVerdict, levelled } from './verdicts.ts';
import type { Ending } from './verdicts.ts';

const base: Row = {
  minute: 0,
  resident: 300,
  heapTotal: 150,
  heapUsed: 100,
  liveHeap: 60,
  liveExternal: 4,
  external: 5,
  leastResident: 280,
  leastExternal: 4,
  fullCollections: 0,
  descriptors: 40,
  sockets: 20,
  files: 10,
  deletedFiles: 0,
  journal: 80,
  segments: 3,
  snapshots: 2,
  operations: 600,
  publishP50: 3,
  publishP99: 20,
  readP50: 1,
  readP99: 5,
  lagP50: 4,
  lagP99: 20,
  lagRevisions: 2,
  loopP50: 10,
  loopP99: 12,
  loopMax: 30,
  cpuMs: 0,
  revision: 0,
  nodes: 10_000,
  ghosts: 10,
  leases: 5,
  locksHeld: 2,
  locksWaiting: 1,
  requestIds: 100_000,
  subscriptions: 8,
  catchingUp: 1,
  heldBack: 0,
};

/** An hour of rows, one every five seconds, each changed by `grow`. */
function anHour(grow: (hour: number) => Partial<Row>): Row[] {
  const random = seededRandom(3);
  return Array.from({ length: 720 }, (_, index) => {
    const minute = index / 12;
    const wobble = (spread: number): number => ((random.below(2_001) - 1_000) / 1_000) * spread;
    const sawtooth = (index % 17) / 17;
    const level = {
      ...base,
      minute,
      leastResident: 300 + wobble(8),
      heapUsed: 60 + 60 * sawtooth,
      liveHeap: 60 + wobble(3),
      leastExternal: 9 + wobble(5),
      fullCollections: Math.floor(index / 17),
      descriptors: 40 + random.below(12),
      journal: 60 + random.below(30),
      lagP50: 4 + random.below(40),
    };
    const grown = Object.entries(grow(minute / 60)).map(([name, more]) => [
      name,
      level[name as keyof Row] + more,
    ]);
    return { ...level, ...Object.fromEntries(grown) } as Row;
  });
}

function failing(rows: readonly Row[]): string[] {
  return levelled(rows, 15)
    .filter(({ holds }) => !holds)
    .map(({ level }) => level.name);
}

describe('levels', () => {
  it('hold for an hour of noise', () => {
    expect(failing(anHour(() => ({})))).toEqual([]);
  });

  it.each([
    ['resident memory at its least', { leastResident: 120 }],
    ['heap after full collections', { liveHeap: 30 }],
    ['memory outside the heap at its least', { leastExternal: 30 }],
    ['open descriptors', { descriptors: 30 }],
    ['lag of subscribers that keep up, median', { lagP50: 3_600 }],
    ['revisions that they are behind', { lagRevisions: 1_500 }],
  ] as const)('find a leak: %s', (name, perHour) => {
    const rows = anHour((hour) =>
      Object.fromEntries(Object.entries(perHour).map(([column, slope]) => [column, slope * hour])),
    );
    expect(failing(rows)).toEqual([name]);
  });

  it('do not hold where nothing can be told', () => {
    const few = anHour(() => ({})).slice(0, 220);
    expect(failing(few)).toContain('resident memory at its least');
  });

  it('are told with their figures', () => {
    const [first] = levelled(
      anHour((hour) => ({ leastResident: 120 * hour })),
      15,
    );
    const verdict = first === undefined ? undefined : levelVerdict(first);
    expect(verdict).toMatchObject({ name: 'resident memory at its least stays level', holds: false });
    expect(verdict?.text).toMatch(/^1(1[5-9]|2[0-5])\.\d\d MiB an hour \(95 %: .* 15 points\), bound 60: /);
  });
});

describe('the disk', () => {
  it('may go up and down by segments', () => {
    const steps = anHour(() => ({})).map((row) => ({
      ...row,
      journal: 180 + 64 * (Math.floor(row.minute / 9) % 2),
    }));
    expect(diskVerdict(steps, 15)).toMatchObject({ holds: true });
  });

  it('does not stay level where a segment is kept every quarter of an hour', () => {
    const kept = anHour(() => ({})).map((row) => ({
      ...row,
      journal: 180 + 64 * Math.floor(row.minute / 15),
    }));
    expect(diskVerdict(kept, 15)).toMatchObject({ holds: false });
  });
});

describe('the ending', () => {
  const rest = { sockets: 4, deletedFiles: 0, ghosts: 0, leases: 0, locks: 0, subscriptions: 0 };
  const good: Ending = {
    before: rest,
    after: rest,
    failures: [],
    failuresTotal: 0,
    totals: [{ path: '/totals/a', acknowledged: 7, found: 7 }],
    exitCode: 0,
    complaints: [],
    hashBefore: 'abc',
    hashAfter: 'abc',
  };
  const amiss = (ending: Partial<Ending>): string[] =>
    endingVerdicts({ ...good, ...ending })
      .filter(({ holds }) => !holds)
      .map(({ name }) => name);

  it('holds where all is well', () => {
    expect(amiss({})).toEqual([]);
  });

  it.each<[string, Partial<Ending>]>([
    ['nothing failed that must not', { failures: ['get: INTERNAL'], failuresTotal: 1 }],
    ['no descriptor is left open', { after: { ...rest, sockets: 5 } }],
    ['no descriptor is left open', { after: { ...rest, deletedFiles: 1 } }],
    ['what nobody owns any more has ended', { after: { ...rest, locks: 1 } }],
    ['every acknowledged increment is there, once', { totals: [{ path: '/a', acknowledged: 7, found: 8 }] }],
    ['every acknowledged increment is there, once', { totals: [] }],
    ['it stops in good order and without complaints', { exitCode: 70 }],
    ['it stops in good order and without complaints', { complaints: ['{"level":"error"}'] }],
    ['a restart reaches the same state', { hashAfter: 'abd' }],
    ['a restart reaches the same state', { hashBefore: '', hashAfter: '' }],
  ])('does not hold otherwise: %s', (name, ending) => {
    expect(amiss(ending)).toEqual([name]);
  });
});
