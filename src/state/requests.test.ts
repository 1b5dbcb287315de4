/** Goal: a repeated request gets its first outcome, within the documented window. Method: the table alone, and the state machine. */
import { describe, expect, test } from 'vitest';
import { append, publish, put } from '../../test/support/forests.ts';
import { Machine } from '../../test/support/machine.ts';
import { requestIdAgeMsMax, requestIdsKeptMax } from '../base/limits.ts';
import { RequestTable } from './requests.ts';

const outcome = { kind: 'published', revision: 1, sequence: 0 } as const;

describe('the table', () => {
  test('keeps the newest requests, oldest first, and forgets one for each that is too many', () => {
    const table = new RequestTable();
    const more = 250;
    for (let index = 0; index < requestIdsKeptMax + more; index += 1) {
      table.remember({ id: `r${index}`, fingerprint: index, timeMs: 0, outcome });
    }
    expect(table.size).toBe(requestIdsKeptMax);
    expect(table.find(`r${more - 1}`)).toBeUndefined();
    expect(table.find(`r${more}`)).toMatchObject({ fingerprint: more });
    const list = table.list();
    expect([list[0]?.id, list.at(-1)?.id, list.length]).toEqual([
      `r${more}`,
      `r${requestIdsKeptMax + more - 1}`,
      requestIdsKeptMax,
    ]);
  });

  test('forgets what is older than the window by the time of the journal', () => {
    const table = new RequestTable();
    for (const timeMs of [0, 10, 20]) table.remember({ id: `at ${timeMs}`, fingerprint: 0, timeMs, outcome });
    table.remember({ id: 'later', fingerprint: 0, timeMs: requestIdAgeMsMax + 10, outcome });
    expect(table.list().map(({ id }) => id)).toEqual(['at 10', 'at 20', 'later']);
  });
});

describe('a repeated request', () => {
  test('takes effect once, is not recorded again, and gets the same outcome though the state moved on', () => {
    const machine = new Machine();
    const command = { ...publish([append('/a', 'x')]), request: { id: 'r', fingerprint: 5 } };
    const first = machine.applied(command);
    machine.publish([put('/b', '')]);
    const again = machine.applied(command);
    expect(again).toMatchObject({ outcome: first.outcome, repeated: true, recorded: false });
    expect(machine.at('/a')).toBe('x');
    expect(machine.state.revision).toBe(2);
  });

  test('that was refused is refused again, even where it would be taken now', () => {
    const machine = new Machine();
    const absent = { kind: 'presence', path: ['a'], present: true } as const;
    const command = {
      ...publish([put('/b', '')], { preconditions: [absent] }),
      request: { id: 'r', fingerprint: 5 },
    };
    expect(machine.applied(command)).toMatchObject({
      recorded: true,
      outcome: { reason: 'PRECONDITION_FAILED' },
    });
    machine.publish([put('/a', '')]);
    expect(machine.applied(command)).toMatchObject({
      repeated: true,
      outcome: { reason: 'PRECONDITION_FAILED' },
    });
  });

  test('with another content is refused and changes nothing of what is remembered', () => {
    const machine = new Machine();
    const command = { ...publish([append('/a', 'x')]), request: { id: 'r', fingerprint: 5 } };
    machine.apply(command);
    const other = { ...publish([append('/a', 'y')]), request: { id: 'r', fingerprint: 6 } };
    expect(machine.apply(other)).toMatchObject({
      reason: 'REQUEST_ID_REUSED',
      metadata: { request_id: 'r' },
    });
    expect(machine.applied(command).repeated).toBe(true);
  });

  test('is a new one when the window has passed', () => {
    const machine = new Machine();
    const command = { ...publish([append('/a', 'x')]), request: { id: 'r', fingerprint: 5 } };
    machine.apply(command);
    machine.timeMs = requestIdAgeMsMax + 1;
    machine.apply({ ...publish([put('/b', '')]), request: { id: 'another', fingerprint: 1 } });
    machine.apply(command);
    expect(machine.at('/a')).toBe('xx');
  });
});
