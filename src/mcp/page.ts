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

/** Which items of a paged answer are asked for, and how many. */
export interface Wanted<Item> {
  readonly isWanted: (item: Item) => boolean;
  readonly itemsMax: number;
  readonly lookedAtMax: number;
}

/** The first items that are wanted, on whichever pages they are; `isCut` where there may be more. */
export async function firstOf<Item>(
  items: AsyncIterable<Item>,
  { isWanted, itemsMax, lookedAtMax }: Wanted<Item>,
): Promise<{ readonly found: readonly Item[]; readonly isCut: boolean }> {
  const found: Item[] = [];
  let lookedAt = 0;
  for await (const item of items) {
    if (found.length >= itemsMax || lookedAt >= lookedAtMax) return { found, isCut: true };
    lookedAt += 1;
    if (isWanted(item)) found.push(item);
  }
  return { found, isCut: false };
}

/** Where it goes on. */
export function nextPage({ nextPageToken }: { readonly nextPageToken: string }): {
  next_page_token?: string;
} {
  return nextPageToken === '' ? {} : { next_page_token: nextPageToken };
}
