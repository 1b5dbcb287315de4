/** Works in ghosts: stages, looks at what it staged, goes back to checkpoints, commits or reverts. */
import { gate } from '../../../clients/typescript/src/index.ts';
import type { Ghost, GhostOptions } from '../../../clients/typescript/src/index.ts';
import { forests } from '../record.ts';
import type { Step, Wants } from '../record.ts';
import { nodesOf, operationOf } from './agent.ts';
import type { Agent } from './agent.ts';

export async function workInGhosts(agent: Agent): Promise<void> {
  while (agent.isOpen) {
    await oneGhost(agent);
    await agent.sleep(60);
  }
}

async function oneGhost(agent: Agent): Promise<void> {
  const conditions = randomConditions(agent);
  const begun = await agent.call(
    { type: 'begin', ...conditions },
    () => agent.client.ghost({ ttlMs: 5_000, timeoutMs: agent.timeoutMs(), ...optionsOf(conditions) }),
    ({ id, info }) => ({ givenId: id, revision: info.baseRevision }),
  );
  const ghost = begun.result;
  if (ghost === undefined) return;
  const kept = await stageSome(agent, begun.id, ghost);
  // Where anything in it went wrong, it is never committed: then nothing of it may be seen.
  if (kept === null || agent.below(4) === 0) {
    const options = { timeoutMs: agent.timeoutMs() };
    await agent.call({ type: 'revert', ghost: begun.id }, () => ghost.revert('not wanted', options));
    return;
  }
  const committed = await agent.call(
    { type: 'commit', ghost: begun.id, steps: kept },
    (label) => ghost.commit({ label, timeoutMs: agent.timeoutMs() }),
    ({ revision }) => ({ revision }),
  );
  // A conflict leaves it alive; what nobody knows the outcome of is left to its ttl.
  if (committed.answer.outcome === 'refused' && !ghost.over)
    await agent.call({ type: 'revert', ghost: begun.id }, () => ghost.revert('in conflict'));
}

/** Who must approve what is behind a gate. */
export const reviewer = 'editor';

type Conditions = Pick<Extract<Wants, { type: 'begin' }>, 'race' | 'operationsMax' | 'reviewer'>;

/** Races are shared by all who begin at about the same time. Reviewers are in the first forest only. */
function randomConditions(agent: Agent): Conditions {
  return {
    ...(agent.below(3) === 0 ? { race: agent.place('race', 2) } : {}),
    ...(agent.below(4) === 0 ? { operationsMax: 1 + agent.below(2) } : {}),
    ...(agent.client.forest === forests[0] && agent.below(4) === 0 ? { reviewer } : {}),
  };
}

function optionsOf({ race, operationsMax, reviewer: name }: Conditions): GhostOptions {
  const gates = [
    ...(operationsMax === undefined ? [] : [gate.limit({ operationsMax })]),
    ...(name === undefined ? [] : [gate.review(name)]),
  ];
  return { gates, ...(race === undefined ? {} : { race: { id: race } }) };
}

/** What it holds afterwards, in order; `null` where something went wrong. */
async function stageSome(agent: Agent, id: string, ghost: Ghost): Promise<readonly Step[] | null> {
  const kept: Step[] = [];
  for (let count = 1 + agent.below(3); count > 0; count -= 1) {
    const step = newStep(agent, kept);
    if (!(await stage(agent, id, ghost, step))) return null;
    kept.push(step);
    await agent.sleep(20);
  }
  if (agent.below(3) !== 0) return kept;
  const point = await agent.call({ type: 'checkpoint', ghost: id }, () => ghost.checkpoint('point'));
  if (point.answer.outcome !== 'ok') return null;
  const step = newStep(agent, kept);
  if (!(await stage(agent, id, ghost, step))) return null;
  const wants = { type: 'rewind', ghost: id, steps: [step] } as const;
  const back = await agent.call(wants, () => ghost.rewind({ checkpoint: 'point', reason: 'not like this' }));
  return back.answer.outcome === 'ok' ? kept : null;
}

async function stage(agent: Agent, id: string, ghost: Ghost, step: Step): Promise<boolean> {
  const options = { timeoutMs: agent.timeoutMs() };
  const wants = { type: 'stage', ghost: id, steps: [step] } as const;
  const staged = await agent.call(wants, () => ghost.publish([operationOf(step)], options));
  if (staged.answer.outcome !== 'ok') return false;
  if (step.action !== 'put' || agent.below(2) === 0) return true;
  const { path, text } = step;
  const peeked = await agent.call(
    { type: 'peek', ghost: id, path, text },
    () => ghost.batchGet([path], options),
    ({ nodes }) => ({ nodes: nodesOf([path], nodes) }),
  );
  return peeked.answer.outcome === 'ok';
}

/** On a node that it has not touched yet. */
function newStep(agent: Agent, kept: readonly Step[]): Step {
  for (;;) {
    const text = agent.token();
    const steps: readonly Step[] = [
      { action: 'put', path: agent.place('reg', 4), text },
      { action: 'append', path: agent.place('log', 2), text: `[${text}]` },
      { action: 'put', path: agent.place('alone', 8), text },
    ];
    const step = steps[agent.below(3)];
    if (step !== undefined && !kept.some(({ path }) => path === step.path)) return step;
  }
}
