/** What reads show: the state of their revision, one that is new enough, and never half a diff. */
import { isBelow } from '../story.ts';
import type { Evidence } from './evidence.ts';

/** A read shows what history has at the revision that it tells. */
export function* readsShowTheirRevision({ history, timeline }: Evidence): Generator<string> {
  for (const { id, revision, nodes, outcome, wants } of history.ofType('read')) {
    if (outcome !== 'ok' || revision === 0) continue;
    if (revision > timeline.newest) {
      yield `read ${id} shows revision ${revision}, which history does not have`;
      continue;
    }
    for (const path of wants.paths) {
      const [shown, is] = [nodes[path] ?? null, timeline.at(path, revision) ?? null];
      if (shown?.text !== is?.text || shown?.revision !== is?.revision)
        yield `read ${id} at revision ${revision} shows ${path} as ${tell(shown)}; history has ${tell(is)}`;
    }
  }
  for (const { id, revision, nodes, outcome, wants } of history.ofType('list')) {
    if (outcome !== 'ok') continue;
    const is = timeline.below(wants.path, revision);
    for (const path of new Set([...is.keys(), ...Object.keys(nodes)])) {
      const [shown, real] = [nodes[path]?.text ?? null, is.get(path) ?? null];
      if (shown !== real)
        yield `list ${id} at revision ${revision} shows ${path} as ${shown}; history has ${real}`;
    }
  }
}

function tell(node: { readonly text: string; readonly revision: number } | null): string {
  return node === null ? 'nothing' : `${node.text} of revision ${node.revision}`;
}

/** `at_revision` shows that revision, `at_least` that one or a newer one, `seen` none that is older than what its client has seen. */
export function* readsAreNewEnough({ history }: Evidence): Generator<string> {
  const seen = new Map<string, { readonly revision: number; readonly by: string }>();
  // Each client does one thing after the other, so its calls are in order here.
  for (const { id, client, revision, outcome, wants } of history.calls) {
    const newest = seen.get(client);
    if (outcome !== 'ok' || revision === 0) continue;
    if (wants.type === 'read' && wants.view === 'seen' && revision < (newest?.revision ?? 0))
      yield `read ${id} shows revision ${revision}, though its client had seen ${newest?.revision} in ${newest?.by}`;
    if (revision > (newest?.revision ?? 0)) seen.set(client, { revision, by: id });
  }
  for (const { id, revision, outcome, wants } of history.ofType('read')) {
    if (outcome !== 'ok' || revision === 0) continue;
    if (wants.view === 'at_revision' && revision !== wants.revision)
      yield `read ${id} asked for revision ${wants.revision} and got ${revision}`;
    if (wants.view === 'at_least' && revision < wants.revision)
      yield `read ${id} asked for at least revision ${wants.revision} and got ${revision}`;
  }
}

/** Both nodes of a pair are written by one diff, so whoever sees both sees the same. */
export function* atomic({ history }: Evidence): Generator<string> {
  for (const { id, nodes } of [...history.ofType('read'), ...history.ofType('list')]) {
    for (const [path, node] of Object.entries(nodes)) {
      if (!path.endsWith('/a')) continue;
      const twin = nodes[`${path.slice(0, -1)}b`];
      if (twin !== undefined && twin?.text !== node?.text)
        yield `read ${id} shows half a diff: ${path} is ${node?.text}, its twin ${twin?.text}`;
    }
  }
  for (const { id, items } of history.subscriptions) {
    for (const item of items) {
      if (item.kind !== 'event') continue;
      for (const [path, , text] of item.changes) {
        const isPair = isBelow(path, '/pair') || isBelow(path, '/lock');
        const twin = `${path.slice(0, -1)}${path.endsWith('a') ? 'b' : 'a'}`;
        if (isPair && !item.changes.some(([other, , same]) => other === twin && same === text))
          yield `subscription ${id} got half a diff at revision ${item.revision}: ${path} without ${twin}`;
      }
    }
  }
}
