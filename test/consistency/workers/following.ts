/** Follows a subtree over everything that happens to the broker, and writes down all that it is told. */
import type { Change, SubscribeOptions, SubscriptionItem } from '../../../clients/typescript/src/index.ts';
import { HyperloomError, RevisionError, TypedMessage } from '../../../clients/typescript/src/index.ts';
import { canonicalJson } from '../canonical.ts';
import type { Told } from '../record.ts';
import { textOf } from './agent.ts';
import type { Agent } from './agent.ts';

/** The last thing that is written in a run: who sees it has seen everything. */
export const endPath = '/end';

/** How a subscriber goes about it. */
export interface Following {
  readonly prefix: string;
  /** The longest pause that it makes after an item, as long as others write. */
  readonly pauseMsMax: number;
  /** Leaves after about so many items, and comes back for what came after the last of them. */
  readonly itemsMax: number;
}

/** Ends when the end has come, and with the process. */
export async function follow(agent: Agent, { prefix, pauseMsMax, itemsMax }: Following): Promise<void> {
  let after = -1;
  for (let isOver = false; !isOver;) {
    const id = agent.token();
    const { forest } = agent.client;
    agent.lines.write({ kind: 'subscribed', id, client: agent.name, forest, prefix, after });
    const start: SubscribeOptions['start'] = after < 0 ? 'snapshot' : { afterRevision: after };
    const patterns = [prefix === '/' ? '/**' : `${prefix}/**`, endPath];
    const subscription = agent.client.subscribe(patterns, {
      start,
      bookmarks: true,
      bookmarkIntervalMs: 200,
    });
    let left = itemsMax / 2 + agent.below(itemsMax);
    let reason = '';
    let oldest: number | undefined;
    try {
      for await (const item of subscription) {
        write(agent, id, item);
        after = item.revision;
        isOver = item.kind === 'event' && item.event.changes.some(({ path }) => path === endPath);
        left -= 1;
        if (isOver || left <= 0) break;
        if (pauseMsMax > 0 && agent.isOpen) await agent.sleep(pauseMsMax);
      }
    } catch (error) {
      reason = error instanceof HyperloomError ? `${error.code} ${error.reason}` : String(error);
      // What it has not seen is gone: it goes on behind that.
      if (error instanceof RevisionError) after = oldest = error.oldestRevision ?? after;
      await agent.sleep(100);
    }
    agent.lines.write({ kind: 'unsubscribed', id, reason, ...(oldest === undefined ? {} : { oldest }) });
  }
}

function write(agent: Agent, id: string, item: SubscriptionItem): void {
  const { revision } = item;
  switch (item.kind) {
    case 'snapshot': {
      const valued = item.nodes.filter(({ kind }) => kind !== 'none');
      const nodes = Object.fromEntries(valued.map((node) => [node.path, textOf(node.kind, node.value)]));
      agent.lines.write({ kind: 'snapshot', id, revision, nodes });
      return;
    }
    case 'event':
      agent.lines.write({ kind: 'event', id, revision, changes: item.event.changes.map(toldOf) });
      return;
    case 'bookmark':
      agent.lines.write({ kind: 'bookmark', id, revision });
      return;
    default:
      throw new TypeError('an item of no known kind');
  }
}

function toldOf(change: Change): Told {
  const { path, action } = change;
  switch (change.action) {
    case 'put': {
      return [path, action, textOf(change.kind, change.value)];
    }
    case 'append':
      return [path, action, typeof change.addition === 'string' ? change.addition : '?'];
    case 'merge':
      return [path, action, change.patch instanceof TypedMessage ? '?' : canonicalJson(change.patch)];
    case 'increment':
      return [path, action, String(change.amount)];
    case 'delete':
      return [path, action, ''];
    case 'copy':
      return [path, action, change.source];
    default:
      throw new TypeError('a change of no known kind');
  }
}
