/** Follows an answer that is being given, from its beginning, in any process: what was said so far, and then what is said. */
import type { Change } from '@hyperloom/client';
import type { BrokerVerbs } from '@hyperloom/client/adapters';
import { readChunks, readStreaming, streamingPath, streamPath } from './stored.ts';

/** JSON texts of chunks. `undefined`: nothing is being said. */
export async function followStream(
  verbs: BrokerVerbs,
  path: string,
  signal: AbortSignal,
): Promise<AsyncGenerator<string, void, void> | undefined> {
  const running = await verbs.find(streamingPath(path), { signal });
  if (running === undefined) return undefined;
  const at = streamPath(path, readStreaming(running));
  const items = verbs.subscribe([at, streamingPath(path)], { signal })[Symbol.asyncIterator]();
  const first = await items.next();
  const node =
    first.done !== true && first.value.kind === 'snapshot'
      ? first.value.nodes.find((each) => each.path === at)
      : undefined;
  if (node === undefined) {
    await items.return();
    return undefined;
  }
  const said = readChunks(node).map((chunk) => JSON.stringify(chunk));
  return chunksOf(items, path, at, said);
}

type Items = ReturnType<ReturnType<BrokerVerbs['subscribe']>[typeof Symbol.asyncIterator]>;

async function* chunksOf(
  items: Items,
  path: string,
  at: string,
  said: readonly string[],
): AsyncGenerator<string, void, void> {
  try {
    yield* said;
    for await (const item of items) {
      if (item.kind !== 'event') continue;
      for (const change of item.event.changes) {
        if (change.path === at && change.action === 'append') yield* change.json ?? [];
        else if (isGone(change, at)) return;
        else if (isGone(change, streamingPath(path)) && item.event.leaseId !== '') {
          yield JSON.stringify({ type: 'abort', reason: 'the process that gave this answer is gone' });
          return;
        }
      }
    }
  } finally {
    await items.return();
  }
}

function isGone(change: Change, path: string): boolean {
  return change.action === 'delete' && (path === change.path || path.startsWith(`${change.path}/`));
}
