/** One stream of a subscription that outlives its connections. */
import type { DescMessage, DescMethodServerStreaming, MessageShape } from '@bufbuild/protobuf';
import type { Connection } from './connection.ts';
import { HyperloomError, makeError, type Code } from './errors.ts';
import { silenceMsMax } from './limits.ts';
import { outlived } from './token.ts';

/** The messages of one stream. A broker that says nothing for much longer than its bookmarks take is given up. */
export async function* listen<I extends DescMessage, O extends DescMessage>(
  { clock, caller, retry }: Connection,
  method: DescMethodServerStreaming<I, O>,
  request: MessageShape<I>,
  outer: AbortSignal | undefined,
): AsyncGenerator<MessageShape<O>, void, void> {
  const giveUp = new AbortController();
  const abort = (): void => giveUp.abort(outer?.reason);
  const silence = (): void =>
    giveUp.abort(
      makeError({ code: 'UNAVAILABLE', message: `the broker said nothing for ${silenceMsMax} ms` }),
    );
  if (outer?.aborted === true) abort();
  outer?.addEventListener('abort', abort);
  let timer = clock.setTimer(silenceMsMax, silence);
  let heardMs = clock.monotonicMs();
  let isUnderWay = false;
  try {
    const limits = { signal: giveUp.signal };
    for await (const message of caller.transport.serverStreaming(method, request, limits)) {
      isUnderWay = true;
      // Setting a timer costs more than reading the clock, and a busy stream needs neither often.
      const nowMs = clock.monotonicMs();
      if (nowMs - heardMs > 1_000) {
        heardMs = nowMs;
        timer.cancel();
        timer = clock.setTimer(silenceMsMax, silence);
      }
      yield message;
    }
  } catch (error) {
    throw retry && isUnderWay && error instanceof HyperloomError ? outlived(error) : error;
  } finally {
    timer.cancel();
    outer?.removeEventListener('abort', abort);
  }
}

/** Codes after which another stream may do better. INTERNAL and UNKNOWN are what proxies make of a broken connection. */
export const resumable: ReadonlySet<Code> = new Set([
  'UNAVAILABLE',
  'INTERNAL',
  'UNKNOWN',
  'CANCELLED',
  'DEADLINE_EXCEEDED',
]);
