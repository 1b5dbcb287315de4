/** Goal: what comes while the program is busy is bounded, by count and by bytes. Method: a call made by hand, which is told to pause. */
import { expect, test } from 'vitest';
import { itemBytesBufferedMax, itemsBufferedMax } from '../limits.ts';
import type { CallReceiver } from './call.ts';
import { receive } from './receive.ts';

/** A broker that sends messages of so many bytes whenever it may, and how much of it was held here at most. */
function setUp(bytes: number, total: number) {
  const chunk = new Uint8Array(bytes);
  let receiver: CallReceiver | undefined;
  let sent = 0;
  let taken = 0;
  let heldMax = 0;
  const send = (): void => {
    while (!call.isPaused && sent < total) {
      sent += 1;
      receiver?.onMessage(chunk, 0, bytes);
      heldMax = Math.max(heldMax, sent - taken);
    }
    if (sent === total) receiver?.onEnd(undefined);
  };
  const call = {
    isPaused: false,
    pause() {
      call.isPaused = true;
    },
    resume() {
      call.isPaused = false;
      queueMicrotask(send);
    },
    cancel: () => undefined,
  };
  const messages = receive(
    () => sent,
    (given) => {
      receiver = given;
      queueMicrotask(send);
      return call;
    },
  );
  const drain = async (): Promise<number[]> => {
    const received: number[] = [];
    for await (const message of messages) {
      received.push(message);
      taken += 1;
      // A slow reader: everything else that can go on does.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return received;
  };
  return { drain, heldMax: () => heldMax };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test.each([
  ['many small messages are bounded by their count', 10, 2_000, itemsBufferedMax],
  ['large messages are bounded by their bytes', 1024 * 1024, 60, itemBytesBufferedMax / 1024 / 1024],
  ['a message that is larger than all the room comes alone', itemBytesBufferedMax * 2, 5, 1],
])('%s', async (_what, bytes, total, atMost) => {
  const { drain, heldMax } = setUp(bytes, total);
  expect(await drain()).toEqual(numbers(total));
  // And the one that is just being handed out.
  expect(heldMax()).toBe(atMost + 1);
});
