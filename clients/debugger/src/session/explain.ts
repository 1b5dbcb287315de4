/** An error as a sentence for the reader. */
import { HyperloomError } from '../../../typescript/src/browser.ts';

export function explain(error: unknown): string {
  if (error instanceof HyperloomError && error.reason === 'REVISION_COMPACTED')
    return 'This part of history was compacted away.';
  return error instanceof Error ? error.message : String(error);
}
