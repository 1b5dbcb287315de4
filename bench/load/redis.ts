/** Load on Redis: that many connections, each with one SET in flight, as its own benchmark does without pipelining. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import type { Metrics } from '../harness/case.ts';
import { latencyMetrics } from '../harness/samples.ts';

/** Sends `count` SETs of `value` over `inFlight` connections. */
export async function redisLoad(
  port: number,
  value: Uint8Array,
  inFlight: number,
  count: number,
): Promise<Metrics> {
  const sockets = await Promise.all(Array.from({ length: inFlight }, () => opened(port)));
  const latenciesUs = new Float64Array(count);
  let next = 0;
  const keepSetting = async (socket: Socket): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const start = performance.now();
      await setOnce(socket, `/session_1/agent_7/memory/note_${index % 1_000}`, value);
      latenciesUs[index] = (performance.now() - start) * 1_000;
    }
  };
  const start = performance.now();
  await Promise.all(sockets.map(keepSetting));
  const seconds = (performance.now() - start) / 1_000;
  for (const socket of sockets) socket.destroy();
  return { perSecond: count / seconds, ...latencyMetrics(latenciesUs) };
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

function setOnce(socket: Socket, key: string, value: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('data', (reply: Buffer) => {
      if (reply.toString('latin1') === '+OK\r\n') resolve();
      else reject(new Error(`Redis said ${reply.toString('latin1')}`));
    });
    const head = `*3\r\n$3\r\nSET\r\n$${Buffer.byteLength(key)}\r\n${key}\r\n$${value.length}\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), value, Buffer.from('\r\n')]));
  });
}
