import * as z from 'zod';

import type { DerivedPublish, SeenNode, TraceStart } from '../../../clients/typescript/src/index.ts';
import { nextPage, onePage, pageInput, pageOutput } from '../page.ts';
import { nodeShape, tellNode } from '../shapes/node.ts';
import { defineTool, readsOnly } from '../tool.ts';
import { WrongUse } from '../wrong-use.ts';

const seenShape = z.object({
  path: z.string(),
  extent: z
    .enum(['node', 'subtree', 'absent'])
    .describe('What was read: absent means that nothing was there.'),
  revision: z.int().describe('The revision at which it was seen.'),
  now: z
    .enum(['unchanged', 'changed', 'reverted', 'gone'])
    .describe('How it compares with now; gone: it cannot be shown any more.'),
  node: nodeShape.optional().describe('The node as it was seen.'),
  reader_revision: z.int().describe('The publish that had read it; 0 for one in a ghost.'),
  hops: z.int().describe('How many publishes away.'),
});

const derivedShape = z.object({
  revision: z.int().describe('The publish that used it; 0 for one in a live ghost.'),
  ghost_id: z.string().optional(),
  author: z.string(),
  label: z.string(),
  time: z.string(),
  through: z.array(z.string()).describe('The paths that it had read.'),
  still_standing: z.array(z.string()).describe('What it wrote that nobody has overwritten since.'),
  hops: z.int().describe('How many publishes away.'),
});

export const trace = defineTool({
  name: 'trace',
  title: 'What was it made from, and who has used it',
  description:
    'Follows who had read what. direction upstream: what an author had before it when it wrote a revision, or the present value of a path: use it to find where a mistake came from. direction downstream: every publish that was made from it since, through any number of agents: use it to find what a mistake has reached.',
  input: {
    direction: z.enum(['upstream', 'downstream']),
    revision: z.int().min(1).optional().describe('The publish to start from. Give either this or path.'),
    path: z
      .string()
      .optional()
      .describe(
        'The node whose present value to start from; with revision: only what was written at or below this path.',
      ),
    hops: z
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe('How many publishes far. Default: upstream 1, downstream all.'),
    ...pageInput,
  },
  output: z.object({
    seen: z.array(seenShape).describe('For upstream.'),
    derived: z.array(derivedShape).describe('For downstream.'),
    ...pageOutput,
  }),
  hints: readsOnly,
  async run({ direction, revision, path, hops, page_size, page_token }, { client, signal }) {
    const start: TraceStart | undefined = revision ?? path;
    if (start === undefined) throw new WrongUse('give revision or path');
    const options = { path, hops, pageSize: page_size, signal };
    if (direction === 'upstream') {
      const page = await onePage(client.traceUpstream(start, options), page_token);
      return { structured: { seen: page.items.map(tellSeen), derived: [], ...nextPage(page) } };
    }
    const page = await onePage(client.traceDownstream(start, options), page_token);
    return { structured: { seen: [], derived: page.items.map(tellDerived), ...nextPage(page) } };
  },
});

function tellSeen({ basis, standing, node, readerRevision, hops }: SeenNode): z.output<typeof seenShape> {
  return {
    path: node?.path ?? basis.path,
    extent: basis.extent,
    revision: basis.revision,
    now: standing,
    ...(node === undefined ? {} : { node: tellNode(node) }),
    reader_revision: readerRevision,
    hops,
  };
}

function tellDerived({ event, links, standingPaths, hops }: DerivedPublish): z.output<typeof derivedShape> {
  return {
    revision: event.revision,
    ...(event.ghostId === '' ? {} : { ghost_id: event.ghostId }),
    author: event.author,
    label: event.label,
    time: event.time.toISOString(),
    through: [...new Set(links.map(({ basis }) => basis.path))],
    still_standing: [...standingPaths],
    hops,
  };
}
