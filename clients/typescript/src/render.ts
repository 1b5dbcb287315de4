/** State as text for a model's prompt. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import type { Agent, ViewOptions } from './agent.ts';
import { readBasisEntry, type BasisEntry } from './basis.ts';
import type { Connection } from './connection.ts';
import { ContextService } from './gen/hyperloom/v1/context_service_pb.ts';
import {
  RenderContextRequestSchema,
  RenderFormat as WireFormat,
  Tokenizer as WireTokenizer,
  type RenderContextResponse,
} from './gen/hyperloom/v1/render_pb.ts';
import { readAge, type Aged } from './node.ts';
import type { CallLimits } from './transport.ts';

/** A part of what is shown. */
export interface RenderPart {
  /** Which nodes, as in `subscribe`. */
  readonly pattern: string;
  /** Where the budget does not take all parts, those with the higher number are kept. Default: 0. */
  readonly priority?: number | undefined;
  /** The most tokens of this part at the beginning of the layout. Default: as many as the budget takes. */
  readonly tokenBudget?: number | undefined;
}

/** One part or several; a text is a pattern. */
export type RenderParts = string | RenderPart | readonly (string | RenderPart)[];

/** How a context is rendered. */
export interface RenderLayoutOptions {
  /** How many tokens it may take: at least 128, at most 10,000,000. */
  readonly tokenBudget: number;
  /** How much of that the beginning leaves to what changes later. Default: a quarter. */
  readonly changeTokenBudget?: number | undefined;
  /** `text` (the default) is headed text, `json` an object a line. */
  readonly format?: 'text' | 'json' | undefined;
  /** How tokens are counted. Default: `o200k`. */
  readonly tokenizer?: 'o200k' | 'cl100k' | undefined;
  /** For other models: tokens count as this many times those of the tokenizer, at most 10. Default: 1. */
  readonly tokenFactor?: number | undefined;
}

/** Options of `renderContext`. */
export interface RenderOptions extends RenderLayoutOptions, CallLimits, Pick<ViewOptions, 'atRevision'> {
  /** The layout to go on with: `baseRevision` of the answer that began it. Default: a new one. */
  readonly baseRevision?: number | undefined;
  /** Only what comes behind the text that ended with this revision. */
  readonly sinceRevision?: number | undefined;
  /** In a ghost: only what was staged after this diff. Not without `sinceRevision`. */
  readonly sinceSequence?: number | undefined;
}

/** A context. */
export interface RenderedContext extends Aged {
  /** Ends with a line break, or is empty. */
  readonly text: string;
  /** What it shows: pass it as `sinceRevision` for what comes next. */
  readonly revision: number;
  /** The layout: pass it for a text with the same beginning. */
  readonly baseRevision: number;
  /** In a ghost: the last staged diff that it shows. */
  readonly sequence: number;
  /** What the text takes. */
  readonly tokens: number;
  /** What the whole layout takes, with what `sinceRevision` leaves out. */
  readonly layoutTokens: number;
  /** Bytes at the beginning that are the layout's own; changes come behind them. */
  readonly baseBytes: number;
  /** Nodes and changes that were left out for the budget; the text says so too. */
  readonly leftOut: number;
  readonly leftOutTokens: number;
  /** What a new layout would take, estimated. */
  readonly rebasedTokens: number;
  /** What was shown. It is noted as read. */
  readonly basis: readonly BasisEntry[];
}

/** Renders a context, and notes what it shows as read. */
export async function renderContext(
  connection: Connection,
  agent: Agent,
  ghost: { readonly id: string; readonly edition: number },
  parts: RenderParts,
  options: RenderOptions,
): Promise<RenderedContext> {
  const isOfNow = ghost.id === '' && (options.atRevision ?? 0) === 0;
  const request = create(RenderContextRequestSchema, {
    forest: agent.forest,
    parts: partsOf(parts),
    atRevision: BigInt(options.atRevision ?? 0),
    ghostId: ghost.id,
    edition: BigInt(ghost.edition),
    atLeastRevision: BigInt(isOfNow ? agent.newestRevision : 0),
    baseRevision: BigInt(options.baseRevision ?? 0),
    sinceRevision: BigInt(options.sinceRevision ?? 0),
    sinceSequence: BigInt(options.sinceSequence ?? 0),
    format: options.format === 'json' ? WireFormat.JSON : WireFormat.TEXT,
    tokenBudget: BigInt(options.tokenBudget),
    tokenizer: options.tokenizer === 'cl100k' ? WireTokenizer.CL100K : WireTokenizer.O200K,
    tokenFactor: options.tokenFactor ?? 0,
    author: agent.author,
    ...(options.changeTokenBudget === undefined
      ? {}
      : { changeTokenBudget: BigInt(options.changeTokenBudget) }),
  });
  const response = await connection.caller.unary(ContextService.method.renderContext, request, options);
  const rendered = readRendered(response);
  agent.see(rendered.revision);
  for (const entry of rendered.basis) agent.basis?.note(entry);
  return rendered;
}

type Parts = NonNullable<MessageInitShape<typeof RenderContextRequestSchema>['parts']>;

function partsOf(parts: RenderParts): Parts {
  const list = typeof parts === 'string' || 'pattern' in parts ? [parts] : parts;
  return list.map((part) => {
    if (typeof part === 'string') return { pattern: part };
    const { pattern, priority = 0, tokenBudget = 0 } = part;
    return { pattern, priority, tokenBudget: BigInt(tokenBudget) };
  });
}

function readRendered(response: RenderContextResponse): RenderedContext {
  return {
    text: response.text,
    revision: Number(response.revision),
    baseRevision: Number(response.baseRevision),
    sequence: Number(response.sequence),
    tokens: Number(response.tokens),
    layoutTokens: Number(response.layoutTokens),
    baseBytes: Number(response.baseBytes),
    leftOut: Number(response.leftOut),
    leftOutTokens: Number(response.leftOutTokens),
    rebasedTokens: Number(response.rebasedTokens),
    basis: response.basis.map(readBasisEntry),
    ageMs: readAge(response.age),
  };
}
