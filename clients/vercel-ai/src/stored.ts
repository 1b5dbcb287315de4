/**
 * A chat as it lies in the tree. `C` = `{root}/{chat id}/ai`:
 *
 *     C/head                        {"next": 7, "saved": "…"}: the number of the next message; the last stream whose answer was saved
 *     C/messages/{number}           a message without its parts: {"id": "…", "role": "user"}
 *     C/messages/{number}/{part}    a part of it, by its number from 0
 *     C/streaming                   {"stream": "…"}: the stream that is running, bound to the lease of who writes it
 *     C/streams/{stream}            an array of the stream's chunks so far
 *
 * Numbers only grow, so the order of messages is that of their names. Every change of messages goes with the head, under the precondition that
 * nobody else has written it since: so nobody's messages are lost, and none is written twice.
 */
import { NotFoundError, type Node } from '@hyperloom/client';
import {
  isObject,
  numberName,
  type BrokerVerbs,
  type Plain,
  type PlainObject,
} from '@hyperloom/client/adapters';
import { ChatStoreError } from './errors.ts';
import { messageDigits, partDigits } from './limits.ts';

/** What says which messages there are, and which state of its node that is. */
export interface Head {
  /** The number of the next message. */
  readonly next: number;
  /** The stream whose answer was saved last; empty where there was none. */
  readonly saved: string;
  /** The trunk revision that made it; 0 in a ghost, or where there is none. */
  readonly revision: number;
  /** 0: there is no head yet. */
  readonly version: number;
}

/** A message by its number. */
export interface StoredMessage {
  readonly number: number;
  /** All of it but its parts. */
  readonly fields: PlainObject;
  readonly parts: readonly PlainObject[];
}

/** A chat at one revision. */
export interface StoredChat {
  readonly head: Head;
  readonly messages: readonly StoredMessage[];
  /** Chunks of recorded streams that have not been taken away, by the stream's name; what began last comes last. */
  readonly streams: ReadonlyMap<string, readonly PlainObject[]>;
  /** The stream that is running. */
  readonly streaming: string | undefined;
}

export const noHead: Head = { next: 0, saved: '', revision: 0, version: 0 };

/** Reads all of a chat, at one revision. */
export async function readChat(verbs: BrokerVerbs, path: string): Promise<StoredChat> {
  const nodes = await below(verbs, path);
  let head = noHead;
  let streaming: string | undefined;
  const messages = new Map<number, { fields: PlainObject; parts: PlainObject[] }>();
  const recorded: { readonly name: string; readonly node: Node }[] = [];
  for (const node of nodes) {
    const [room, name = '', part] = node.path.slice(path.length + 1).split('/');
    if (node.kind === 'none') continue;
    if (room === 'head') head = readHead(node);
    else if (room === 'streaming') streaming = readStreaming(node);
    else if (room === 'streams') recorded.push({ name, node });
    else if (room === 'messages' && part === undefined)
      messages.set(Number(name), { fields: readObject(node), parts: [] });
    else if (room === 'messages') messages.get(Number(name))?.parts.push(readObject(node));
  }
  const list = [...messages].map(([number, { fields, parts }]) => ({ number, fields, parts }));
  // Their names are random.
  recorded.sort((a, b) => byBeginning(a.node, b.node));
  const streams = new Map(recorded.map(({ name, node }) => [name, readChunks(node)]));
  return { head, messages: list, streams, streaming };
}

/** What a ghost has made is newer than what it stands on. */
function byBeginning(a: Node, b: Node): number {
  const isStaged = Number(a.createdRevision === 0) - Number(b.createdRevision === 0);
  return isStaged || a.createdRevision - b.createdRevision || a.stagedSequence - b.stagedSequence;
}

async function below(verbs: BrokerVerbs, path: string): Promise<readonly Node[]> {
  try {
    return await verbs.list(path, { depth: 0, pageSize: 10_000 }).all();
  } catch (error) {
    if (error instanceof NotFoundError && error.reason === 'NODE_NOT_FOUND') return [];
    throw error;
  }
}

/** The message as the SDK has it. */
export function wholeMessage({ fields, parts }: StoredMessage): PlainObject {
  return { ...fields, parts };
}

export function headPath(path: string): string {
  return `${path}/head`;
}

export function messagePath(path: string, number: number): string {
  return `${path}/messages/${numberName(number, messageDigits)}`;
}

export function partPath(path: string, number: number, part: number): string {
  return `${messagePath(path, number)}/${numberName(part, partDigits)}`;
}

export function streamingPath(path: string): string {
  return `${path}/streaming`;
}

export function streamPath(path: string, stream: string): string {
  return `${path}/streams/${stream}`;
}

function readHead(node: Node): Head {
  const { next, saved } = readObject(node);
  if (typeof next !== 'number' || !Number.isSafeInteger(next) || next < 0) throw foreign(node);
  const { modifiedRevision: revision, version } = node;
  return { next, saved: typeof saved === 'string' ? saved : '', revision, version };
}

/** The stream that a node says is running. */
export function readStreaming(node: Node): string {
  const { stream } = readObject(node);
  if (typeof stream !== 'string') throw foreign(node);
  return stream;
}

/** The chunks that a stream's node holds. */
export function readChunks(node: Node): readonly PlainObject[] {
  const chunks: unknown = node.json === undefined ? undefined : JSON.parse(node.json);
  if (!Array.isArray(chunks)) throw foreign(node);
  return chunks.filter((chunk: Plain) => isObject(chunk));
}

function readObject(node: Node): PlainObject {
  const value: unknown = node.json === undefined ? undefined : JSON.parse(node.json);
  if (!isObject(value)) throw foreign(node);
  return value;
}

function foreign({ path }: Node): ChatStoreError {
  return new ChatStoreError(`${path} holds no part of a chat: something else has been put there; delete it`);
}
