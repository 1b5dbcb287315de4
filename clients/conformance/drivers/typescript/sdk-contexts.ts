/** The verbs that find nodes and render them, and those of contexts that are kept up to date. */
import type { ContextWindow, SearchTarget } from '../../../typescript/src/index.ts';
import type { Arguments } from './sdk-arguments.ts';
import type { Verbs } from './sdk-handles.ts';
import { tellNode } from './sdk-results.ts';
import type { Writer } from './sdk-verbs.ts';

export const contextVerbs: Verbs<Writer> = {
  search: async (on, { args, signal }) => {
    const { query = '', path, atRevision, pageSize } = args;
    const target = args.target as SearchTarget | undefined;
    const hits = await on.search(query, { path, target, atRevision, pageSize, signal }).all();
    return hits.map(({ node, ...rest }) => ({ ...rest, node: tellNode(node) }));
  },
  renderContext: async (on, { args, signal }) => {
    const { atRevision, baseRevision, sinceRevision, sinceSequence } = args;
    const asked = { ...layoutOf(args), atRevision, baseRevision, sinceRevision, sinceSequence, signal };
    return on.renderContext(args.patterns ?? [], asked);
  },
  contextWindow: async (on, { args, keep }) => {
    keep(on.contextWindow(args.patterns ?? [], layoutOf(args)));
    return {};
  },
};

export const windowVerbs: Verbs<ContextWindow> = {
  update: async (on, { signal }) => on.update({ signal }),
  rebase: async (on) => {
    on.rebase();
    return {};
  },
  text: async (on) => ({ text: on.text, revision: on.revision, baseRevision: on.baseRevision }),
};

function layoutOf({ tokenBudget = 1_000, changeTokenBudget, format, rebaseFactor }: Arguments) {
  return {
    tokenBudget,
    changeTokenBudget,
    format: format === 'json' ? 'json' : 'text',
    rebaseFactor,
  } as const;
}
