/** What explains a revert or a rejection. */
import { reasonBytesMax } from './limits.ts';

/** An error as a reason. */
export function reasonOf(error: unknown): string {
  return cutReason(error instanceof Error ? error.message : String(error));
}

/** Cuts a reason to the bytes that the broker takes, at a whole character. */
export function cutReason(reason: string): string {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(reasonBytesMax));
  return reason.slice(0, read);
}
