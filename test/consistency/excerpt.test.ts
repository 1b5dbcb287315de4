/**
 * Goal: a failure can be understood from the log of CI alone, and does not flood it. Method: violations as the checks word them, and the
 * histories that they speak of.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { call, publish, put } from './checks/written.ts';
import { about, describeAbsences, describeLog, excerpt } from './excerpt.ts';

const folder = mkdtempSync(join(tmpdir(), 'hyperloom-excerpt-'));
afterAll(() => rmSync(folder, { recursive: true }));

const lines = [
  ...publish('ts1-w0.1', [0, 1], [put('/reg/1-0', 'ts1-w0.1')], 1),
  ...publish('py2-w0.1', [2, 3], [put('/reg/1-1', 'py2-w0.1')], 2),
  ...call('go3-w1.7', [4, 5], { type: 'list', path: '/' }, { revision: 2 }),
];

test('says what each named call asked for and was told', () => {
  const what = 'ts1-w0.1 was told one after the other: revision 1, revision 2';
  const told = about(lines, { guarantee: 'exactly once', what });
  expect(told).toHaveLength(3);
  expect(told[0]).toBe('exactly once, what histories say of ts1-w0.1:');
  expect(told[1]).toContain('"wants":{"type":"publish","requestId":"ts1-w0.1"');
  expect(told[2]).toContain('"revision":1');
});

test('says who had to do with a node that is named', () => {
  const what = 'list go3-w1.7 at revision 2 shows /reg/1-1 as null; history has py2-w0.1';
  const told = about(lines, { guarantee: 'reads show their revision', what });
  expect(told.filter((line) => line.includes('"call"'))).toHaveLength(2);
  expect(told.join()).not.toContain('ts1-w0.1');
});

test('tells of a node of which much is known only the beginning and the end', () => {
  const many = Array.from({ length: 100 }, (_, index) =>
    publish(`ts1-w0.${index}`, [index, index], [put('/reg/1-0', 'x'.repeat(1_000))], index + 1),
  ).flat();
  const told = about(many, { guarantee: 'durable', what: 'the history of /reg/1-0 is not linearizable' });
  expect(told).toHaveLength(26);
  expect(told[13]).toBe('  … 76 lines between');
  expect(Math.max(...told.map((line) => line.length))).toBeLessThan(410);
});

test('reads the histories of all processes, and leaves out what names nothing', () => {
  writeFileSync(join(folder, 'ts1.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  writeFileSync(join(folder, 'disk-orders'), 'power_cut 7');
  const violations = [
    { guarantee: 'live', what: 'the broker ended by itself' },
    { guarantee: 'durable', what: 'revision 2 is not what py2-w0.1 asked for' },
  ];
  expect(excerpt(folder, violations)).toHaveLength(3);
});

test('tells when the broker was away, as long as that is of use', () => {
  const absences = Array.from({ length: 50 }, () => ({ kind: 'stopped', startNs: 1, endNs: 2 }) as const);
  expect(describeAbsences(absences.slice(0, 1))).toEqual(['  stopped from 1 to 2']);
  expect(describeAbsences(absences).at(-1)).toBe('  and 10 more');
});

test('tells the last errors of the broker, but not those that were brought about', () => {
  const line = (level: string, message: string): string => `${JSON.stringify({ level, message })}\n`;
  const log = line('info', 'starting') + line('error', 'EIO: injected') + line('error', 'a call failed');
  expect(describeLog(log)).toEqual(['  {"level":"error","message":"a call failed"}']);
  expect(describeLog(line('error', 'again').repeat(30))).toHaveLength(12);
});
