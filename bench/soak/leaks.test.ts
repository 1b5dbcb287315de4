/**
 * Goal: how often is a leak of memory found, and how often does an hour without one pass? Method: 400 hours by seed of each kind, with a leak
 * planted in them or none. Simulated hours have what disturbs a broker's memory: V8 that fills its heap and empties it, backups and
 * snapshots that hold sixty MiB for half a minute, a floor that wanders. Recorded hours are those of earlier soaks, less the slope that they
 * had, put together anew from stretches of nine minutes that chance picks (a circular block bootstrap: Politis and Romano 1992).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import type { Row } from './rows.ts';
import { theilSen } from './statistics.ts';
import type { Slope } from './statistics.ts';
import type { Level } from './verdicts.ts';
import { levels } from './verdicts.ts';

const hours = 400;
const minutes = 60;
const warmUpMinutes = 15;
/** A sample every five seconds. */
const samplesPerMinute = 12;

type Column = 'leastResident' | 'leastExternal';
/** MiB. */
type Memory = Readonly<Record<'minute' | Column, number>>;
type Hour = (random: Random) => readonly Memory[];

const levelNames: Readonly<Record<Column, string>> = {
  leastResident: 'resident memory at its least',
  leastExternal: 'memory outside the heap at its least',
};

function levelOf(column: Column): Level {
  const level = levels.find(({ name }) => name === levelNames[column]);
  if (level === undefined) throw new Error(`no level is judged by ${column}`);
  return level;
}

function slopeOf(column: Column, rows: readonly Memory[]): Slope {
  const level = levelOf(column);
  const warm = rows.filter(({ minute }) => minute >= warmUpMinutes);
  return theilSen(level.summary(level.points(warm as readonly Partial<Row>[] as readonly Row[])));
}

/** How many hours in 100 do not hold where memory grows by so many MiB an hour. */
function foundPercent(column: Column, leak: number, hour: Hour): number {
  const random = seededRandom(5);
  const { boundPerHour } = levelOf(column);
  let found = 0;
  for (let run = 0; run < hours; run += 1) {
    const rows = hour(random).map((row) => ({ ...row, [column]: row[column] + (leak * row.minute) / 60 }));
    if (!(slopeOf(column, rows).high <= boundPerHour)) found += 1;
  }
  return (100 * found) / hours;
}

/** An hour as a broker's memory might go. */
function simulated(random: Random): Memory[] {
  const collectAt = random.below(18);
  const backupAt = random.below(60);
  let [floor, slack, fullSlack, garbage, held] = [0, 0, 150, 0, 0];
  return Array.from({ length: minutes * samplesPerMinute }, (_, index) => {
    // What really is in use wanders, and comes back to where it was within minutes.
    floor = 0.95 * floor + 1.5 * nudge(random);
    // A full collection every minute and a half: V8 soon takes again what it gave back.
    if (index % 18 === collectAt) [slack, fullSlack] = [0, 80 + 140 * share(random)];
    else slack += (fullSlack - slack) * 0.3 * share(random);
    garbage = random.below(6) === 0 ? 0 : garbage + 4 * share(random);
    // A backup every five minutes, and a snapshot at any time.
    const isHeldAnew = index % 60 === backupAt || random.below(50) === 0;
    held = isHeldAnew ? 2 + random.below(6) : Math.max(0, held - 1);
    const outside = garbage + (held > 0 ? 60 : 0);
    return {
      minute: index / samplesPerMinute,
      leastResident: 270 + 2 * floor + slack + outside,
      leastExternal: 25 + 0.5 * floor + outside,
    };
  });
}

/** From 0 up to 1. */
function share(random: Random): number {
  return random.below(1_000_000) / 1e6;
}

/** Between -1 and 1, mostly near 0. */
function nudge(random: Random): number {
  return (share(random) + share(random) + share(random)) / 1.5 - 1;
}

/** Hours like one that a soak has recorded. */
function recorded(file: string, column: Column): Hour {
  const rows = rowsOf(file).filter(({ minute }) => minute >= warmUpMinutes);
  const { slope } = slopeOf(column, rows);
  const level = rows.map((row) => ({ ...row, [column]: row[column] - (slope * row.minute) / 60 }));
  const stretch = 9 * samplesPerMinute;
  return (random) => {
    let start = 0;
    return Array.from({ length: minutes * samplesPerMinute }, (_, index) => {
      if (index % stretch === 0) start = random.below(level.length);
      const row = level[(start + (index % stretch)) % level.length] as Memory;
      return { ...row, minute: index / samplesPerMinute };
    });
  };
}

function rowsOf(file: string): Memory[] {
  const text = readFileSync(new URL(`recorded/${file}.csv`, import.meta.url), 'utf8');
  const [names = [], ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return lines.map(
    (cells) => Object.fromEntries(names.map((name, index) => [name, Number(cells[index])])) as Memory,
  );
}

const kinds: readonly (readonly [string, Column, Hour])[] = [
  ['simulated hours', 'leastResident', simulated],
  ['simulated hours', 'leastExternal', simulated],
  // The newest one is the first in which full collections were asked for.
  ['hours like 2026-11-22-3', 'leastResident', recorded('2026-11-22-3', 'leastResident')],
  ...['2026-11-21-1', '2026-11-21-2', '2026-11-22-1', '2026-11-22-2', '2026-11-22-3'].map(
    (file) => [`hours like ${file}`, 'leastExternal', recorded(file, 'leastExternal')] as const,
  ),
];

describe.each(kinds)('of %s, judged by %s,', (_, column, hour) => {
  const { boundPerHour } = levelOf(column);

  it('95 in 100 that leak as much as the bound are found to', () => {
    expect(foundPercent(column, boundPerHour, hour)).toBeGreaterThanOrEqual(95);
  });

  it('99 in 100 that leak a quarter more are found to', () => {
    expect(foundPercent(column, 1.25 * boundPerHour, hour)).toBeGreaterThanOrEqual(99);
  });

  it('98 in 100 that do not leak pass', () => {
    expect(foundPercent(column, 0, hour)).toBeLessThanOrEqual(2);
  });
});
