/** Where trees are read from: the broker itself, or whatever else can tell what is below a node. */
import { NotFoundError, type Client } from '../../../typescript/src/browser.ts';
import type { NodeFacts } from '../model/tree.ts';
import { factsOf } from './facts.ts';

/** Where a listing stands. */
export interface Moment {
  /** A trunk revision; `undefined`: the newest. */
  readonly atRevision?: number;
  readonly signal?: AbortSignal;
}

/** What is below a node, or the beginning of it. */
export interface Listing {
  readonly facts: readonly NodeFacts[];
  readonly isAll: boolean;
  readonly revision: number;
}

export interface TreeReader {
  /** Trees of up to so many nodes are asked for whole: fewer round trips, and every count is known. */
  readonly wholeNodesMax: number;
  /** The direct children of a node, or with depth 0 everything below it: `count` of them at most. */
  below(path: string, depth: 0 | 1, count: number, moment: Moment): Promise<Listing>;
  /** One node; `undefined` where there is none. */
  node(path: string, moment: Moment): Promise<NodeFacts | undefined>;
}

/** Reads from a broker. */
export function clientReader(client: Client): TreeReader {
  return {
    wholeNodesMax: 2_000,
    async below(path, depth, count, moment) {
      const pages = client.list(path, { depth, keysOnly: true, pageSize: count, ...moment }).pages();
      const { value: page } = await pages.next();
      if (page === undefined) return { facts: [], isAll: true, revision: 0 };
      return { facts: page.items.map(factsOf), isAll: page.nextPageToken === '', revision: page.revision };
    },
    async node(path, moment) {
      if (path === '/') {
        const root = await client.find('/', moment);
        return root === undefined ? undefined : factsOf(root);
      }
      try {
        // Blame tells a node without its value, which may be large, and says nothing of nodes that have none.
        const { value: page } = await client
          .blame(path, { pageSize: 1, ...moment })
          .pages()
          .next();
        return factsOf(page?.items[0]?.node ?? (await client.get(path, moment)));
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        return undefined;
      }
    },
  };
}
