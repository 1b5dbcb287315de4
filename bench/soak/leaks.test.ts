/**
 * Goal: how often is a leak of memory found, and how often does an hour without one pass? Method: hours by seed, with a leak planted
 * in them or none. Simulated hours have what disturbs a broker's memory: V8 that fills its heap and empties it, backups and snapshots
 * that hold sixty MiB for half a minute, floors that wander. Recorded hours are those of earlier soaks without their own slope, put together
 * anew from stretches of nine minutes that chance picks (a circular block bootstrap: Politis and Romano 1992).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { Row } from './rows.ts';
import { theilSen } from './statistics.ts';
import type { Level } from './verdicts.ts';
import { levelled, levels } from './verdicts.ts';

const warmUpMinutes = 15;
const samplesPerMinute = 12;
const samples = 60 * samplesPerMinute;
const hours = 400;

/** What is judged here, a sample every five seconds, MiB. */
type Memory = Pick<Row, 'minute' | 'resident' | 'external'>;
type Column = 'resident' | 'external';

const judged: Readonly<Record<Column, { readonly name: string; readonly bound: number }>> = {
  resident: { name: 'resident memory at its least', bound: 60 },
  external: { name: 'memory outside the heap at its least', bound: 15 },
};

/** How many of `hours` are found to leak where `column` grows by so much an hour. */
function found(column: Column, perHour: number, hour: (random: Random) => readonly Memory[]): number {
  const random = seededRandom(5);
  const { name } = judged[column];
  let count = 0;
  for (let run = 0; run < hours; run += 1) {
    const rows = hour(random).map((row) => ({ ...row, [column]: row[column] + (perHour * row.minute) / 60 }));
    if (
      levelled(rows as unknown as Row[], warmUpMinutes).some(
        ({ level, holds }) => level.name === name && !holds,
      )
    )
      count += 1;
  }
  return count;
}

/** From 0 up to 1. */
function share(random: Random): number {
  return random.below(1_000_000) / 1e6;
}

/** Between -1 and 1, mostly near 0. */
function nudge(random: Random): number {
  return (share(random) + share(random) + share(random)) / 1.5 - 1;
}

/** An hour as a broker's memory might go. */
function simulatedHour(random: Random): Memory[] {
  let [floor, slack, fullSlack, garbage] = [0, 0, 150, 0];
  let held = 0;
  const collectAt = random.below(18);
  const backupAt = random.below(60);
  return Array.from({ length: samples }, (_, index) => {
    // What really is in use wanders, and comes back to where it was.
    floor = 0.98 * floor + 1.5 * nudge(random);
    // A full collection every minute and a half: V8 takes again within half a minute what it gave back.
    if (index % 18 === collectAt) [slack, fullSlack] = [0, 80 + 140 * share(random)];
    else slack += (fullSlack - slack) * 0.3 * share(random);
    garbage = random.below(6) === 0 ? 0 : garbage + 4 * share(random);
    // A backup every five minutes, and a snapshot at any time.
    if (index % 60 === backupAt || random.below(50) === 0) held = 2 + random.below(6);
    else held = Math.max(0, held - 1);
    const outside = garbage + (held > 0 ? 60 : 0);
    return {
      minute: index / samplesPerMinute,
      resident: 290 + 3 * floor + slack + outside,
      external: 22 + 0.5 * floor + outside,
    };
  });
}

/** Each recorded by a soak: after its warm-up, without the slope that it had. */
function recording(file: string): Memory[] {
  const [head = '', ...lines] = readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const names = head.split(',');
  const rows = lines
    .map((line) => line.split(',').map(Number))
    .map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index]])) as unknown as Memory)
    .filter(({ minute }) => minute >= warmUpMinutes);
  const slopes = { resident: slopeOf('resident', rows), external: slopeOf('external', rows) };
  return rows.map((row) => ({
    ...row,
    resident: row.resident - (slopes.resident * row.minute) / 60,
    external: row.external - (slopes.external * row.minute) / 60,
  }));
}

function slopeOf(column: Column, rows: readonly Memory[]): number {
  const level = levels.find(({ name }) => name === judged[column].name) as Level;
  return theilSen(level.summary(level.points(rows as unknown as Row[]))).slope;
}

/** An hour of stretches that chance picks from what was recorded. */
function picked(recorded: readonly Memory[]): (random: Random) => Memory[] {
  const stretch = 9 * samplesPerMinute;
  return (random) => {
    let start = 0;
    return Array.from({ length: samples }, (_, index) => {
      if (index % stretch === 0) start = random.below(recorded.length);
      const row = recorded[(start + (index % stretch)) % recorded.length] as Memory;
      return { ...row, minute: index / samplesPerMinute };
    });
  };
}

const series: readonly (readonly [string, Column, (random: Random) => readonly Memory[]])[] = [
  ['simulated', 'resident', simulatedHour],
  ['simulated', 'external', simulatedHour],
];

describe.each(series)('in %s hours, %s memory', (_, column, hour) => {
  const { bound } = judged[column];

  it('that leaks as much as the bound is found to', () => {
    expect(found(column, bound, hour)).toBeGreaterThanOrEqual(0.97 * hours);
  });

  it('that leaks half as much again is always found to', () => {
    expect(found(column, 1.5 * bound, hour)).toBe(hours);
  });

  it('that does not leak passes', () => {
    expect(found(column, 0, hour)).toBeLessThanOrEqual(0.01 * hours);
  });
});
