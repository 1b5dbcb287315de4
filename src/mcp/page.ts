/** Answers in pages. */
import * as z from 'zod';

import { mcpPageItemsDefault, mcpPageItemsMax } from '../base/limits.ts';
import type { Page, Paged } from '../../clients/typescript/src/index.ts';

export const pageInput = {
  page_size: z.int().min(1).max(mcpPageItemsMax).default(mcpPageItemsDefault).describe('How many at most.'),
  page_token: z.string().optional().describe('The next_page_token of the page before; all else as there.'),
};

export const pageOutput = {
  next_page_token: z.string().optional().describe('Absent on the last page.'),
};

/** The first page, or the one behind a token. */
export async function onePage<Item, P extends Page<Item>>(
  paged: Paged<Item, P>,
  token: string | undefined,
): Promise<P> {
  const next = await paged.pages(token).next();
  if (next.done === true) throw new Error('a paged answer without a page');
  return next.value;
}

/** Where it goes on. */
export function nextPage({ nextPageToken }: { readonly nextPageToken: string }): {
  next_page_token?: string;
} {
  return nextPageToken === '' ? {} : { next_page_token: nextPageToken };
}
