/**
 * The guarantees, each checked by name against what clients saw. The story that they are checked against is what the broker
 * itself tells at the end, after a last restart: its history and its state. Where story and clients disagree, the broker lied
 * to one of them.
 */
import type { Event } from '../../src/gen/hyperloom/v1/event_pb.ts';
import type { History, ReadRecord } from './history.ts';
import { below, isBelow, statesOf } from './model.ts';
import type { ModelState } from './model.ts';

/** What the broker says at the end. */
export interface Story {
  /** Events of the trunk, from the first revision on. */
  readonly events: readonly Event[];
  /** Its state now. */
  readonly final: ModelState;
  /** State hashes: before the last restarts and after each of them. */
  readonly hashes: readonly string[];
  /** Ghosts that still live long after their last worker has gone. */
  readonly liveGhosts: readonly string[];
}

/** A guarantee that does not hold, and where it shows. */
export interface Violation {
  readonly guarantee: string;
  readonly what: string;
}

type Check = (history: History, story: Story, states: readonly ModelState[]) => Iterable<string>;

const checks: Readonly<Record<string, Check>> = {
  atomic,
  'strictly serializable': strictlySerializable,
  durable,
  'exactly once': exactlyOnce,
  isolated,
  fenced,
  subscriptions,
  deterministic,
  bounded,
};

/** The names of what is checked. */
export const guarantees: readonly string[] = Object.keys(checks);

export function check(history: History, story: Story): Violation[] {
  const violations: Violation[] = history.bugs.map((what) => ({ guarantee: 'no bug', what }));
  let states: ModelState[];
  try {
    states = statesOf(story.events);
  } catch (error) {
    return [...violations, { guarantee: 'durable', what: `the history has a gap: ${String(error)}` }];
  }
  for (const [guarantee, find] of Object.entries(checks)) {
    for (const what of find(history, story, states)) violations.push({ guarantee, what });
  }
  return violations;
}

/** Both nodes of a pair are written by one diff, so they are always equal. */
function* atomic({ reads, subscribers }: History): Generator<string> {
  const seen = [
    ...reads.map(({ client, revision, nodes }) => ({ client, revision, state: nodes })),
    ...subscribers.flatMap(({ client, seen: all }) =>
      all.map(({ revision, state }) => ({ client, revision, state })),
    ),
  ];
  for (const { client, revision, state } of seen) {
    for (const [path, text] of state) {
      if (!path.endsWith('/a') || !state.has(`${path.slice(0, -1)}b`)) continue;
      const other = state.get(`${path.slice(0, -1)}b`);
      if (other !== text)
        yield `${client} saw half a diff at revision ${revision}: ${path} is ${text}, its twin ${other}`;
    }
  }
}

/** Revisions respect time: what was answered before something else was asked came before it. Reads show their revision. */
function* strictlySerializable(
  history: History,
  story: Story,
  states: readonly ModelState[],
): Generator<string> {
  const { writes, reads } = history;
  const told = writes
    .filter(({ revision }) => revision > 0)
    .map(({ requestId: name, invokedMs, completedMs, revision }) => ({
      name,
      invokedMs,
      completedMs,
      revision,
      isWrite: true,
    }));
  const shown = reads
    .filter(({ isLinearizable }) => isLinearizable)
    .map(({ client, invokedMs, completedMs, revision }) => ({
      name: `a read by ${client}`,
      invokedMs,
      completedMs,
      revision,
      isWrite: false,
    }));
  const byCompletion = [...told, ...shown].sort((a, b) => a.completedMs - b.completedMs);
  const byInvocation = [...told, ...shown].sort((a, b) => a.invokedMs - b.invokedMs);
  let [next, newest, by] = [0, 0, ''];
  for (const operation of byInvocation) {
    for (; ; next += 1) {
      const done = byCompletion[next];
      if (done === undefined || done.completedMs >= operation.invokedMs) break;
      if (done.revision > newest) [newest, by] = [done.revision, done.name];
    }
    if (operation.isWrite ? operation.revision <= newest : operation.revision < newest)
      yield `${operation.name} has revision ${operation.revision}, though ${by} had revision ${newest} before it was asked`;
  }
  for (const read of reads) yield* readShowsItsRevision(read, states);
  const last = states.at(-1) ?? new Map<string, string>();
  yield* difference('the final state', story.final, last);
}

function* readShowsItsRevision(read: ReadRecord, states: readonly ModelState[]): Generator<string> {
  const { client, revision, nodes, listed } = read;
  const state = states[revision];
  if (state === undefined) {
    yield `${client} read revision ${revision}, which history does not have`;
    return;
  }
  const name = `a read by ${client} at revision ${revision}`;
  if (listed !== null) {
    yield* difference(name, nodes, below(state, listed));
    return;
  }
  for (const [path, text] of nodes) {
    const is = state.get(path) ?? null;
    if (is !== text) yield `${name} showed ${path} as ${text}; history has ${is}`;
  }
}

/** What was acknowledged is there, at the revision that was told. */
function* durable({ writes }: History, { events }: Story): Generator<string> {
  for (const { requestId, revision, client } of writes) {
    if (revision === 0) continue;
    const event = events[revision - 1];
    if (event?.requestId !== requestId)
      yield `${client} was told revision ${revision} for ${requestId}; there is ${event?.requestId ?? 'nothing'}`;
  }
}

/** No request is in history twice, and none that was refused. */
function* exactlyOnce({ writes }: History, { events }: Story): Generator<string> {
  const revisions = new Map<string, bigint>();
  for (const { requestId, revision } of events) {
    const first = revisions.get(requestId);
    if (requestId !== '' && first !== undefined)
      yield `${requestId} made revision ${first} and revision ${revision}`;
    revisions.set(requestId, revision);
  }
  for (const { requestId, refusal } of writes) {
    if (refusal !== '' && revisions.has(requestId))
      yield `${requestId} was refused with ${refusal}, and made revision ${revisions.get(requestId)}`;
  }
}

/** A ghost reaches the trunk as one revision with all that it kept, in order, or not at all. */
function* isolated({ ghosts }: History, { events }: Story): Generator<string> {
  const where = new Map<string, Event>();
  for (const event of events) {
    for (const { action } of event.changes)
      if (action.case === 'put' && action.value.kind.case === 'text')
        where.set(action.value.kind.value, event);
  }
  for (const { ghostId, baseRevision, kept, dropped, end, commitRequestId } of ghosts) {
    for (const token of dropped)
      if (where.has(token))
        yield `${token} was reverted in ghost ${ghostId}, and is in revision ${where.get(token)?.revision}`;
    const reached = kept.filter((token) => where.has(token));
    if (reached.length === 0) continue;
    if (end === 'reverted') yield `ghost ${ghostId} was reverted, and ${reached[0]} is on the trunk`;
    if (commitRequestId === '')
      yield `ghost ${ghostId} was never committed, and ${reached[0]} is on the trunk`;
    if (reached.length < kept.length)
      yield `ghost ${ghostId} reached the trunk with ${reached.length} of ${kept.length} diffs`;
    const revisions = new Set(reached.map((token) => where.get(token)?.revision));
    if (revisions.size > 1)
      yield `ghost ${ghostId} reached the trunk as revisions ${[...revisions].join(' and ')}`;
    const commit = where.get(reached[0] ?? '');
    if (commit !== undefined) yield* overwritten(ghostId, baseRevision, commit, events);
  }
}

/** What others put since the ghost began, and its commit put again without having seen it. */
function* overwritten(
  ghostId: string,
  baseRevision: number,
  commit: Event,
  events: readonly Event[],
): Generator<string> {
  const written = new Set(commit.changes.map(({ path }) => path));
  for (const { revision, changes } of events.slice(baseRevision, Number(commit.revision) - 1)) {
    for (const { path, action } of changes)
      if (action.case === 'put' && written.has(path))
        yield `ghost ${ghostId} stands on revision ${baseRevision} and overwrote ${path}, which revision ${revision} put`;
  }
}

/** Between two writes of one holder nobody else writes there; and a later token's writes come after an earlier one's. */
function* fenced({ tenures }: History, { events }: Story): Generator<string> {
  const fenceOf = new Map(
    tenures.flatMap((tenure) => [...tenure.requestIds].map((id) => [id, tenure] as const)),
  );
  for (const path of new Set(tenures.map((tenure) => tenure.path))) {
    const writes = events.filter(({ changes }) => changes.some((change) => isBelow(change.path, path)));
    let newest = 0n;
    for (const [index, { requestId, revision }] of writes.entries()) {
      const tenure = fenceOf.get(requestId);
      if (tenure === undefined) continue;
      if (tenure.fencingToken < newest)
        yield `${tenure.client} wrote revision ${revision} at ${path} with token ${tenure.fencingToken}, after token ${newest}`;
      newest = max(newest, tenure.fencingToken);
      const before = writes.slice(0, index).findLast((each) => fenceOf.get(each.requestId) === tenure);
      const between =
        before === undefined
          ? []
          : writes.filter((each) => each.revision > before.revision && each.revision < revision);
      for (const intruder of between)
        yield `${intruder.requestId} wrote revision ${intruder.revision} at ${path} between two writes of ${tenure.client}, who held it`;
    }
  }
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** A subscriber that has only applied what it was told has, at each revision it was told of, exactly the state of then. */
function* subscriptions(
  { subscribers }: History,
  _: Story,
  states: readonly ModelState[],
): Generator<string> {
  for (const { client, prefix, seen, broken } of subscribers) {
    for (const what of broken) yield `${client}: ${what}`;
    for (const { revision, state } of seen) {
      const is = states[revision];
      if (is === undefined) yield `${client} was told of revision ${revision}, which history does not have`;
      else
        yield* difference(
          `what ${client} knows of ${prefix} at revision ${revision}`,
          state,
          below(is, prefix),
        );
    }
  }
}

/** Nothing outlives its owner. */
function* bounded(_: History, { liveGhosts }: Story): Generator<string> {
  for (const ghostId of liveGhosts) yield `ghost ${ghostId} lives, and nobody has kept it alive for long`;
}

function* deterministic(_: History, { hashes }: Story): Generator<string> {
  if (new Set(hashes).size > 1) yield `restarts reached the state hashes ${[...new Set(hashes)].join(', ')}`;
}

function* difference(
  what: string,
  seen: ReadonlyMap<string, string | null>,
  is: ModelState,
): Generator<string> {
  for (const path of new Set([...seen.keys(), ...is.keys()])) {
    const [shown, real] = [seen.get(path) ?? null, is.get(path) ?? null];
    if (shown !== real) yield `${what}: ${path} is ${shown}, and by history ${real}`;
  }
}
