/** Goal: a connection stays as it is however long it lives. Method: a bare HTTP/2 server, and timers that fire when the test says so. */
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { pingIntervalMs } from '../limits.ts';
import type { Clock } from '../time.ts';
import { parseAddress } from './address.ts';
import { Channel } from './channel.ts';

test('a connection that was pinged often holds nothing of the pings that were answered', async () => {
  const server = createServer().on('stream', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    monotonicMs: () => 0,
    endOfTurn: (callback) => void setImmediate(callback),
    setTimer(delayMs, callback) {
      timers.set(callback, delayMs);
      return { cancel: () => void timers.delete(callback) };
    },
  };
  const warnings: string[] = [];
  const warn = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', warn);
  const { port } = server.address() as AddressInfo;
  const channel = new Channel(parseAddress(`127.0.0.1:${port}`, false), {}, clock);
  const stream = channel.request({ ':method': 'POST', ':path': '/' });
  stream.on('error', () => undefined);
  await once(stream, 'ready');
  for (let ping = 0; ping < 20; ping += 1) {
    const [due] = [...timers].find(([, delayMs]) => delayMs === pingIntervalMs) ?? [];
    if (due !== undefined) timers.delete(due);
    due?.();
    // Answered: only the next ping is planned.
    await vi.waitFor(() => expect([...timers.values()]).toEqual([pingIntervalMs]));
  }
  expect(warnings).toEqual([]);
  process.off('warning', warn);
  channel.close();
  server.close();
});
