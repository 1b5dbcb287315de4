/**
 * Quiet subscriptions through proxies: `node test/interop/quiet.ts --minutes 10` opens one through each of nginx, HAProxy and Caddy, plain
 * and with TLS, by the files of docs/deploy as they are, waits, publishes, and tells what came. `--proxy nginx` takes one of them.
 */
import { type Client, createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { parseArgs } from 'node:util';
import { ContextService } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { putText } from '../support/broker.ts';
import { testTls } from '../support/tls.ts';
import { startInteropBroker } from './broker.ts';
import { Proxy, type ProxyKind, proxyKinds } from './proxy.ts';

export interface Quiet {
  readonly path: string;
  /** How often bookmarks are asked for; absent: the broker's own interval. */
  readonly bookmarkMs?: number;
  /** How long nothing is published. */
  readonly untilMs: number;
  /** Publishes to the path. */
  readonly wake: () => Promise<unknown>;
}

export interface Seen {
  readonly events: number;
  readonly bookmarks: number;
  /** The longest time in which nothing came. */
  readonly quietMsMax: number;
  /** How many streams it took: one, unless something on the way cut it. */
  readonly streams: number;
}

/** Follows a node on which nothing happens until, after a while, something does. Rejects where the stream ends. */
export async function follow(
  client: Client<typeof ContextService>,
  { path, bookmarkMs, untilMs, wake }: Quiet,
): Promise<Seen> {
  const over = new AbortController();
  const interval = bookmarkMs === undefined ? {} : { bookmarkInterval: durationOf(bookmarkMs) };
  const request = { patterns: [path], start: { case: 'now', value: {} } as const, ...interval };
  let bookmarks = 0;
  let quietMsMax = 0;
  let lastMs = performance.now();
  let isWoken = false;
  const begunMs = lastMs;
  for await (const { message } of client.subscribe(request, { signal: over.signal })) {
    quietMsMax = Math.max(quietMsMax, performance.now() - lastMs);
    lastMs = performance.now();
    if (message.case === 'event') return { events: 1, bookmarks, quietMsMax, streams: 1 };
    bookmarks += 1;
    if (!isWoken && lastMs - begunMs >= untilMs) {
      isWoken = true;
      await wake();
    }
  }
  throw new Error(`the stream ended after ${Math.round(performance.now() - begunMs)} ms`);
}

function durationOf(ms: number): { readonly seconds: bigint; readonly nanos: number } {
  return { seconds: BigInt(Math.floor(ms / 1_000)), nanos: (ms % 1_000) * 1e6 };
}

async function through(kind: ProxyKind, isSecret: boolean, minutes: number): Promise<string> {
  const broker = await startInteropBroker();
  const proxy = await Proxy.start({ kind, broker: broker.port });
  const baseUrl = isSecret ? `https://localhost:${proxy.tlsPort}` : `http://127.0.0.1:${proxy.plainPort}`;
  const options = isSecret ? { ca: testTls.certificate } : {};
  const sessionManager = new Http2SessionManager(baseUrl, {}, options);
  const client = createClient(ContextService, createGrpcTransport({ baseUrl, sessionManager }));
  const path = '/quiet';
  const wake = () => broker.context.publish({ operations: [putText(path, 'at last')] });
  const name = `${kind}${isSecret ? ' with TLS' : ''}`;
  try {
    const seen = await follow(client, { path, untilMs: minutes * 60_000, wake });
    const quiet = (seen.quietMsMax / 1_000).toFixed(1);
    return `${name}: lived, ${seen.bookmarks} bookmarks, quiet for ${quiet} s at the most, then the event`;
  } catch (error) {
    process.exitCode = 1;
    return `${name}: ${String(error)}`;
  } finally {
    sessionManager.abort();
    await proxy.stop();
    await broker.close();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: 'string' }, proxy: { type: 'string' } } });
  const minutes = Number(values.minutes ?? '10');
  const kinds = proxyKinds.filter((kind) => values.proxy === undefined || values.proxy === kind);
  const all = kinds.flatMap((kind) => [through(kind, false, minutes), through(kind, true, minutes)]);
  for (const each of all) console.log(await each);
}

if (process.argv[1] === import.meta.filename) await main();
