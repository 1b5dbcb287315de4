/** Turns a call's messages into an async iterable that holds the broker back while the program is busy. */
import { itemBytesBufferedMax, itemsBufferedMax } from '../limits.ts';
import type { Call, CallReceiver } from './call.ts';

interface Waiting<Message> {
  readonly message: Message;
  readonly bytes: number;
}

/**
 * Starts a call when looped over; leaving the loop cancels it. What has come and was not yet handed out is bounded by count and by bytes,
 * but for one message, however large it is.
 */
export async function* receive<Message>(
  decode: (bytes: Uint8Array, start: number, end: number) => Message,
  start: (receiver: CallReceiver) => Pick<Call, 'pause' | 'resume' | 'cancel'>,
): AsyncGenerator<Message, void, void> {
  let buffer: Waiting<Message>[] = [];
  let count = 0;
  let bytes = 0;
  let ended: { readonly error: unknown } | undefined;
  let paused = false;
  let wake: (() => void) | undefined;
  const call = start({
    onMessage(chunk, from, end) {
      buffer.push({ message: decode(chunk, from, end), bytes: end - from });
      count += 1;
      bytes += end - from;
      if (!paused && (count >= itemsBufferedMax || bytes >= itemBytesBufferedMax)) {
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
  /** One less waits. The call goes on when half of the room is free again: pausing and resuming for each would cost more. */
  const handOut = (taken: Waiting<Message>): Message => {
    count -= 1;
    bytes -= taken.bytes;
    if (paused && count <= itemsBufferedMax / 2 && bytes <= itemBytesBufferedMax / 2) {
      paused = false;
      call.resume();
    }
    return taken.message;
  };
  try {
    for (;;) {
      const taken = buffer;
      buffer = [];
      for (const waiting of taken) yield handOut(waiting);
      if (buffer.length > 0) continue;
      if (ended !== undefined) break;
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
