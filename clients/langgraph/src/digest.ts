/** Names of texts and bytes by their content. */
import { hash } from 'node:crypto';

/** The first 16 bytes of the SHA-256, in base64url without padding. */
export function digestOf(content: string | Uint8Array): string {
  return hash('sha256', content, 'buffer').toString('base64url', 0, 16);
}
