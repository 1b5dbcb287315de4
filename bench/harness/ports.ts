/** Ports on loopback. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Where ports are looked for: below those that systems give out by themselves (32768 and up on Linux, 49152 elsewhere). One of theirs may have gone to
 * somebody else by the time the program that it was meant for listens.
 */
const first = 10_000;
const last = 29_999;
let newest = randomInt(first, last + 1);

/** One that nobody listens on now. */
export async function freePort(): Promise<number> {
  for (;;) {
    newest = newest === last ? first : newest + 1;
    const port = newest;
    if (await isFree(port)) return port;
  }
}

/** As many that nobody listens on now; all of them different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}

/** Resolves once somebody listens there; looks again every few milliseconds, until `signal` is aborted. */
export async function untilListening(port: number, signal: AbortSignal): Promise<void> {
  while (!(await isListening(port))) {
    signal.throwIfAborted();
    await wait(5);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const tell = (whether: boolean): void => {
      socket.destroy();
      resolve(whether);
    };
    socket.on('connect', () => tell(true));
    socket.on('error', () => tell(false));
  });
}
