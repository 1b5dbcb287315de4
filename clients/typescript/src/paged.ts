/** Answers that come in pages: loop over the items, over the pages, or collect them all. */
import type { Aged } from './node.ts';

/** One page. How old it may be is told of the first page of a listing of nodes; all others show the same revision. */
export interface Page<Item> extends Aged {
  readonly items: readonly Item[];
  /** Asks for the next page; empty on the last. */
  readonly nextPageToken: string;
  /** Trunk revision of the view, where the answer has one; otherwise 0. All pages of a listing have the same. */
  readonly revision: number;
}

/** Fetches the page behind a token; the first one for an empty token. */
export type FetchPage<Item, P extends Page<Item> = Page<Item>> = (pageToken: string) => Promise<P>;

/** A paged answer. Nothing is asked for before it is looped over; each loop asks anew. */
export class Paged<Item, P extends Page<Item> = Page<Item>> implements AsyncIterable<Item> {
  readonly #fetch: FetchPage<Item, P>;

  constructor(fetch: FetchPage<Item, P>) {
    this.#fetch = fetch;
  }

  /** The pages, each asked for when the loop gets to it. Continues behind `pageToken`, if given. */
  async *pages(pageToken = ''): AsyncGenerator<P, void, void> {
    let token = pageToken;
    do {
      const page = await this.#fetch(token);
      yield page;
      token = page.nextPageToken;
    } while (token !== '');
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, void> {
    for await (const page of this.pages()) yield* page.items;
  }

  /** All items. Mind the memory. */
  async all(): Promise<readonly Item[]> {
    const items: Item[] = [];
    for await (const page of this.pages()) items.push(...page.items);
    return items;
  }
}
