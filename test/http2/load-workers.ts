/** What clients do to a broker under load, well-behaved ones and others. Each round is short and is made again and again. */
import { systemClock } from '../../src/base/clock.ts';
import type { Random } from '../../src/base/random.ts';
import { frameTypes } from '../../src/transport/h2/frame.ts';
import { connectClients, putText } from '../support/broker.ts';
import { Peer } from './peer.ts';
import { rawFrame, uint32 } from './raw-frames.ts';

/** One thing that a client does; it ends with all that it opened closed. Tells how many calls were answered. */
export type Round = (port: number, random: Random) => Promise<number>;

/** Values change, paths do not: what the broker holds stays as it is. */
const paths = Array.from({ length: 500 }, (_, index) => `/load/agent_${index % 25}/note_${index}`);

function anyPath(random: Random): string {
  return paths[random.below(paths.length)] ?? '/load';
}

/** A connection with calls one after the other and side by side. */
const calls: Round = async (port, random) => {
  const clients = connectClients(`http://127.0.0.1:${port}`);
  let count = 0;
  try {
    for (let turn = 0; turn < 20; turn += 1) {
      const sizes = [20, 200, 2_000, 100_000];
      const text = 'x'.repeat(sizes[random.below(sizes.length)] ?? 1);
      const many = Array.from({ length: 1 + random.below(20) }, () => anyPath(random));
      await Promise.all(many.map((path) => clients.context.publish({ operations: [putText(path, text)] })));
      await clients.context.batchGet({ paths: many });
      count += many.length + 1;
      await breath(random);
    }
  } finally {
    clients.cut();
  }
  return count;
};

/** Subscriptions that are read for a while, and then given up or cut off. */
const followers: Round = async (port, random) => {
  const clients = connectClients(`http://127.0.0.1:${port}`);
  const isCut = random.below(2) === 0;
  const over = new AbortController();
  const follow = async (): Promise<number> => {
    let seen = 0;
    try {
      for await (const _ of clients.context.subscribe({ patterns: ['/load/**'] }, { signal: over.signal })) {
        seen += 1;
        if (seen > 30) break;
      }
    } catch {
      // Its own end.
    }
    return seen;
  };
  const all = Array.from({ length: 10 }, follow);
  for (let turn = 0; turn < 20; turn += 1) await breath(random);
  if (isCut) clients.cut();
  else over.abort();
  const seen = await Promise.all(all);
  clients.cut();
  return seen.reduce((sum, each) => sum + each, 0);
};

/** A peer that asks for much and reads nothing, half of a frame behind it. */
const unread: Round = async (port, random) => {
  const peer = await Peer.connect(port, Buffer.concat([Buffer.from([0, 4]), uint32(random.below(2_000))]));
  const grpc = [
    ['content-type', 'application/json'],
    ['connect-protocol-version', '1'],
  ] as const;
  const body = Buffer.from(JSON.stringify({ path: anyPath(random) }));
  peer.socket.pause();
  for (let at = 0; at < 50; at += 1) {
    const id = at * 2 + 1;
    peer.request(id, grpc, false);
    peer.data(id, body, random.below(3) > 0);
    if (random.below(5) === 0) peer.send(rawFrame(frameTypes.RST_STREAM, 0, id, uint32(8)));
    if (random.below(10) === 0) await breath(random);
  }
  peer.send(rawFrame(frameTypes.DATA, 0, 1, Buffer.alloc(100)).subarray(0, 50));
  await breath(random);
  peer.close();
  await peer.closed;
  return 0;
};

/** An attack that the broker ends: streams reset as fast as they are opened. */
const attack: Round = async (port) => {
  const peer = await Peer.connect(port);
  for (let id = 1; id < 12_000 && peer.socket.writable; id += 2) {
    peer.request(id, [], false);
    peer.send(rawFrame(frameTypes.RST_STREAM, 0, id, uint32(8)));
    if (id % 1_001 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await peer.closed;
  return 0;
};

/** What runs side by side all the time. */
export const rounds: readonly Round[] = [calls, calls, calls, followers, followers, unread, unread, attack];

/** A machine that does nothing else would show nothing of what a pause lets happen. */
function breath(random: Random): Promise<void> {
  return new Promise((resolve) => {
    // The process has other things that keep it alive.
    systemClock.setTimer(5 + random.below(50), resolve);
  });
}
