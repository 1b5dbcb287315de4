/** What became of writes: durable, once each, in an order that respects time. */
import type { Step, Told } from '../record.ts';
import { isBelow } from '../story.ts';
import { endPath } from '../workers/following.ts';
import type { Evidence } from './evidence.ts';

/** What was acknowledged is there, at the revision that was told, and just as it was asked for. */
export function* durable({ history, events }: Evidence): Generator<string> {
  for (const { client, requestId, revision, outcome, steps } of history.writes) {
    if (outcome !== 'ok') continue;
    const event = events[revision - 1];
    if (event?.requestId !== requestId)
      yield `${client} was told revision ${revision} for ${requestId}; there is ${event?.requestId ?? 'nothing'}`;
    else if (!isSame(steps, event.changes)) yield `revision ${revision} is not what ${client} asked for`;
  }
  for (const { id, client, outcome, revision, wants } of history.ofType('commit')) {
    if (outcome !== 'ok') continue;
    const event = events[revision - 1];
    if (event?.label !== id)
      yield `${client} was told revision ${revision} for its commit ${id}; there is ${event?.label ?? 'nothing'}`;
    else if (!isSame(wants.steps, event.changes))
      yield `the commit ${id} of ${client} is not what it had staged`;
  }
}

function isSame(steps: readonly Step[], changes: readonly Told[]): boolean {
  return (
    steps.length === changes.length &&
    steps.every(({ path, action, text }, index) => {
      const [toldPath, toldAction, toldText] = changes[index] ?? ['', '', ''];
      return path === toldPath && action === toldAction && text === toldText;
    })
  );
}

/** No request is in history twice, none that was refused, and a repetition gets the outcome that it got first. */
export function* exactlyOnce({ history, events }: Evidence): Generator<string> {
  const revisions = new Map<string, number>();
  const labels = new Map<string, number>();
  for (const { requestId, label, revision } of events) {
    const earlier = requestId === '' ? undefined : revisions.get(requestId);
    if (earlier !== undefined) yield `${requestId} made revisions ${earlier} and ${revision}`;
    revisions.set(requestId, revision);
    const committed = label === '' ? undefined : labels.get(label);
    if (committed !== undefined) yield `commit ${label} made revisions ${committed} and ${revision}`;
    labels.set(label, revision);
  }
  for (const { requestId, outcome, reason, told } of history.writes) {
    if (told.length > 1) yield `${requestId} was told one after the other: ${told.join(', ')}`;
    if (outcome === 'refused' && revisions.has(requestId))
      yield `${requestId} was refused with ${reason}, and made revision ${revisions.get(requestId)}`;
  }
  for (const { id, outcome, reason } of history.ofType('commit'))
    if (outcome === 'refused' && labels.has(id))
      yield `commit ${id} was refused with ${reason}, and made revision ${labels.get(id)}`;
}

/** Paths that a run itself writes, beside its workers. */
const ownPaths: ReadonlySet<string> = new Set(['/pulse', '/probe', endPath]);

/** Every revision is what a client of this forest asked for, or the end of a lease: nothing comes from nowhere, or from another forest. */
export function* nothingUnasked({ history, events }: Evidence): Generator<string> {
  const asked = new Set(history.writes.map(({ requestId }) => requestId));
  const committed = new Set(history.ofType('commit').map(({ id }) => id));
  for (const { revision, requestId, label, changes } of events) {
    if (asked.has(requestId) || committed.has(label)) continue;
    const isExplained = changes.every(
      ([path, action]) => ownPaths.has(path) || (action === 'delete' && isBelow(path, '/presence')),
    );
    if (!isExplained) yield `revision ${revision} was asked for by nobody here: ${requestId} ${label}`;
  }
}

interface Ordered {
  readonly name: string;
  readonly callNs: number;
  readonly returnNs: number;
  readonly revision: number;
  readonly isWrite: boolean;
}

/** Revisions respect time: what was answered before something else was asked came before it, for all nodes alike. */
export function* strictlySerializable(evidence: Evidence): Generator<string> {
  const all = revisionsTold(evidence);
  const byReturn = [...all].sort((a, b) => a.returnNs - b.returnNs);
  const byCall = [...all].sort((a, b) => a.callNs - b.callNs);
  let [next, newest, by] = [0, 0, ''];
  for (const { name, callNs, revision, isWrite } of byCall) {
    for (; ; next += 1) {
      const done = byReturn[next];
      if (done === undefined || done.returnNs >= callNs) break;
      if (done.revision > newest) [newest, by] = [done.revision, done.name];
    }
    if (isWrite ? revision <= newest : revision < newest)
      yield `${name} has revision ${revision}, though ${by} had ${newest} before it was asked`;
  }
}

function revisionsTold({ history }: Evidence): Ordered[] {
  const written = history.writes
    .filter(({ outcome }) => outcome === 'ok')
    .map(({ requestId, ...write }) => ({ ...write, name: requestId, isWrite: true }));
  const committed = history
    .ofType('commit')
    .filter(({ outcome }) => outcome === 'ok')
    .map((call) => ({ ...call, name: `commit ${call.id}`, isWrite: true }));
  const shown = [
    ...history.ofType('read').filter(({ wants }) => wants.view === 'linearizable'),
    ...history.ofType('list'),
  ]
    .filter(({ outcome, revision }) => outcome === 'ok' && revision > 0)
    .map((call) => ({ ...call, name: `read ${call.id}`, isWrite: false }));
  return [...written, ...committed, ...shown];
}
