/** What a request for a rendering asks for, checked. */
import { create } from '@bufbuild/protobuf';
import {
  renderBaseTokensMin,
  renderChangeTokensMin,
  renderPartsMax,
  renderTokenFactorMax,
  renderTokensMax,
  renderTokensMin,
} from '../../base/limits.ts';
import { type ReadView, ReadViewSchema } from '../../gen/hyperloom/v1/context_service_pb.ts';
import type { RenderContextRequest } from '../../gen/hyperloom/v1/render_pb.ts';
import type { Encoding } from '../../render/encodings.ts';
import { jsonWriter } from '../../render/json-writer.ts';
import type { Part } from '../../render/part.ts';
import { textWriter } from '../../render/text-writer.ts';
import type { Writer } from '../../render/writer.ts';
import { checkAuthor, checkCount, checkEnum, checkPattern, tooMuch, toNumber } from '../checks.ts';
import { violation } from '../errors.ts';

/** See above. */
export interface RenderAsked {
  readonly view: ReadView;
  readonly parts: readonly Part[];
  /** 0: none. */
  readonly baseRevision: number;
  readonly sinceRevision: number;
  readonly sinceSequence: number;
  readonly writer: Writer;
  readonly encoding: Encoding;
  /** Tokens of the tokenizer for all of it, and of these those that the beginning leaves. */
  readonly tokensMax: number;
  readonly changeTokens: number;
  /** Tokens as the caller counts them. */
  readonly scaled: (tokens: number) => number;
}

const formats = ['text', 'text', 'json'] as const;
const encodings = ['o200k', 'o200k', 'cl100k'] as const;
/** Products of a token count and a factor may be this much too large, as doubles. */
const rounding = 1e-6;

/** Checks a request as far as that does not depend on the state. */
export function renderAsked(request: RenderContextRequest): RenderAsked {
  checkCount(request.parts.length, 'parts', 'renderPartsMax', renderPartsMax, 1);
  checkAuthor(request.author);
  const factor = factorOf(request);
  const encoding = checkEnum(request.tokenizer, encodings, 'tokenizer');
  const writer = checkEnum(request.format, formats, 'format') === 'text' ? textWriter : jsonWriter;
  const budget = budgetOf(request, factor);
  const sinceRevision = toNumber(request.sinceRevision);
  const sinceSequence = toNumber(request.sinceSequence);
  if (sinceSequence !== 0 && request.ghostId === '')
    violation('since_sequence', 'only ghosts have staged diffs');
  if (sinceSequence !== 0 && sinceRevision === 0)
    violation('since_sequence', 'it needs since_revision, the revision of the same text');
  return {
    view: viewOf(request),
    parts: request.parts.map(({ pattern, priority, tokenBudget }, index) => ({
      patterns: [checkPattern(pattern, `parts[${index}].pattern`)],
      priority,
      tokensMax: tokenBudget === 0n ? Infinity : Math.floor(toNumber(tokenBudget) / factor),
    })),
    baseRevision: toNumber(request.baseRevision) || sinceRevision,
    sinceRevision,
    sinceSequence,
    writer,
    encoding,
    ...budget,
    scaled: (tokens) => Math.ceil(tokens * factor - rounding),
  };
}

function factorOf({ tokenFactor }: RenderContextRequest): number {
  if (tokenFactor === 0) return 1;
  if (tokenFactor > 0 && tokenFactor <= renderTokenFactorMax) return tokenFactor;
  return violation(
    'token_factor',
    `${tokenFactor}; it must be more than 0 and at most ${renderTokenFactorMax}`,
  );
}

function budgetOf(
  { tokenBudget, changeTokenBudget }: RenderContextRequest,
  factor: number,
): Pick<RenderAsked, 'tokensMax' | 'changeTokens'> {
  const asked = toNumber(tokenBudget);
  if (asked > renderTokensMax) tooMuch('token_budget', 'renderTokensMax', renderTokensMax, asked, 'tokens');
  const tokensMax = Math.floor(asked / factor);
  if (tokensMax < renderTokensMin)
    violation('token_budget', `${asked}; at least ${Math.ceil(renderTokensMin * factor)} are needed`);
  if (changeTokenBudget === undefined) return { tokensMax, changeTokens: Math.floor(tokensMax / 4) };
  const changeTokens = Math.floor(toNumber(changeTokenBudget) / factor);
  const most = tokensMax - renderBaseTokensMin;
  if (changeTokens < renderChangeTokensMin || changeTokens > most) {
    const bounds = `from ${Math.ceil(renderChangeTokensMin * factor)} to ${Math.floor(most * factor)}`;
    violation('change_token_budget', `${changeTokenBudget}; it must be ${bounds}`);
  }
  return { tokensMax, changeTokens };
}

function viewOf({ atRevision, ghostId, edition, atLeastRevision }: RenderContextRequest): ReadView {
  if (ghostId !== '' && atRevision !== 0n)
    violation('at_revision', 'at_revision and ghost_id exclude one another');
  if (ghostId === '' && edition !== 0n) violation('edition', 'only ghosts have editions');
  const consistency =
    atLeastRevision === 0n
      ? ({ case: 'linearizable', value: {} } as const)
      : ({ case: 'atLeastRevision', value: atLeastRevision } as const);
  return create(ReadViewSchema, { atRevision, ghostId, edition, consistency });
}
