/** What a resource holds: the node's value as it is, and a list of what is directly below it. */
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ReadResourceResult,
} from '@modelcontextprotocol/server';

import { mcpChildrenListedMax } from '../../base/limits.ts';
import {
  HyperloomError,
  stringifyJson,
  TypedMessage,
  type Client,
  type Ghost,
  type Node,
} from '../../../clients/typescript/src/index.ts';
import { agentOf, type Session } from '../call.ts';
import { explain } from '../explain.ts';
import { readUri, writeUri, type ResourceTarget } from './uri.ts';

type Contents = ReadResourceResult['contents'];

/** Reads a resource. Throws protocol errors: there is no model to be told what to do. */
export async function readResource(session: Session, uri: string): Promise<ReadResourceResult> {
  const target = readUri(uri);
  if (target === undefined) throw new ResourceNotFoundError(uri);
  const { forest, path, revision, ghostId } = target;
  const agent = agentOf(session, { forest });
  try {
    const view = async (verbs: Client | Ghost): Promise<Contents> => {
      const options = { atRevision: revision, form: 'json' } as const;
      const node = path === '/' ? undefined : await verbs.get(path, options);
      const listed = verbs.list(path, { ...options, keysOnly: true, pageSize: mcpChildrenListedMax });
      const below = await listed.pages().next();
      const children = below.done === true ? [] : below.value.items;
      const own = node === undefined ? [] : contentsOf(uri, node);
      if (children.length === 0 && own.length > 0) return own;
      const isCut = below.done !== true && below.value.nextPageToken !== '';
      return [...own, childrenOf(uri, target, children, isCut)];
    };
    return { contents: await (ghostId === undefined ? view(agent.client) : agent.inGhost(ghostId, view)) };
  } catch (error) {
    throw asProtocolError(error, uri);
  }
}

/** Refusals as MCP tells them for what is not a tool. */
export function asProtocolError(error: unknown, uri: string): unknown {
  if (!(error instanceof HyperloomError)) return error;
  if (error.code === 'NOT_FOUND') return new ResourceNotFoundError(uri);
  const isInput = error.code === 'INVALID_ARGUMENT' || error.code === 'OUT_OF_RANGE';
  const code = isInput ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, explain(error) ?? error.message, { uri, reason: error.reason });
}

function contentsOf(uri: string, { value, kind, json }: Node): Contents {
  if (value === undefined) return [];
  if (value instanceof Uint8Array)
    return [{ uri, mimeType: 'application/octet-stream', blob: Buffer.from(value).toString('base64') }];
  if (value instanceof TypedMessage)
    return [{ uri, mimeType: 'application/x-protobuf', blob: Buffer.from(value.bytes).toString('base64') }];
  if (kind === 'text' && typeof value === 'string') return [{ uri, mimeType: 'text/plain', text: value }];
  return [{ uri, mimeType: 'application/json', text: json ?? stringifyJson(value) }];
}

function childrenOf(
  uri: string,
  target: ResourceTarget,
  children: readonly Node[],
  isCut: boolean,
): Contents[number] {
  const listed = children.map(({ path, childCount, author }) => ({
    uri: writeUri(target.forest, path, target),
    path,
    author,
    children: childCount,
  }));
  const text = JSON.stringify({ children: listed, ...(isCut ? { more: 'use the tool list' } : {}) });
  return { uri, mimeType: 'application/json', text };
}
