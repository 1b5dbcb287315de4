/** What the tree and the ghosts need of the client's answers. */
import type { Change, Event, Node, NodeDifference } from '../../../typescript/src/browser.ts';
import type { Staged } from '../model/ghosts.ts';
import type { NodeFacts, TreeChange } from '../model/tree.ts';

/** What happened on the trunk at once; what a commit of a ghost has brought settles, what takes something back is shown as that. */
export interface TrunkStep {
  readonly changes: readonly TreeChange[];
  readonly kind: 'published' | 'committed' | 'reverted';
}

/** A node without its value. */
export function factsOf(node: Node): NodeFacts {
  const { path, author, modifiedRevision, subtreeRevision, valueBytes, childCount, leaseId } = node;
  const hasValue = node.version > 0;
  const leased = leaseId !== '';
  return { path, hasValue, author, modifiedRevision, subtreeRevision, valueBytes, childCount, leased };
}

/** What an event has changed on the trunk. */
export function changesOf(event: Event): readonly TreeChange[] {
  if (event.revision === 0) return [];
  return event.changes.map((change) => ({
    path: change.path,
    action: actionOf(change),
    author: change.author || event.author,
    revision: event.revision,
  }));
}

function actionOf(change: Change): TreeChange['action'] {
  if (change.action === 'copy') return 'replace';
  if (change.action !== 'delete') return 'set';
  return change.scope === 'node' ? 'delete_node' : 'delete_subtree';
}

/** What a ghost has staged at a path that differs from its base. */
export function stagedOf({ path, before, after }: NodeDifference): Staged {
  return {
    path,
    action: after === undefined ? 'delete' : 'set',
    author: after?.author ?? before?.author ?? '',
  };
}
