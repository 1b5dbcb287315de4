import * as z from 'zod';

import { atRevisionField, belowField, ghostField } from '../fields.ts';
import { nextPage, onePage, pageInput, pageOutput } from '../page.ts';
import { defineTool, readsOnly } from '../tool.ts';

export const search = defineTool({
  name: 'search',
  title: 'Search for a text',
  description:
    'Finds nodes that hold a text in their path or value, whatever the case of its letters. It looks for the very words, not for their meaning: try several if one finds nothing. Some pages may be empty and still have a next_page_token.',
  input: {
    query: z.string().min(1).describe('The text to look for.'),
    path: belowField,
    in: z.enum(['everything', 'paths', 'values']).default('everything').describe('Where to look.'),
    ghost_id: ghostField,
    at_revision: atRevisionField,
    ...pageInput,
  },
  output: z.object({
    hits: z.array(
      z.object({
        path: z.string(),
        excerpt: z
          .string()
          .describe('A part of the value around the text; empty where the path alone holds it.'),
        author: z.string(),
        revision: z.int(),
      }),
    ),
    revision: z.int(),
    ...pageOutput,
  }),
  hints: readsOnly,
  async run({ query, path, in: target, ghost_id, at_revision, page_size, page_token }, { within, signal }) {
    const options = { path, target, atRevision: at_revision, pageSize: page_size, signal };
    const page = await within(ghost_id, (verbs) => onePage(verbs.search(query, options), page_token));
    const hits = page.items.map(({ node, excerpt }) => ({
      path: node.path,
      excerpt,
      author: node.author,
      revision: node.modifiedRevision,
    }));
    return { structured: { hits, revision: page.revision, ...nextPage(page) } };
  },
});
