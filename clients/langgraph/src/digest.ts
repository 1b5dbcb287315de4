/** Names of texts and bytes by their content. */
import { createHash } from 'node:crypto';

/** The first 16 bytes of the SHA-256, in base64url without padding. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest().subarray(0, 16).toString('base64url');
}
