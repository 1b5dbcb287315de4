/** Which nodes hold some text. */
import { create } from '@bufbuild/protobuf';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { ContextService } from './gen/hyperloom/v1/context_service_pb.ts';
import {
  SearchRequestSchema,
  SearchTarget as WireTarget,
  type SearchHit as WireHit,
} from './gen/hyperloom/v1/search_pb.ts';
import { readNode, type Node } from './node.ts';
import { Paged } from './paged.ts';
import type { CallLimits } from './transport.ts';

/** Where to look. */
export type SearchTarget = 'everything' | 'paths' | 'values';

/** Options of `search`. */
export interface SearchOptions extends CallLimits {
  /** Which node, and all below it. Default: everywhere. */
  readonly path?: string | undefined;
  /** Default: `everything`, which is paths and values. */
  readonly target?: SearchTarget | undefined;
  /** A trunk revision. Default: the newest. Not in ghosts. */
  readonly atRevision?: number | undefined;
  /** Default 100, at most 1,000. */
  readonly pageSize?: number | undefined;
}

/** A node that holds the text. */
export interface SearchHit {
  /** Without its value. */
  readonly node: Node;
  /** A part of the value around the text; empty where only the path holds it. */
  readonly excerpt: string;
  /** Where the text begins in the excerpt, in Unicode characters: `[...excerpt]`. */
  readonly excerptMatch: number;
  /** How many of them it takes. */
  readonly excerptMatchLength: number;
  /** The field of a message, such as `origin.url`; empty for other values. */
  readonly field: string;
}

/** Nodes that hold a text, in pages, in the order of paths. Some pages may be empty. */
export function search(
  connection: Connection,
  agent: Agent,
  ghostId: string,
  query: string,
  options: SearchOptions,
): Paged<SearchHit> {
  return new Paged(async (pageToken) => {
    const request = create(SearchRequestSchema, {
      forest: agent.forest,
      path: options.path ?? '',
      query,
      target: targets[options.target ?? 'everything'],
      atRevision: BigInt(options.atRevision ?? 0),
      ghostId,
      pageSize: options.pageSize ?? 0,
      pageToken,
    });
    const response = await connection.caller.unary(ContextService.method.search, request, options);
    const revision = Number(response.revision);
    const items = response.hits.flatMap((hit) => readHit(hit, revision));
    for (const { node } of items) agent.note(node.path, revision, 'node');
    return { items, nextPageToken: response.nextPageToken, revision };
  });
}

const targets: Readonly<Record<SearchTarget, WireTarget>> = {
  everything: WireTarget.EVERYTHING,
  paths: WireTarget.PATHS,
  values: WireTarget.VALUES,
};

function readHit(
  { node, excerpt, excerptMatch, excerptMatchLength, field }: WireHit,
  revision: number,
): SearchHit[] {
  return node === undefined
    ? []
    : [{ node: readNode(node, revision), excerpt, excerptMatch, excerptMatchLength, field }];
}
