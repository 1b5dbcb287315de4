/**
 * An endpoint that AG-UI's clients run as an agent (`HttpAgent`): RUN_STARTED, the events of a feed, RUN_FINISHED; as server-sent events, or as
 * Protobuf where the client takes that. It goes on until the client aborts the run, unless the feed has an end.
 */
import { EventType, type BaseEvent, type RunAgentInput } from '@ag-ui/core';
import { RunAgentInputSchema } from '@ag-ui/core/schemas';
import { EventEncoder } from '@ag-ui/encoder';
import type { Client } from '@hyperloom/client';
import { feed, type FeedOptions } from './feed.ts';

/** Decides what a run is told. Whoever may not see it is refused by a {@link Response}. */
export type ChooseFeed = (
  input: RunAgentInput,
  request: Request,
) => FeedOptions | Response | Promise<FeedOptions | Response>;

/** From where a client goes on: what it sends as `forwardedProps: { hyperloom: { afterRevision: 17, follow: true } }`. */
export function resumeOf(input: RunAgentInput): Pick<FeedOptions, 'afterRevision' | 'follow'> {
  const asked = memberOf(input.forwardedProps, 'hyperloom');
  const afterRevision = memberOf(asked, 'afterRevision');
  const follow = memberOf(asked, 'follow');
  return {
    ...(typeof afterRevision === 'number' ? { afterRevision } : {}),
    ...(typeof follow === 'boolean' ? { follow } : {}),
  };
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

/** Answers requests of the Fetch API: for Next.js, Hono, Deno, Bun, and Node by way of an adapter. */
export function feedHandler(client: Client, choose: ChooseFeed): (request: Request) => Promise<Response> {
  return async (request) => {
    const input = RunAgentInputSchema.safeParse(await request.json().catch(() => undefined));
    if (!input.success)
      return Response.json(
        { error: 'the body is no RunAgentInput of AG-UI', issues: input.error.issues },
        { status: 400 },
      );
    const run = input.data as RunAgentInput;
    const chosen = await choose(run, request);
    if (chosen instanceof Response) return chosen;
    const encoder = new EventEncoder({ accept: request.headers.get('accept') ?? '' });
    const stop = new AbortController();
    const signals = [stop.signal, request.signal, ...(chosen.signal === undefined ? [] : [chosen.signal])];
    const events = runEvents(client, run, { ...chosen, signal: AbortSignal.any(signals) });
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await events.next();
        if (done === true) controller.close();
        else controller.enqueue(encoder.encodeBinary(value));
      },
      cancel() {
        stop.abort();
      },
    });
    return new Response(body, {
      headers: { 'content-type': encoder.getContentType(), 'cache-control': 'no-cache' },
    });
  };
}

/** A feed as a run of its own. Whatever goes wrong in it is its last event. */
async function* runEvents(
  client: Client,
  { threadId, runId }: RunAgentInput,
  options: FeedOptions & { readonly signal: AbortSignal },
): AsyncGenerator<BaseEvent, void, void> {
  yield { type: EventType.RUN_STARTED, threadId, runId };
  try {
    yield* feed(client, options);
    yield { type: EventType.RUN_FINISHED, threadId, runId };
  } catch (error) {
    if (options.signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    yield { type: EventType.RUN_ERROR, message };
  }
}
