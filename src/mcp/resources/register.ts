/** The resources of a server: every node by the template, and a list of what there is to begin with. */
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceTemplate,
  type ListResourcesResult,
} from '@modelcontextprotocol/server';

import {
  mcpChildrenLookedAtMax,
  mcpCompletionsMax,
  mcpForestsListedMax,
  mcpGhostsLookedAtMax,
  mcpResourcesListedMax,
} from '../../base/limits.ts';
import type { Client } from '../../../clients/typescript/src/index.ts';
import type { Session } from '../call.ts';
import { firstOf } from '../page.ts';
import { WrongUse } from '../wrong-use.ts';
import type { Feed } from './feed.ts';
import { readResource } from './read-resource.ts';
import { NodeUriTemplate, writeUri } from './uri.ts';

export function registerResources(session: Session): void {
  const { server, bridge } = session;
  const forestOf = (context: Completing): string => context?.arguments?.['forest'] ?? bridge.options.forest;
  const template = new ResourceTemplate(new NodeUriTemplate(), {
    list: () => listResources(bridge.client),
    complete: {
      forest: (begun) => completeForests(bridge.client, begun),
      path: (begun, context) => completePaths(bridge.client.as({ forest: forestOf(context) }), begun),
      ghost: (begun, context) => completeGhosts(bridge.client.as({ forest: forestOf(context) }), begun),
    },
  });
  const metadata = {
    title: 'Node',
    description:
      'A node of a forest by its path: its value, and a list of what is below it. With revision as it was then, with ghost as that ghost sees it.',
  };
  server.registerResource('node', template, metadata, (uri) => readResource(session, uri.href));
}

/** Subscriptions of 2025-11-25; those of 2026-07-28 are streams, which their entry keeps. */
export function serveSubscriptions({ server }: Session, feed: Feed): void {
  server.server.setRequestHandler('resources/subscribe', (request) => {
    try {
      feed.watch(request.params.uri);
    } catch (error) {
      if (error instanceof WrongUse) throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
      throw error;
    }
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', (request) => {
    feed.unwatch(request.params.uri);
    return {};
  });
}

type Completing = { readonly arguments?: Readonly<Record<string, string>> } | undefined;

/** Each forest, and the trees in it. */
async function listResources(client: Client): Promise<ListResourcesResult> {
  const resources: ListResourcesResult['resources'] = [];
  for (const { name } of (await client.forests.list()).slice(0, mcpForestsListedMax)) {
    resources.push({
      uri: writeUri(name, '/'),
      name,
      mimeType: 'application/json',
      description: 'A forest: its trees.',
    });
    const pageSize = mcpResourcesListedMax - resources.length;
    if (pageSize <= 0) break;
    const listed = client.as({ forest: name, trackBasis: false }).list('/', { keysOnly: true, pageSize });
    const page = await listed.pages().next();
    for (const { path } of page.done === true ? [] : page.value.items)
      resources.push({
        uri: writeUri(name, path),
        name: `${name}${path}`,
        description: 'A tree: as a rule one session.',
      });
  }
  return { resources };
}

async function completeForests(client: Client, begun: string): Promise<string[]> {
  const forests = await client.forests.list();
  return forests
    .map(({ name }) => name)
    .filter((name) => name.startsWith(begun))
    .slice(0, mcpCompletionsMax);
}

/** What is below the last whole segment. */
async function completePaths(client: Client, begun: string): Promise<string[]> {
  const path = `/${begun.replace(/^\/+/, '')}`;
  const parent = path.slice(0, path.lastIndexOf('/'));
  const listed = client.list(parent === '' ? '/' : parent, { keysOnly: true });
  const { found } = await firstOf(listed, {
    isWanted: (node) => node.path.startsWith(path),
    itemsMax: mcpCompletionsMax,
    lookedAtMax: mcpChildrenLookedAtMax,
  });
  return found.map((node) => node.path.slice(begun.startsWith('/') ? 0 : 1));
}

/** Live ghosts, newest first. */
export async function completeGhosts(client: Client, begun: string): Promise<string[]> {
  const { found } = await firstOf(client.ghosts('live'), {
    isWanted: ({ id }) => id.startsWith(begun),
    itemsMax: mcpCompletionsMax,
    lookedAtMax: mcpGhostsLookedAtMax,
  });
  return found.map(({ id }) => id);
}
