import { systemClock } from '../../src/base/clock.ts';
import { Http2Transport, type Http2TransportOptions } from '../../src/rpc/http2/http2-transport.ts';
import type { ListenOptions } from '../../src/rpc/transport.ts';
import { createEcho, type Echo } from './echo.ts';

/** A transport that serves the echo service on a free port of loopback. */
export interface EchoServer {
  readonly transport: Http2Transport;
  readonly echo: Echo;
  readonly port: number;
  /** What reached the log as the service's own mistake. */
  readonly mistakes: unknown[];
}

export async function startEchoServer(
  options: Partial<Http2TransportOptions> = {},
  tls?: ListenOptions['tls'],
): Promise<EchoServer> {
  const echo = createEcho();
  const mistakes: unknown[] = [];
  const transport = new Http2Transport({
    clock: systemClock,
    onError: (error) => mistakes.push(error),
    ...options,
    methods: [...echo.methods, ...(options.methods ?? [])],
  });
  const { port } = await transport.listen({
    host: '127.0.0.1',
    port: 0,
    ...(tls === undefined ? {} : { tls }),
  });
  return { transport, echo, port, mistakes };
}

/** Resolves as soon as `condition` holds; the test's own time limit ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
