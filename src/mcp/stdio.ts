/** MCP over standard input and output: one connection, for as long as the process lives. */
import type { Readable, Writable } from 'node:stream';

import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
  type McpServer,
  type Transport,
} from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';

import { mcpListenersMax, mcpRequestBytesMax, mcpStopMsMax } from '../base/limits.ts';
import type { Clock } from '../base/clock.ts';
import { Agents } from './agents.ts';
import type { Bridge } from './bridge.ts';
import { filterOf } from './listening.ts';
import { Feed } from './resources/feed.ts';
import { createServer } from './server.ts';

/** The two ends of the connection. */
export interface Streams {
  readonly input: Readable;
  readonly output: Writable;
}

/** Serves until the input ends or `stop` aborts, and then answers what is running, for a while at most. */
export async function serveOverStdio(
  bridge: Bridge,
  { input, output }: Streams,
  stop: AbortSignal,
): Promise<void> {
  const agents = new Agents(() => bridge.client);
  let newest: McpServer | undefined;
  const feed = new Feed(bridge.watches, {
    updated: (uri) => void newest?.server.sendResourceUpdated({ uri }).catch(bridge.options.onError),
    listChanged: () => newest?.sendResourceListChanged(),
  });
  const running = new RunningCalls();
  const transport = listeningTransport(
    new StdioServerTransport(input, output, { maxBufferSize: mcpRequestBytesMax }),
    feed,
    running,
  );
  const handle = serveStdio(
    ({ era }) => {
      // A client of 2025 is told of changes to the list without asking.
      if (era === 'legacy') feed.watchList();
      newest = createServer(bridge, era === 'legacy' ? { agents, feed } : { agents });
      return newest;
    },
    { transport, maxSubscriptions: mcpListenersMax, onerror: bridge.options.onError },
  );
  const ended = Promise.withResolvers<void>();
  input.once('end', ended.resolve);
  input.once('close', ended.resolve);
  output.once('error', () => ended.resolve());
  stop.addEventListener('abort', () => ended.resolve(), { once: true });
  if (stop.aborted) ended.resolve();
  await ended.promise;
  bridge.stopWaiting();
  await running.over(bridge.options.clock);
  feed.close();
  await handle.close();
}

/** The calls that have no answer yet. */
class RunningCalls {
  readonly #ids = new Set<string | number>();
  #onOver: (() => void) | undefined;

  begun(id: string | number): void {
    this.#ids.add(id);
  }

  ended(id: string | number): void {
    this.#ids.delete(id);
    if (this.#ids.size === 0) this.#onOver?.();
  }

  /** Resolves when all have their answers, or when nobody should wait for them any longer. */
  async over(clock: Clock): Promise<void> {
    if (this.#ids.size === 0) return;
    const over = Promise.withResolvers<void>();
    this.#onOver = over.resolve;
    const grace = clock.setTimer(mcpStopMsMax, over.resolve);
    await over.promise;
    grace.cancel();
  }
}

/** Watches what a client of 2026 listens to: the entry that serves its streams does not tell. */
function listeningTransport(inner: StdioServerTransport, feed: Feed, running: RunningCalls): Transport {
  const listening = new Map<string | number, readonly string[]>();
  const stop = (id: string | number): void => {
    const uris = listening.get(id) ?? [];
    listening.delete(id);
    const others = new Set([...listening.values()].flat());
    for (const uri of uris) if (!others.has(uri)) feed.unwatch(uri);
  };
  const look = (message: JSONRPCMessage): void => {
    if (isJSONRPCRequest(message) && message.method !== 'subscriptions/listen') running.begun(message.id);
    if (isJSONRPCRequest(message) && message.method === 'subscriptions/listen') {
      const { uris, isListWatched } = filterOf(message.params);
      listening.set(message.id, uris);
      for (const uri of uris) watchQuietly(feed, uri);
      if (isListWatched) feed.watchList();
    }
    if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      const id = message.params?.['requestId'];
      if (typeof id !== 'string' && typeof id !== 'number') return;
      stop(id);
      running.ended(id);
    }
  };
  const sent = (message: JSONRPCMessage): void => {
    if (isJSONRPCResponse(message) && message.id !== undefined) running.ended(message.id);
  };
  return watched(inner, look, sent);
}

/** An address that is not ours, or one too many, is not told of: the client hears no more than that nothing comes. */
function watchQuietly(feed: Feed, uri: string): void {
  try {
    feed.watch(uri);
  } catch {
    // There is no answer that could say so.
  }
}

/** The same transport, with a look at each message before it is taken, and after it was sent. */
function watched(
  inner: StdioServerTransport,
  look: (message: JSONRPCMessage) => void,
  sent: (message: JSONRPCMessage) => void,
): Transport {
  const outer: Transport = {
    start: async () => {
      Object.assign(inner, {
        onmessage(message: JSONRPCMessage) {
          look(message);
          outer.onmessage?.(message);
        },
        onerror: (error: Error) => outer.onerror?.(error),
        onclose: () => outer.onclose?.(),
      });
      await inner.start();
    },
    send: (message) => inner.send(message).finally(() => sent(message)),
    close: () => inner.close(),
  };
  return outer;
}
