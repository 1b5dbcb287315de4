/** The verbs of ghosts. */
import type { Ghost } from '../../../typescript/src/index.ts';
import type { Verbs } from './sdk-handles.ts';
import { tellDifference, tellGhost, tellReverted } from './sdk-results.ts';

export const ghostVerbs: Verbs<Ghost> = {
  checkpoint: async (on, { args }) => on.checkpoint(args.name ?? ''),
  rewind: async (on, { args }) =>
    tellReverted(await on.rewind({ checkpoint: args.checkpoint, reason: args.reason })),
  revert: async (on, { args }) => tellReverted(await on.revert(args.reason)),
  commit: async (on, { args, signal }) => {
    const { serializable, label, timeoutMs, lockWaitMs } = args;
    const isolation = serializable === true ? 'serializable' : 'writes';
    return on.commit({ isolation, label, timeoutMs, lockWaitMs, signal });
  },
  state: async (on) => tellGhost(await on.state()),
  over: async (on) => on.over,
  diff: async (on, { args }) =>
    (await on.diff({ path: args.path, form: args.form }).all()).map(tellDifference),
  // What leaving its block does.
  close: async (on) => {
    await on[Symbol.asyncDispose]();
    return {};
  },
};
