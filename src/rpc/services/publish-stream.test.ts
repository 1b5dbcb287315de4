/**
 * Goal: one stream of publishes shares the event loop, keeps the order of its outcomes and bounds what waits. Method: the real
 * class between a source, a sink and a forest that are driven by hand.
 */
import { expect, test } from 'vitest';
import { operationsPerTurnMax, publishesInFlightMax } from '../../base/limits.ts';
import type { Settled } from '../../sequencer/forest.ts';
import type { Operation } from '../../state/command.ts';
import { reject } from '../../state/outcome.ts';
import { Refused } from '../errors.ts';
import type { Call, EncodedMessage } from '../transport.ts';
import { framePublished } from './publish-bytes.ts';
import { PublishStream } from './publish-stream.ts';
import type { PublishStreamOptions } from './publish-stream.ts';

const put: Operation = {
  kind: 'put',
  path: ['a'],
  value: { kind: 'text', data: 'b', bytes: 1, type: '' },
};

/** A request is the number of its operations; 0 stands for one that is refused when it is read. */
function setUp(): {
  readonly send: (operations: number) => void;
  readonly settles: ((settled: Settled) => void)[];
  readonly turns: (() => void)[];
  readonly told: Uint8Array[];
  readonly state: { paused: boolean };
} {
  const settles: ((settled: Settled) => void)[] = [];
  const turns: (() => void)[] = [];
  const told: Uint8Array[] = [];
  const state = { paused: false };
  let send: (operations: number) => void = () => undefined;
  const forest = { submit: (_command: unknown, settle: (settled: Settled) => void) => settles.push(settle) };
  const options = {
    context: { forests: { get: () => forest }, onDiffRefused: () => undefined },
    source: {
      onMessage: (callback: (operations: number) => void) => {
        send = callback;
      },
      onEnd: () => undefined,
      pause: () => {
        state.paused = true;
      },
      resume: () => {
        state.paused = false;
      },
    },
    sink: {
      writeEncoded: ({ bytes }: EncodedMessage) => {
        told.push(bytes);
        return true;
      },
      onDrain: () => undefined,
    },
    call: { onCancel: () => undefined, onLeave: () => undefined } as unknown as Call,
    read: (operations: number) => {
      if (operations === 0) throw new Refused(reject('INVALID_REQUEST', 'no operation'));
      return {
        forest: '',
        command: { operations: Array.from({ length: operations }, () => put) },
        waitMs: 0,
      };
    },
    defer: (callback: () => void) => turns.push(callback),
  };
  const stream = new PublishStream(options as unknown as PublishStreamOptions<number>);
  expect(stream.done).toBeInstanceOf(Promise);
  return { send: (operations) => send(operations), settles, turns, told, state };
}

function published(revision: number): Settled {
  return { outcome: { kind: 'published', revision, sequence: 0 }, repeated: false };
}

function runTurn(turns: (() => void)[]): void {
  for (const turn of turns.splice(0)) turn();
}

test('after its share of operations it waits for the next turn of the event loop', () => {
  const { send, turns, state } = setUp();
  send(operationsPerTurnMax - 1);
  expect(state.paused).toBe(false);
  send(1);
  expect(state.paused).toBe(true);
  runTurn(turns);
  expect(state.paused).toBe(false);
  send(operationsPerTurnMax - 1);
  expect(state.paused).toBe(false);
});

test('refused diffs take their share too', () => {
  const { send, turns, told, state } = setUp();
  for (let count = 0; count < operationsPerTurnMax; count += 1) send(0);
  expect(told).toHaveLength(operationsPerTurnMax);
  expect(state.paused).toBe(true);
  runTurn(turns);
  expect(state.paused).toBe(false);
});

test('outcomes that come within the turn do not cut it short', () => {
  const { send, settles, turns, state } = setUp();
  send(operationsPerTurnMax);
  settles[0]?.(published(1));
  expect(state.paused).toBe(true);
  runTurn(turns);
  expect(state.paused).toBe(false);
});

test('a new turn does not resume it while too much waits for the disk', () => {
  const { send, settles, turns, state } = setUp();
  for (let sent = 0; sent < publishesInFlightMax; sent += 1) {
    send(1);
    if (sent < publishesInFlightMax - 1) runTurn(turns);
  }
  expect(state.paused).toBe(true);
  runTurn(turns);
  expect(state.paused).toBe(true);
  for (const [index, settle] of settles.slice(0, publishesInFlightMax / 2).entries()) {
    expect(state.paused).toBe(true);
    settle(published(index + 1));
  }
  expect(state.paused).toBe(false);
});

test('outcomes leave in the order of the requests, whatever settles first', () => {
  const { send, settles, told } = setUp();
  send(1);
  send(0);
  send(1);
  settles[1]?.(published(8));
  expect(told).toEqual([]);
  settles[0]?.(published(7));
  expect(told[0]).toEqual(framePublished({ revision: 7, sequence: 0 }, false).subarray(5));
  expect(told).toHaveLength(3);
  expect(told[2]).toEqual(framePublished({ revision: 8, sequence: 0 }, false).subarray(5));
});
