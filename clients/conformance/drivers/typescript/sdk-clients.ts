/** The verbs of clients alone. */
import type { Client, GhostState, TraceStart } from '../../../typescript/src/index.ts';
import type { Arguments } from './sdk-arguments.ts';
import { Reviewing, type Verbs } from './sdk-handles.ts';
import { leasingVerbs, lockOn } from './sdk-locks.ts';
import { tellDifference, tellEvent, tellGhost, tellLock, tellNode } from './sdk-results.ts';

export const clientVerbs: Verbs<Client> = {
  as: async (on, { args, keep }) => {
    const { author, forest, trackBasis } = args;
    const client = on.as({ author, forest, trackBasis });
    keep(client);
    return { author: client.author, forest: client.forest };
  },
  close: async (on) => {
    await on.close();
    return {};
  },
  lock: lockOn,
  locks: async (on, { args }) => (await on.locks({ path: args.path }).all()).map(tellLock),
  ...leasingVerbs,
  attach: async (on, { args, keep }) => {
    const ghost = await on.attach(args.id ?? '');
    keep(ghost);
    return tellGhost(ghost.info);
  },
  ghosts: async (on, { args }) =>
    (await on.ghosts(args.state as GhostState | undefined).all()).map(tellGhost),
  keepAlive: async (on, { args }) => on.keepAlive(args.ids ?? []),
  reviews: async (on, { args, keep }) => {
    keep(new Reviewing(on.review(args.reviewer)));
    return {};
  },
  revertRevision: async (on, { args }) => {
    const { cascade } = args;
    const done = await on.revertRevision(args.revision ?? 0, args.reason, { cascade });
    return { revision: done.revision, cascade: done.cascade ?? null };
  },
  history: async (on, { args }) => {
    const { path, afterRevision, everything, newestFirst, form } = args;
    const events = await on.history({ path, afterRevision, everything, newestFirst, form }).all();
    return events.map(tellEvent);
  },
  diff: async (on, { args }) =>
    (await on.diff(args.from ?? 0, args.to, { path: args.path, form: args.form }).all()).map(tellDifference),
  blame: async (on, { args }) => {
    const lines = await on.blame(args.path ?? '', { depth: args.depth }).all();
    return lines.map(({ node, event }) => ({
      node: tellNode(node),
      event: event === undefined ? null : tellEvent(event),
    }));
  },
  traceUpstream: async (on, { args, signal }) => {
    const { hops, pageSize } = args;
    const seen = await on.traceUpstream(traceStartOf(args), { hops, pageSize, signal }).all();
    return seen.map(({ node, ...rest }) => ({ ...rest, node: tellNode(node) }));
  },
  traceDownstream: async (on, { args, signal }) => {
    const { hops, pageSize } = args;
    const derived = await on.traceDownstream(traceStartOf(args), { hops, pageSize, signal }).all();
    return derived.map(({ event, ...rest }) => ({ ...rest, event: tellEvent(event) }));
  },
  createForest: async (on, { args }) => on.forests.create(args.name ?? ''),
  deleteForest: async (on, { args }) => {
    await on.forests.delete(args.name ?? '');
    return {};
  },
  forests: async (on) => on.forests.list(),
  compact: async (on, { args }) => {
    const { compactedRevision } = await on.forests.compact(on.forest, args.revision);
    return { compactedRevision };
  },
  status: async (on, { args }) => {
    const { forest, journal, leases, locksHeld, meters } = await on.status({ meters: args.meters });
    return { forest, journal, leases, locksHeld, meters };
  },
};

function traceStartOf({ revision, id, sequence, path }: Arguments): TraceStart {
  if (id !== undefined) return { ghostId: id, sequence: sequence ?? 0 };
  return revision ?? path ?? '';
}
