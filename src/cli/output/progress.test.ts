/** Goal: progress is one line that fits, only on a terminal. Method: lines at several widths; a clock that is moved by hand. */
import { Writable } from 'node:stream';

import { describe, expect, it } from 'vitest';

import type { Clock } from '../../base/clock.ts';
import { counting, Progress, progressLine } from './progress.ts';
import { widthOf } from './width.ts';

const mebibyte = 1_024 ** 2;
const restore = { label: 'restore', unit: 'bytes', total: 20 * mebibyte } as const;

describe('the line', () => {
  it('tells share, amount, rate and what is left', () => {
    expect(progressLine(restore, 12 * mebibyte, 3_000, 90)).toBe(
      `restore  ${'█'.repeat(18)}${'░'.repeat(12)}   60 %  12.0 MiB of 20.0 MiB  4.0 MiB/s  0:02 left`,
    );
  });

  it('tells what it knows where nobody knows the total', () => {
    expect(progressLine({ label: 'backup', unit: 'bytes' }, 2_048, 2_000, 80)).toBe(
      'backup  2.0 KiB  1.0 KiB/s  0:02',
    );
    expect(progressLine({ label: 'replay', unit: 'run', total: 4 }, 1, 0, 36)).toBe(
      'replay  ██░░░░░░   25 %  1 of 4 runs',
    );
  });

  it('leaves out what does not fit instead of cutting a number in two', () => {
    const line = (columns: number): string => progressLine(restore, 12 * mebibyte, 3_000, columns);
    expect(line(54)).toBe('restore   60 %  12.0 MiB of 20.0 MiB  4.0 MiB/s  0:02 left'.slice(0, 47));
    expect(line(40)).toBe('restore   60 %  12.0 MiB of 20.0 MiB');
    expect(line(10)).toBe('restore');
    expect(progressLine({ label: 'backup', unit: 'bytes' }, 27, 66, 80)).toBe('backup  27 B  409 B/s  0:01');
  });

  it('fits whatever the width, and goes beyond no end', () => {
    for (let columns = 1; columns <= 120; columns += 1)
      for (const done of [0, 1, mebibyte, 20 * mebibyte, 90 * mebibyte])
        expect(widthOf(progressLine(restore, done, 3_900_000, columns))).toBeLessThanOrEqual(columns);
    expect(progressLine(restore, 90 * mebibyte, 1_000, 90)).toContain('100 %');
  });
});

class Written extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

function standing(isErrorTerminal: boolean) {
  const stderr = new Written();
  let nowMs = 0;
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer: () => ({ cancel: () => undefined }),
  };
  const progress = new Progress({ stderr, isErrorTerminal, columns: 80, clock }, restore);
  return { progress, stderr, pass: (ms: number) => void (nowMs += ms) };
}

describe('progress', () => {
  it('is drawn ten times a second at most, and is gone at the end', () => {
    const { progress, stderr, pass } = standing(true);
    for (let step = 0; step < 100; step += 1) {
      progress.add(1_024);
      pass(10);
    }
    expect(stderr.text.split('\r\u001B[2K')).toHaveLength(1 + 10);
    progress.end();
    progress.end();
    expect(stderr.text.split('\r\u001B[2K')).toHaveLength(1 + 11);
    expect(stderr.text.endsWith('\r\u001B[2K')).toBe(true);
  });

  it('says nothing without a terminal', () => {
    const { progress, stderr } = standing(false);
    progress.add(1_024);
    progress.end();
    expect(stderr.text).toBe('');
  });

  it('counts what goes through, and is gone even where that fails', async () => {
    const { progress, stderr } = standing(true);
    async function* failing(): AsyncGenerator<Uint8Array, void, void> {
      yield new Uint8Array(1_024);
      throw new Error('cut off');
    }
    const read = async (): Promise<void> => {
      for await (const chunk of counting(failing(), progress)) expect(chunk).toHaveLength(1_024);
    };
    await expect(read()).rejects.toThrow('cut off');
    expect(stderr.text).toContain('1.0 KiB of 20.0 MiB');
    expect(stderr.text.endsWith('\r\u001B[2K')).toBe(true);
  });
});
