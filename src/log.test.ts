/** Goal: logs are lines that programs and people can read, of the level that was asked for, without secrets. Method: both formats, each level. */
import { describe, expect, test } from 'vitest';
import type { Clock } from './base/clock.ts';
import { createLogger, errorFields, type Logger } from './log.ts';
import { logLevels, type LogFormat, type LogLevel } from './log-settings.ts';

const clock: Clock = {
  nowMs: () => Date.UTC(2026, 10, 22, 13),
  monotonicMs: () => 0,
  setTimer: () => ({ cancel: () => undefined }),
};

/** What a logger wrote. */
function written(level: LogLevel, format: LogFormat, tell: (log: Logger) => void): string[] {
  const lines: string[] = [];
  tell(createLogger({ level, format, clock, write: (line) => lines.push(line) }));
  return lines;
}

describe('levels', () => {
  test.each(logLevels.map((level, index) => [level, logLevels.slice(index)] as const))(
    'from %s on',
    (level, told) => {
      const lines = written(level, 'json', (log) => {
        for (const each of logLevels) log[each]('it happened');
      });
      expect(lines.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(told);
    },
  );
});

describe('lines', () => {
  const tell = (log: Logger): void =>
    log.warn('the disk is full', { forest: 'default', reason: 'no space\nleft', bytes: 12, more: true });

  test('of JSON have level, time, fields and message', () => {
    const [line = '', ...rest] = written('info', 'json', tell);
    expect(rest).toEqual([]);
    expect(line.endsWith('\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      level: 'warn',
      time: '2026-11-22T13:00:00.000Z',
      forest: 'default',
      reason: 'no space\nleft',
      bytes: 12,
      more: true,
      message: 'the disk is full',
    });
  });

  test('for people stay one line, whatever is in a field', () => {
    expect(written('info', 'text', tell)).toEqual([
      '2026-11-22T13:00:00.000Z WARN  the disk is full  forest=default  reason="no space\\nleft"  bytes=12  more=true\n',
    ]);
  });

  test('leave out what nobody should read', () => {
    const fields = { authorization: 'Bearer hl_x', token: 'hl_x', value: 'x', forest: 'default' };
    for (const format of ['json', 'text'] as const)
      expect(written('info', format, (log) => log.info('a call', fields)).join('')).not.toContain('x');
  });
});

describe('what went wrong', () => {
  test('is told with where it did', () => {
    const fields = errorFields(new TypeError('no such thing'));
    expect(fields).toMatchObject({ error: 'no such thing', kind: 'TypeError' });
    expect(fields['stack']).toMatch(/^at .*log\.test\.ts/);
  });

  test('is told without what the engine quotes', () => {
    let thrown: unknown;
    try {
      JSON.parse('{"secret": hunter2}');
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain('hunter2');
    expect(JSON.stringify(errorFields(thrown))).not.toContain('hunter2');
    expect(JSON.stringify(errorFields('a text that was thrown'))).not.toContain('text that');
  });
});
