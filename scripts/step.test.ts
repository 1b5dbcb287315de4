/** Goal: no command, whatever it leaves behind, makes the test command wait for ever. Method: real commands. */
import { execFileSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { run } from './step.ts';

describe('a command', () => {
  test('is told with what it printed and how it ended', async () => {
    expect(await run('sh', ['-c', 'echo out; exit 3'], true)).toEqual({ ok: false, output: 'out\n' });
    expect(await run('sh', ['-c', 'echo out'], true)).toEqual({ ok: true, output: 'out\n' });
  });

  test('that cannot be started has failed', async () => {
    expect((await run('no-such-command', [], true)).ok).toBe(false);
  });

  test('that leaves a process behind which holds its output is told of, and the process ended', async () => {
    const { ok, output } = await run('sh', ['-c', 'sleep 600 & echo $!'], true);
    expect(ok).toBe(true);
    expect(output).toContain('left something behind');
    const pid = Number(/^\d+/.exec(output)?.[0]);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('that does not end in time has failed, and is ended with what it started', async () => {
    const { ok, output } = await run('sh', ['-c', 'sleep 600 & echo $!; wait'], true, 0.01);
    expect(ok).toBe(false);
    expect(output).toContain('did not end within 0.01 minutes');
    const pid = Number(/^\d+/.exec(output)?.[0]);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

/** Whether a process is there; one that nobody has asked for its end yet does not count. */
function isRunning(pid: number): boolean {
  const states = execFileSync('ps', ['-A', '-o', 'pid=,state='], { encoding: 'utf8' });
  const state = new RegExp(`^ *${pid} +(\\S)`, 'm').exec(states)?.[1];
  return state !== undefined && state !== 'Z';
}
