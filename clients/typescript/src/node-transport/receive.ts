/** Turns a call's messages into an async iterable that holds the broker back while the program is busy. */
import { itemsBufferedMax } from '../limits.ts';
import type { Call, CallReceiver } from './call.ts';

/** Starts a call when looped over; leaving the loop cancels it. */
export async function* receive<Message>(
  decode: (bytes: Uint8Array, start: number, end: number) => Message,
  start: (receiver: CallReceiver) => Call,
): AsyncGenerator<Message, void, void> {
  let buffer: Message[] = [];
  let ended: { readonly error: unknown } | undefined;
  let paused = false;
  let wake: (() => void) | undefined;
  const call = start({
    onMessage(bytes, from, end) {
      buffer.push(decode(bytes, from, end));
      if (buffer.length >= itemsBufferedMax && !paused) {
        paused = true;
        call.pause();
      }
      wake?.();
    },
    onEnd(error) {
      ended = { error };
      wake?.();
    },
  });
  try {
    for (;;) {
      const taken = buffer;
      buffer = [];
      if (taken.length > 0) yield* taken;
      if (buffer.length > 0) continue;
      if (ended !== undefined) break;
      if (paused) {
        paused = false;
        call.resume();
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      wake = undefined;
    }
    if (ended.error !== undefined) throw ended.error;
  } finally {
    call.cancel();
  }
}
