/**
 * Calls that are repeated while the journal is away. A broker refuses what NATS has not answered for 900 ms, and the disk of a machine that does much else
 * may take longer for a single sync, also where nothing was put in the way.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Interceptor } from '@connectrpc/connect';
import { connectClients, describeRefusal } from '../support/broker.ts';
import type { TestClients } from '../support/broker.ts';

/** Repeats a call until it is answered, or refused for another reason. What writes needs a request id. */
export async function answered<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (describeRefusal(error).reason !== 'JOURNAL_UNAVAILABLE') throw error;
      await wait(20);
    }
  }
}

const repeating: Interceptor = (next) => (request) => {
  if (request.stream) return next(request);
  const { message } = request;
  if ('requestId' in message && message.requestId === '') message.requestId = randomUUID();
  return answered(() => next(request));
};

/** Clients whose unary calls are {@link answered}, each write once. */
export function connectPatiently(url: string): TestClients {
  return connectClients(url, undefined, [repeating]);
}
