/**
 * The beginning of a layout: the nodes as they were at its base. What is shown of them follows from the base and the request alone, never
 * from what came later: so it stays the same.
 */
import { renderBaseBytesMax, renderBytesLookedAtMax, renderNodesMax } from '../base/limits.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { Entry } from '../state/values/value.ts';
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { walkMatching } from '../trie/walk-matching.ts';
import type { Counts } from './counts.ts';
import { patternsOf } from './part.ts';
import type { Part } from './part.ts';
import { show } from './shown.ts';
import type { MessageJson } from './shown.ts';
import type { Writer } from './writer.ts';

/** What a beginning is made of. */
export interface BaseOptions {
  readonly root: Root;
  readonly revision: number;
  readonly parts: readonly Part[];
  readonly writer: Writer;
  readonly counts: Counts;
  readonly messageJson: MessageJson;
  /** Tokens for all of it. */
  readonly tokensMax: number;
  /** Tokens as the caller counts them. */
  readonly scaled: (tokens: number) => number;
}

/** A beginning. */
export interface BasePart {
  readonly text: string;
  readonly tokens: number;
  /** Paths that are shown, as texts. */
  readonly shown: ReadonlySet<string>;
  /** How many nodes of each part were left out. */
  readonly leftOut: readonly number[];
  /** What was left out would take so many bytes, about. */
  readonly leftOutBytes: number;
}

/** There are more nodes to look at than one rendering may; `part` is the one at which they were too many. */
export interface TooManyNodes {
  readonly tooManyIn: number;
}

/** Nodes between two yields. */
const nodesPerStep = 256;
/** Bytes of a node beside its path and its value, about. */
const headingBytes = 6;

/** Makes the beginning of a layout, with a yield every few milliseconds. */
export function* baseSteps(options: BaseOptions): Generator<void, BasePart | TooManyNodes> {
  const { parts, writer, counts, revision } = options;
  const found = yield* candidates(options);
  if ('tooManyIn' in found) return found;
  const { head } = writer;
  const foot = writer.foot(revision);
  const ownTokens = (yield* counts.steps(head)) + (yield* counts.steps(foot));
  // What the marker takes is set aside whether it comes or not: what is shown must not depend on what is not.
  const marker = writer.leftOut(renderNodesMax, Number.MAX_SAFE_INTEGER);
  const room = {
    tokens: options.tokensMax - ownTokens - (yield* counts.steps(marker)),
    bytes: renderBaseBytesMax,
  };
  const chosen = yield* choose(options, found, room);
  const lines = [head];
  const shown = new Set<string>();
  const leftOut = parts.map(() => 0);
  let tokens = ownTokens;
  let leftOutBytes = 0;
  for (const [at, candidate] of found.all.entries()) {
    if (at % nodesPerStep === 0) yield;
    const { path, entry, part } = candidate;
    const piece = chosen.get(candidate);
    if (piece === undefined) {
      leftOut[part] = (leftOut[part] ?? 0) + 1;
      leftOutBytes += bytesOf(path, entry);
      continue;
    }
    lines.push(piece.text);
    tokens += piece.tokens;
    shown.add(formatPath(path));
  }
  const missing = leftOut.reduce((sum, count) => sum + count, 0);
  if (missing > 0) {
    const line = writer.leftOut(missing, options.scaled(tokensOfBytes(leftOutBytes)));
    lines.push(line);
    tokens += yield* counts.steps(line);
  }
  lines.push(foot);
  return { text: lines.join(''), tokens, shown, leftOut, leftOutBytes };
}

/** What bytes take in tokens, by rule of thumb. */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / 4);
}

/** Bytes that all nodes of a root take that are shown in parts, about. Stops where there are too many. */
export function* bytesSteps(root: Root, parts: readonly Part[]): Generator<void, number> {
  let [bytes, seen] = [0, 0];
  for (const { path, node } of walkMatching(root, patternsOf(parts))) {
    seen += 1;
    if (seen > renderNodesMax) return bytes;
    if (seen % nodesPerStep === 0) yield;
    if (node.entry !== null) bytes += bytesOf(path, node.entry);
  }
  return bytes;
}

function bytesOf(path: Path, { bytes, kind }: Entry): number {
  return (
    headingBytes + path.reduce((sum, segment) => sum + 1 + segment.length, 0) + (kind === 'bytes' ? 8 : bytes)
  );
}

/** A node that could be shown. */
interface Candidate {
  readonly path: Path;
  readonly entry: Entry;
  readonly part: number;
}

/** All nodes of all parts, in the order in which they would stand, and those of each part. */
interface Candidates {
  readonly all: readonly Candidate[];
  readonly byPart: readonly (readonly Candidate[])[];
}

function* candidates({ root, parts }: BaseOptions): Generator<void, Candidates | TooManyNodes> {
  const byPart: Candidate[][] = [];
  const seen = new Set<string>();
  let visited = 0;
  for (const [part, { patterns }] of parts.entries()) {
    const own: Candidate[] = [];
    byPart.push(own);
    for (const { path, node } of walkMatching(root, patterns)) {
      visited += 1;
      if (visited > renderNodesMax) return { tooManyIn: part };
      if (visited % nodesPerStep === 0) yield;
      if (node.entry === null) continue;
      if (parts.length > 1) {
        const key = formatPath(path);
        if (seen.has(key)) continue;
        seen.add(key);
      }
      own.push({ path, entry: node.entry, part });
    }
  }
  return { all: byPart.flat(), byPart };
}

/** A node that is shown. */
interface Piece {
  readonly text: string;
  readonly tokens: number;
}

/** What is left of the budget. */
interface Room {
  tokens: number;
  bytes: number;
}

/** What fits, part by part in the order of their priorities, and within a part in the order of the paths. What does not fit is passed over. */
function* choose(
  options: BaseOptions,
  found: Candidates,
  room: Room,
): Generator<void, ReadonlyMap<Candidate, Piece>> {
  const { parts, counts } = options;
  const chosen = new Map<Candidate, Piece>();
  const order = parts.map((part, index) => ({ ...part, index })).sort((a, b) => b.priority - a.priority);
  let lookedAt = 0;
  for (const { index, tokensMax } of order) {
    let left = tokensMax;
    for (const [at, candidate] of (found.byPart[index] ?? []).entries()) {
      if (at % nodesPerStep === 0) yield;
      const most = Math.min(left, room.tokens);
      if (cannotFit(candidate.entry, most, room.bytes, counts)) continue;
      lookedAt += candidate.entry.bytes;
      if (lookedAt > renderBytesLookedAtMax) break;
      const piece = yield* pieceOf(options, candidate, most, room.bytes);
      if (piece === null) continue;
      chosen.set(candidate, piece);
      left -= piece.tokens;
      room.tokens -= piece.tokens;
      room.bytes -= Buffer.byteLength(piece.text);
    }
  }
  return chosen;
}

/** So it is told without a look at the value: it has more bytes than that many tokens could hold. */
function cannotFit({ kind, bytes }: Entry, tokens: number, room: number, { tokenizer }: Counts): boolean {
  if (tokens <= 0) return true;
  // A message is told in another form, which can be shorter.
  if (kind === 'bytes' || kind === 'message') return bytes > renderBytesLookedAtMax;
  return bytes > room || bytes / tokenizer.tokenBytesMax > tokens;
}

function* pieceOf(
  { writer, counts, messageJson }: BaseOptions,
  { path, entry }: Candidate,
  tokensMax: number,
  bytesMax: number,
): Generator<void, Piece | null> {
  const text = writer.node(path, show(entry, path, messageJson));
  if (Buffer.byteLength(text) > bytesMax) return null;
  const tokens = yield* counts.steps(text);
  return tokens > tokensMax ? null : { text, tokens };
}
