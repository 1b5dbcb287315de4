/** `RenderContext`. */
import { create } from '@bufbuild/protobuf';
import { basisEntriesMax, renderingsAtOnceMax } from '../../base/limits.ts';
import { ContextService } from '../../gen/hyperloom/v1/context_service_pb.ts';
import {
  type RenderContextRequest,
  type RenderContextResponse,
  RenderContextResponseSchema,
} from '../../gen/hyperloom/v1/render_pb.ts';
import { bytesSteps, tokensOfBytes } from '../../render/base-part.ts';
import { basisSteps } from '../../render/basis.ts';
import { Counts } from '../../render/counts.ts';
import { loadTokenizer } from '../../render/encodings.ts';
import type { Encoding } from '../../render/encodings.ts';
import type { Section } from '../../render/tail.ts';
import { resultInSlices, turn } from '../../base/slices.ts';
import type { BasisEntry } from '../../state/command.ts';
import { lastStaged } from '../../state/ghosts/ghost.ts';
import { Sight } from '../access/visible.ts';
import { aged } from '../convert/age.ts';
import { basisMessage } from '../convert/basis.ts';
import { type Call, defineMethod, type Method, RpcError } from '../transport.ts';
import { Places } from './places.ts';
import { renderAsked } from './render-request.ts';
import type { RenderAsked } from './render-request.ts';
import { renderTarget } from './render-target.ts';
import { noteRendered } from './rendered-meter.ts';
import { renderLayout } from './rendering.ts';
import type { Rendered, RenderingOptions } from './rendering.ts';
import { forestOf } from './service.ts';
import type { ServiceContext } from './service.ts';

export function renderMethods(context: ServiceContext): readonly Method[] {
  const { clock, valueForms } = context;
  const places = new Places(renderingsAtOnceMax);
  const known = new Map<Encoding, Counts>();
  const countsOf = async (encoding: Encoding): Promise<Counts> => {
    const tokenizer = await loadTokenizer(encoding, () => turn(clock));
    const counts = known.get(encoding) ?? new Counts(tokenizer);
    known.set(encoding, counts);
    return counts;
  };
  const handle = async (request: RenderContextRequest, call: Call): Promise<RenderContextResponse> => {
    const forest = forestOf(context, request.forest);
    const asked = visibleOf(renderAsked(request), new Sight(call, forest));
    const target = await renderTarget(forest, asked, call, clock);
    const counts = await countsOf(asked.encoding);
    return places.take(async () => {
      if (call.cancelled) throw new RpcError('CANCELLED', 'nobody waits any more');
      const options = { forest, clock, valueForms, counts, asked, target, call };
      const response = await answer(options, await renderLayout(options));
      noteRendered(forest, request, asked, response);
      return response;
    });
  };
  return [defineMethod({ kind: 'unary', descriptor: ContextService.method.renderContext, handle })];
}

/** Of each part, what its reader may see: a pattern becomes several, where that takes several. */
function visibleOf(asked: RenderAsked, sight: Sight): RenderAsked {
  if (sight.isWhole) return asked;
  const parts = asked.parts.map((part, index) => ({
    ...part,
    patterns: sight.patterns(part.patterns, `parts[${index}].pattern`),
  }));
  return { ...asked, parts };
}

async function answer(options: RenderingOptions, rendered: Rendered): Promise<RenderContextResponse> {
  const { asked, target, counts } = options;
  const { base, tail, revision, sequence } = rendered;
  const { sections, missed } = tail;
  const marker = tail.isCut
    ? asked.writer.cut(missed.changes, revision, asked.scaled(tokensOfBytes(missed.bytes)))
    : '';
  const markerTokens = counts.tokenizer.count(marker);
  const wanted = sections.slice(seenSections(sections, asked));
  const isWhole = asked.sinceRevision === 0;
  const text = `${isWhole ? base.text : ''}${wanted.map((section) => section.text).join('')}${marker}`;
  const tokens = (isWhole ? base.tokens : 0) + tokensIn(wanted) + markerTokens;
  const layoutTokens = base.tokens + tokensIn(sections) + markerTokens;
  const leftOut = base.leftOut.reduce((sum, count) => sum + count, 0) + missed.changes;
  return create(RenderContextResponseSchema, {
    text,
    revision: BigInt(revision),
    baseRevision: BigInt(target.base.revision),
    tokens: BigInt(asked.scaled(tokens)),
    baseBytes: BigInt(isWhole ? Buffer.byteLength(base.text) : 0),
    leftOut: BigInt(leftOut),
    leftOutTokens: BigInt(asked.scaled(tokensOfBytes(base.leftOutBytes + missed.bytes))),
    rebasedTokens: BigInt(asked.scaled(await rebasedTokens(options, rendered, layoutTokens))),
    basis: (await basisIn(options, rendered)).map(basisMessage),
    layoutTokens: BigInt(asked.scaled(layoutTokens)),
    sequence: BigInt(target.ghost === null ? 0 : lastStaged(target.ghost, sequence)),
    ...aged(target.ageMs),
  });
}

/** How many sections the caller has seen. */
function seenSections(sections: readonly Section[], { sinceRevision, sinceSequence }: RenderAsked): number {
  if (sinceRevision === 0) return 0;
  const first = sections.findIndex(({ step }) =>
    sinceSequence > 0
      ? step.sequence > sinceSequence
      : step.origin.kind !== 'revision' || step.revision > sinceRevision,
  );
  return first < 0 ? sections.length : first;
}

function tokensIn(sections: readonly Section[]): number {
  return sections.reduce((sum, section) => sum + section.tokens, 0);
}

/** What a new layout would take, going by its bytes and by what those of this one take. */
async function rebasedTokens(
  { asked, target, clock }: RenderingOptions,
  { base, tail }: Rendered,
  layoutTokens: number,
): Promise<number> {
  if (tail.sections.length === 0 && !tail.isCut) return layoutTokens;
  const bytes = await resultInSlices(bytesSteps(target.root, asked.parts), clock);
  const ownBytes = tail.sections.reduce((sum, { text }) => sum + text.length, base.text.length);
  const own = asked.writer.head.length + asked.writer.foot(target.revision).length;
  const tokens = Math.ceil(((bytes + own) * layoutTokens) / ownBytes);
  return Math.min(tokens, asked.tokensMax);
}

/** What was read: in the ghost's view, unless the text ends before the revision that the ghost stands on. */
async function basisIn(
  { asked, target, clock }: RenderingOptions,
  rendered: Rendered,
): Promise<BasisEntry[]> {
  const { base, revision, sequence, shown, gone } = rendered;
  const isPartial = base.leftOut.map((count) => count > 0);
  const steps = basisSteps({ parts: asked.parts, isPartial, shown, gone }, basisEntriesMax);
  const reads = await resultInSlices(steps, clock);
  const isInGhost = target.ghost !== null && revision === target.revision;
  const inGhost = isInGhost ? { ghostId: target.ghost.id, ...(sequence === 0 ? {} : { sequence }) } : {};
  return reads.map((read) => ({ ...read, revision, ...inGhost }));
}
