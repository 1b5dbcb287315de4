/** The verbs that clients, ghosts and locks have in common. */
import {
  type BasisEntry,
  type Client,
  type Ghost,
  type Lock,
  type Operation,
  type PublishOptions,
} from '../../../typescript/src/index.ts';
import {
  additionOf,
  amountOf,
  gatesOf,
  migrationOf,
  operationsOf,
  patchOf,
  preconditionsOf,
  scopeOf,
  valueOf,
  type Arguments,
} from './sdk-arguments.ts';
import { Watching, type Given, type Verbs } from './sdk-handles.ts';
import { tellError, tellGhost, tellNode, tellNodes, type Result } from './sdk-results.ts';
import { raceOn, speculateOn } from './sdk-speculation.ts';
import { Notes } from './sdk-typed.ts';

export type Writer = Client | Ghost | Lock;

export const sharedVerbs: Verbs<Writer> = {
  put: async (on, given) => {
    const { path = '', value, lease } = given.args;
    return on.put(path, valueOf(value), { ...writeOptions(given), lease: given.lease(lease) });
  },
  append: async (on, given) =>
    on.append(given.args.path ?? '', additionOf(given.args.value), writeOptions(given)),
  merge: async (on, given) => on.merge(given.args.path ?? '', patchOf(given.args.value), writeOptions(given)),
  increment: async (on, given) =>
    on.increment(given.args.path ?? '', amountOf(given.args), writeOptions(given)),
  delete: async (on, given) =>
    on.delete(given.args.path ?? '', scopeOf(given.args.scope), writeOptions(given)),
  copy: async (on, given) => {
    const { source = '', target = '', revision } = given.args;
    return on.copy(source, target, revision, writeOptions(given));
  },
  publish: async (on, given) => {
    const { args } = given;
    return on.publish(
      operationsOf(args.operations, (name) => given.lease(name)),
      {
        ...writeOptions(given),
        preconditions: preconditionsOf(args.preconditions),
        label: args.label,
        requestId: args.requestId,
        traceParent: args.traceParent,
        basis: args.basis as readonly BasisEntry[] | undefined,
      },
    );
  },
  pipeline: async (on, given) => {
    const diffs = (given.args.diffs ?? []).map((diff) => operationsOf(diff, (name) => given.lease(name)));
    return pipeline(on, diffs);
  },
  flush: async (on) => {
    await on.flush();
    return {};
  },
  get: async (on, given) => tellNode(await on.get(given.args.path ?? '', readOptions(given))),
  find: async (on, given) => ({
    node: tellNode(await on.find(given.args.path ?? '', readOptions(given))),
  }),
  batchGet: async (on, given) =>
    tellNodes((await on.batchGet(given.args.paths ?? [], readOptions(given))).nodes),
  list: async (on, given) => {
    const { path = '', depth, keysOnly, pageSize } = given.args;
    return tellNodes(await on.list(path, { ...readOptions(given), depth, keysOnly, pageSize }).all());
  },
  newestRevision: async (on) => on.newestRevision,
  forget: async (on) => {
    on.forget();
    return {};
  },
  subscribe: async (on, given) => {
    const subscription = on.subscribe(given.args.patterns ?? [], subscribeOptions(given.args));
    given.keep(new Watching(subscription[Symbol.asyncIterator]()));
    return {};
  },
  ghost: async (on, given) => {
    const { label, scope, ttlMs, race, attemptsMax, lease } = given.args;
    const ghost = await on.ghost({
      label,
      scope,
      ttlMs,
      gates: gatesOf(given.args),
      race: race === undefined ? undefined : { id: race, attemptsMax },
      lease: given.lease(lease),
      // A ghost's own has no such option; the broker refuses it there.
      migration: migrationOf(given.args),
      signal: given.signal,
    });
    given.keep(ghost);
    return tellGhost(ghost.info);
  },
  typed: async (on, { keep }) => {
    keep(new Notes(on));
    return {};
  },
  speculate: speculateOn,
  race: raceOn,
};

/** Publishes all without waiting, and tells outcomes in the order in which they came. */
async function pipeline(on: Writer, diffs: readonly (readonly Operation[])[]): Promise<Result> {
  const outcomes: Result[] = [];
  const underWay = diffs.map((operations, index) =>
    on.publish(operations).then(
      (published) => outcomes.push({ index, published }),
      (error: unknown) => outcomes.push({ index, error: tellError(error) }),
    ),
  );
  await Promise.all(underWay);
  return outcomes;
}

function writeOptions({ args, signal }: Given): PublishOptions {
  return { timeoutMs: args.timeoutMs, lockWaitMs: args.lockWaitMs, signal };
}

function readOptions({ args, signal }: Given): Parameters<Client['get']>[1] {
  const { atRevision, form, pins, timeoutMs } = args;
  return { atRevision, form, pins, timeoutMs, signal };
}

function subscribeOptions(args: Arguments): Parameters<Client['subscribe']>[1] {
  const { everything, results, previous, withBasis, bookmarks, agent, afterRevision } = args;
  const start = args.start === 'now' ? 'now' : 'snapshot';
  return {
    start: afterRevision === undefined ? start : { afterRevision },
    everything,
    detail: results === true ? 'result' : 'operation',
    includePrevious: previous,
    includeBasis: withBasis,
    bookmarks,
    agent,
    form: args.form,
    pins: args.pins,
  };
}
