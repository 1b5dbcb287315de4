/** Reads trees through MCP tools. */
import { count, factsOfTold, list, type Told } from './told.ts';
import type { TreeReader } from './tree-reader.ts';

/** Calls a tool; throws `ToolFailure` where it refuses. */
export type CallTool = (name: string, given: Told, signal?: AbortSignal) => Promise<Told>;

/** A tool has refused, or the host has: the text is written to be read. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

/** What one page of a tool may hold. */
const pageItemsMax = 200;

export function toolReader(call: CallTool): TreeReader {
  return {
    // Each page is a call that the host may show to somebody.
    wholeNodesMax: 3 * pageItemsMax,
    async below(path, depth, wanted, { atRevision, signal }) {
      const facts: unknown[] = [];
      const moment = atRevision === undefined ? {} : { at_revision: atRevision };
      for (let token: unknown; ;) {
        const page_size = Math.min(pageItemsMax, wanted - facts.length);
        const given = { path, depth, values: false, page_size, ...moment };
        const page = await call(
          'list',
          token === undefined ? given : { ...given, page_token: token },
          signal,
        );
        facts.push(...list(page['nodes']));
        token = page['next_page_token'];
        if (token !== undefined && facts.length < wanted) continue;
        const told = facts.map(factsOfTold);
        return { facts: told, isAll: token === undefined, revision: count(page['revision']) };
      }
    },
    async node(path, { atRevision, signal }) {
      const moment = atRevision === undefined ? {} : { at_revision: atRevision };
      const { nodes } = await call('read', { paths: [path], max_characters: 1, ...moment }, signal);
      const [told] = list(nodes);
      return told === undefined ? undefined : factsOfTold(told);
    },
  };
}
