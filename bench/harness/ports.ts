/** Ports on loopback. */
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** One that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
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
