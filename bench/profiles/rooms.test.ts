/** Goal: the rooms of a profile are those of the sources, and what Node does for one counts for it. Method: a profile made by hand. */
import type { Profiler } from 'node:inspector';
import { expect, test } from 'vitest';
import { analyse, roomOf } from './rooms.ts';

function node(id: number, functionName: string, url: string, ...children: number[]): Profiler.ProfileNode {
  const callFrame = { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 };
  return { id, callFrame, children };
}

test('time counts for the room of the function that took it, or of the nearest one that asked for it', () => {
  const profile = analyse({
    nodes: [
      node(1, '(root)', '', 2, 7, 8),
      node(2, '#propose', 'file:///checkout/src/sequencer/write-path.ts', 3, 4, 6),
      node(3, 'apply', 'file:///checkout/src/state/apply.ts'),
      node(4, 'write', 'node:fs', 5),
      node(5, 'writeBuffer', ''),
      node(6, 'now', ''),
      node(7, '(idle)', ''),
      node(8, '(garbage collector)', ''),
    ],
    samples: [3, 5, 6, 7, 8, 3],
    timeDeltas: [10, 20, 30, 1_000, 5, 10],
    startTime: 0,
    endTime: 1_075,
  });
  expect(profile.busyUs).toBe(75);
  expect(Object.fromEntries(profile.rooms)).toEqual({
    'write path': 30,
    'state machine': 20,
    journal: 20,
    collector: 5,
  });
  expect(profile.functions[0]).toEqual(['now ', 30]);
});

test.each([
  ['flush src/transport/h2/connection.ts', 'HTTP/2 and gRPC'],
  ['#settle src/rpc/services/publish-stream.ts', 'services'],
  ['create node_modules/@bufbuild/protobuf/dist/esm/create.js', 'messages by generated code'],
  ['text src/codec/wire-reader.ts', 'decoding'],
  ['text src/codec/wire-writer.ts', 'encoding'],
  ['encodeInto node:internal/encoding', 'encoding'],
  ['decode node:internal/encoding', 'decoding'],
  ['crc32c src/base/crc32c.ts', 'journal'],
  ['writevGeneric node:internal/stream_base_commons', 'sockets'],
  ['processImmediate node:internal/timers', 'event loop'],
  ['feed src/provenance/feeder.ts', 'provenance'],
  ['countSteps src/render/tokenizer.ts', 'meters'],
  ['post node:inspector', 'waiting'],
])('%s is %s', (name, room) => {
  expect(roomOf(name)).toBe(room);
});
