/**
 * Publishes on the hot path: the usual ones are read from their bytes into a command, and outcomes written, by hand. That
 * takes a fifth of what generated code does, and a busy agent's stream does little else. Whatever is unusual, or wrong in any
 * way, is left to the generated code, which finds the words for it; so both paths refuse alike.
 */
import { crc32 } from 'node:zlib';
import {
  basisEntriesMax,
  fencingTokensMax,
  knownPathBytesMax,
  knownPathsMax,
  lockWaitMsMax,
  operationsPerDiffMax,
  preconditionsPerDiffMax,
  requestIdBytesMax,
  typeUrlBytesMax,
  valueBytesMax,
} from '../../base/limits.ts';
import { authorBytesMax, labelBytesMax } from '../../base/limits.ts';
import { WireReader } from '../../codec/wire-reader.ts';
import { WireWriter } from '../../codec/wire-writer.ts';
import { CodecDamage } from '../../codec/damage.ts';
import type { BasisEntry, Operation, Precondition, Publish } from '../../state/command.ts';
import type { Value } from '../../state/values/value.ts';
import type { Outcome } from '../../state/outcome.ts';
import { parsePath } from '../../trie/path.ts';
import type { Path } from '../../trie/path.ts';
import { internAuthor, isGhostId } from '../checks.ts';
import { jsonProblem } from '../json-text.ts';
import { tracedAs } from '../trace-parent.ts';
import { framePrefixBytes } from '../transport.ts';

/** A checked publish and the forest that it is for. */
export interface PublishTo {
  readonly forest: string;
  readonly command: Publish;
  /** How long it waits for locks of others, in milliseconds. */
  readonly waitMs: number;
}

const reader = new WireReader();
const writer = new WireWriter();
const lengthTag = 2;

/** The publish that `bytes[start, end)` hold; `null` where it is not one of the usual ones. */
export function decodePublish(bytes: Uint8Array, start = 0, end = bytes.length): PublishTo | null {
  reader.reset(bytes, start, end);
  try {
    return readPublish(bytes, start);
  } catch (error) {
    if (error instanceof CodecDamage || error === unusual) return null;
    throw error;
  }
}

/** The bytes of the publish inside a `PublishStreamRequest`; `null` where there is more or less to it. */
export function publishWithin(bytes: Uint8Array): { readonly start: number } | null {
  if (bytes[0] !== (1 << 3) + lengthTag) return null;
  let length = 0;
  let at = 1;
  for (let scale = 1; at < 6; scale *= 128) {
    const byte = bytes[at++] ?? 0;
    length += (byte & 127) * scale;
    if (byte < 128) break;
  }
  return at + length === bytes.length ? { start: at } : null;
}

/** What came of a publish. */
type Published = Pick<Extract<Outcome, { kind: 'published' }>, 'revision' | 'sequence' | 'edition'>;

/** The bytes of a `PublishResponse`. */
export function encodePublishResponse(
  { revision, sequence, edition = 0 }: Published,
  repeated: boolean,
): Uint8Array {
  writer.reset();
  writePublishResponse(revision, sequence, repeated, edition);
  return writer.copy();
}

/** The gRPC frame of a `PublishStreamResponse` that holds a `PublishResponse`: made at once, without a copy of the message. */
export function framePublished(
  { revision, sequence, edition = 0 }: Published,
  repeated: boolean,
): Uint8Array {
  writer.reset();
  const mark = writer.open(1, 4);
  writePublishResponse(revision, sequence, repeated, edition);
  writer.close(mark);
  const frame = writer.copy(framePrefixBytes);
  // Four numbers never take 256 bytes.
  frame[framePrefixBytes - 1] = writer.length;
  return frame;
}

function writePublishResponse(revision: number, sequence: number, repeated: boolean, edition: number): void {
  writer.uint(1, revision);
  writer.uint(2, sequence);
  writer.boolean(3, repeated);
  writer.uint(4, edition);
}

/** Thrown where something is for the generated code; one object, because making errors is slow. */
const unusual = new Error('unusual');

function readPublish(bytes: Uint8Array, start: number): PublishTo {
  let forest = '';
  let ghostId = '';
  let requestId = '';
  let author = '';
  let label = '';
  // Made with their first item: a push into an empty array sets aside room for seventeen.
  let operations: Operation[] | null = null;
  let preconditions: Precondition[] | null = null;
  let basis: BasisEntry[] | null = null;
  let fencingTokens: number[] | null = null;
  let waitMs = 0;
  let edition = 0;
  let traceParent = '';
  let last = 0;
  let said = start;
  let before = start;
  let fencedFrom = 0;
  let fencedTo = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    // Fields in order make equal requests equal bytes, which the fingerprint relies on.
    if (field < last || (field === last && field !== 3 && field !== 4 && field !== 8)) throw unusual;
    last = field;
    if (field === 1) forest = nonEmpty(reader.repeatedText());
    else if (field === 2) ghostId = nonEmpty(reader.repeatedText());
    else if (field === 3 && operations === null) operations = [readOperation()];
    else if (field === 3) operations?.push(readOperation());
    else if (field === 4 && preconditions === null) preconditions = [readPrecondition()];
    else if (field === 4) preconditions?.push(readPrecondition());
    else if (field === 5) requestId = atMost(requestIdBytesMax);
    else if (field === 6) author = readAuthor();
    else if (field === 7) label = atMost(labelBytesMax);
    else if (field === 8 && basis === null) basis = [readBasis()];
    else if (field === 8) basis?.push(readBasis());
    else if (field === 9) fencingTokens = readTokens();
    else if (field === 10) waitMs = readWait();
    else if (field === 11) edition = reader.uint();
    else if (field === 12) traceParent = reader.text();
    else throw unusual;
    if (field < 8) said = reader.position;
    else if (field === 9) [fencedFrom, fencedTo] = [before, reader.position];
    before = reader.position;
  }
  if (operations === null || operations.length > operationsPerDiffMax) throw unusual;
  if (preconditions !== null && preconditions.length > preconditionsPerDiffMax) throw unusual;
  if (basis !== null && basis.length > basisEntriesMax) throw unusual;
  // What the agent had read or knows of the ghost, how long it waits, and its trace, does not make it another request, and comes behind the rest.
  let request: Publish['request'] = null;
  if (requestId !== '') {
    const checksum = crc32(bytes.subarray(start, said));
    const fingerprint = fencedTo === 0 ? checksum : crc32(bytes.subarray(fencedFrom, fencedTo), checksum);
    request = { id: requestId, fingerprint };
  }
  const command: Publish = {
    kind: 'publish',
    author,
    ghostId,
    operations,
    preconditions: preconditions ?? none,
    basis: basis ?? none,
    label,
    request,
  };
  if (fencingTokens === null && edition === 0 && traceParent === '') return { forest, command, waitMs };
  const fenced = fencingTokens === null ? command : { ...command, fencingTokens };
  const known = edition === 0 ? fenced : { ...fenced, edition };
  return { forest, command: traceParent === '' ? known : { ...known, ...tracedAs(traceParent) }, waitMs };
}

const none: readonly never[] = [];

function readOperation(): Operation {
  const outer = reader.enter();
  if (reader.next() !== 1) throw unusual;
  const path = readPath();
  if (path.length === 0) throw unusual;
  const action = reader.next();
  let operation: Operation;
  if (action === 2) operation = { kind: 'put', path, value: readValue() };
  else if (action === 3) operation = { kind: 'append', path, addition: readAddition() };
  else throw unusual;
  if (reader.next() !== 0) throw unusual;
  reader.leave(outer);
  return operation;
}

/** Agents write to the same paths again and again: those are checked once, and their segments are the very same strings. */
const knownPaths = new Map<string, Path>();

function readPath(): Path {
  const text = reader.repeatedText();
  const known = knownPaths.get(text);
  if (known !== undefined) return known;
  const path = parsePath(text);
  if ('problem' in path) throw unusual;
  if (text.length > knownPathBytesMax) return path;
  if (knownPaths.size >= knownPathsMax) knownPaths.clear();
  knownPaths.set(text, path);
  return path;
}

function readAuthor(): string {
  boundedLength(authorBytesMax);
  return internAuthor(nonEmpty(reader.repeatedText()));
}

function readValue(): Value {
  const outer = reader.enter();
  const kind = reader.next();
  let value: Value;
  if (kind === 1) value = readJson('json');
  else if (kind === 2) value = readText();
  else if (kind === 3) value = readBytes();
  else if (kind === 4) value = readMessage();
  else throw unusual;
  if (reader.next() !== 0) throw unusual;
  reader.leave(outer);
  return value;
}

function readAddition(): Value {
  const outer = reader.enter();
  const kind = reader.next();
  let value: Value;
  if (kind === 1) value = readText();
  else if (kind === 2) value = readBytes();
  else if (kind === 3) value = readItem();
  else throw unusual;
  if (reader.next() !== 0) throw unusual;
  reader.leave(outer);
  return value;
}

/** One item of an array; several are joined by the generated path. */
function readItem(): Value {
  const outer = reader.enter();
  if (reader.next() !== 1) throw unusual;
  const value = readJson('items');
  if (reader.next() !== 0) throw unusual;
  reader.leave(outer);
  return value;
}

function readJson(kind: 'json' | 'items'): Value {
  const bytes = boundedLength(valueBytesMax);
  const data = reader.text();
  if (jsonProblem(data) !== null) throw unusual;
  return { kind, data, bytes, type: '' };
}

function readText(): Value {
  const bytes = boundedLength(valueBytesMax);
  return { kind: 'text', data: reader.text(), bytes, type: '' };
}

function readBytes(): Value {
  const bytes = boundedLength(valueBytesMax);
  return { kind: 'bytes', data: reader.binary(), bytes, type: '' };
}

/** An `Any`. Types are few, so their names are interned. */
function readMessage(): Value {
  const outer = reader.enter();
  if (reader.next() !== 1) throw unusual;
  boundedLength(typeUrlBytesMax);
  const type = nonEmpty(reader.repeatedText());
  let [bytes, data] = [0, ''];
  let field = reader.next();
  if (field === 2) {
    bytes = boundedLength(valueBytesMax);
    // Written out though it is empty: other bytes than those of an equal request.
    if (bytes === 0) throw unusual;
    data = reader.binary();
    field = reader.next();
  }
  if (field !== 0) throw unusual;
  reader.leave(outer);
  return { kind: 'message', data, bytes, type };
}

/** Whether a node is to be there, by the number of the presence. */
const presences = [undefined, true, false] as const;

function readPrecondition(): Precondition {
  const outer = reader.enter();
  if (reader.next() !== 1) throw unusual;
  const path = readPath();
  const precondition = readCondition(path);
  if (reader.next() !== 0) throw unusual;
  reader.leave(outer);
  return precondition;
}

/** Conditions on fields need schemas, and are left to the generated path. */
function readCondition(path: Path): Precondition {
  const condition = reader.next();
  if (condition === 2) {
    const present = presences[reader.uint()];
    if (present === undefined) throw unusual;
    return { kind: 'presence', path, present };
  }
  if (condition === 3) return { kind: 'modified_revision', path, revision: reader.uint() };
  if (condition === 4) return { kind: 'version', path, version: reader.uint() };
  if (condition === 5) return { kind: 'subtree_unchanged_since', path, revision: reader.uint() };
  throw unusual;
}

const extents = [undefined, 'node', 'subtree', 'absent'] as const;

function readBasis(): BasisEntry {
  const outer = reader.enter();
  if (reader.next() !== 1) throw unusual;
  const path = readPath();
  let revision = 0;
  let extent: BasisEntry['extent'] | undefined = 'node';
  let field = reader.next();
  if (field === 2) {
    revision = reader.uint();
    field = reader.next();
  }
  if (field === 3) {
    extent = extents[reader.uint()];
    field = reader.next();
  }
  if (extent === undefined) throw unusual;
  const read = { path, revision, extent };
  if (field !== 4) {
    if (field !== 0) throw unusual;
    reader.leave(outer);
    return read;
  }
  const ghostId = reader.repeatedText();
  if (!isGhostId(ghostId)) throw unusual;
  let sequence = 0;
  field = reader.next();
  if (field === 5) {
    sequence = reader.uint();
    field = reader.next();
  }
  if (field !== 0) throw unusual;
  reader.leave(outer);
  return sequence === 0 ? { ...read, ghostId } : { ...read, ghostId, sequence };
}

function readTokens(): number[] {
  const tokens: number[] = [];
  reader.uints(tokens);
  if (tokens.length === 0 || tokens.length > fencingTokensMax) throw unusual;
  return tokens;
}

/** A duration of a wait, in milliseconds. */
function readWait(): number {
  const outer = reader.enter();
  let [seconds, nanos] = [0, 0];
  let field = reader.next();
  if (field === 1) {
    seconds = reader.uint();
    field = reader.next();
  }
  if (field === 2) {
    nanos = reader.uint();
    field = reader.next();
  }
  const waitMs = seconds * 1_000 + nanos / 1_000_000;
  if (field !== 0 || nanos >= 1_000_000_000 || waitMs > lockWaitMsMax) throw unusual;
  reader.leave(outer);
  return Math.round(waitMs);
}

/** A text of 1 to `bytesMax` bytes. */
function atMost(bytesMax: number): string {
  boundedLength(bytesMax);
  return nonEmpty(reader.text());
}

function boundedLength(bytesMax: number): number {
  const length = reader.peekLength();
  if (length > bytesMax) throw unusual;
  return length;
}

function nonEmpty(text: string): string {
  if (text === '') throw unusual;
  return text;
}
