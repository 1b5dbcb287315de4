/** Counts what was rendered for an agent, where the broker counts. */
import type { RenderContextRequest, RenderContextResponse } from '../../gen/hyperloom/v1/render_pb.ts';
import { patternsOf } from '../../render/part.ts';
import type { Part } from '../../render/part.ts';
import type { Forest } from '../../sequencer/forest.ts';
import { anyDepth, anyOne } from '../../trie/pattern.ts';
import type { RenderAsked } from './render-request.ts';

/** Notes an answer. Its tokens are those of the meter, unless it was made for another model. */
export function noteRendered(
  { meters }: Forest,
  { author, tokenFactor }: RenderContextRequest,
  { encoding, parts, sinceRevision }: RenderAsked,
  { text, tokens }: RenderContextResponse,
): void {
  const isCounted = encoding === 'o200k' && (tokenFactor === 0 || tokenFactor === 1);
  meters?.rendered({
    agent: author,
    tree: treeOf(parts),
    text,
    tokens: isCounted ? Number(tokens) : null,
    isWhole: sinceRevision === 0,
  });
}

/** The tree that all parts show; empty where they show several, or where one may. */
function treeOf(parts: readonly Part[]): string {
  const [tree = '', ...others] = new Set(patternsOf(parts).map(({ segments }) => segments[0] ?? ''));
  return others.length > 0 || tree === anyOne || tree === anyDepth ? '' : tree;
}
