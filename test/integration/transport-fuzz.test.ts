/**
 * Goal: nothing that a client says on the streams of a legal HTTP/2 connection breaks the transport, its bounds, or another
 * client's calls. Method: random conversations from a seed (`test/http2/transport-fuzz.ts`); minutes of them with
 * `node test/http2/fuzz-for.ts`.
 */
import { expect, test } from 'vitest';
import { fuzzTransport, startFuzzedServer } from '../http2/transport-fuzz.ts';

test(
  'calls that are right are answered, whatever else is said on the connection',
  { timeout: 180_000 },
  async () => {
    const server = await startFuzzedServer();
    expect(await fuzzTransport(server, 1, 300)).toBe(300);
    expect(server.mistakes).toEqual([]);
    await server.transport.close(0);
  },
);
