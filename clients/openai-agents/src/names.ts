/** Where a session lies: the paths of `docs/frameworks/openai-agents-layout.md`. Both languages must make the same. */
import { numberName, subtreeOf } from '@hyperloom/client/adapters';
import { UserError } from '@openai/agents';
import { numberDigits } from './limits.ts';

/** The subtree of a session. */
export function sessionPath(root: string, sessionId: string): string {
  return subtreeOf(root, 'session id', sessionId, 'openai-agents', (message) => new UserError(message));
}

/** The name of an item's node, by its number from 0. */
export function itemName(number: number): string {
  return numberName(number, numberDigits);
}
