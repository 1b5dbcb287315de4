/** Reads and writes nodes of the trunk: every kind of operation, with and without preconditions, at every consistency. */
import { precondition } from '../../../clients/typescript/src/index.ts';
import type { Published, ReadOptions } from '../../../clients/typescript/src/index.ts';
import type { Step, View, Wants } from '../record.ts';
import { nodesOf, operationOf } from './agent.ts';
import type { Agent, Called } from './agent.ts';

type Publish = Extract<Wants, { type: 'publish' }>;

export async function readAndWrite(agent: Agent): Promise<void> {
  while (agent.isOpen) {
    if (agent.below(5) < 2) await read(agent);
    else if (agent.below(6) === 0) await compareAndSet(agent);
    else await write(agent, randomSteps(agent));
    await agent.sleep(12);
  }
}

/** A pair of nodes that always hold the same text, if diffs are atomic. */
export function putPair(path: string, text: string): Step[] {
  return ['a', 'b'].map((name) => ({ action: 'put', path: `${path}/${name}`, text }));
}

function randomSteps(agent: Agent): Step[] {
  const text = agent.token();
  const field = `k${agent.below(4)}`;
  switch (agent.below(9)) {
    case 0:
    case 1:
      return [{ action: 'put', path: agent.place('reg', 4), text }];
    case 8:
      return [{ action: 'put', path: agent.place('big', 2), text }];
    case 2:
      return [{ action: 'delete', path: agent.place('reg', 4), text: '' }];
    case 3:
    case 4:
      return [{ action: 'append', path: agent.place('log', 2), text: `[${text}]` }];
    case 5:
      return [{ action: 'increment', path: agent.place('num', 2), text: String(agent.below(19) - 9) }];
    case 6: {
      const patch = JSON.stringify({ [field]: agent.below(4) === 0 ? null : text });
      return [{ action: 'merge', path: agent.place('doc', 2), text: patch }];
    }
    default:
      return putPair(agent.place('pair', 2), text);
  }
}

/** Publishes, and now and then asks for the same once more. */
export async function write(
  agent: Agent,
  steps: readonly Step[],
  more: Partial<Publish> = {},
  options: Parameters<Agent['client']['publish']>[1] = {},
): Promise<Called<Published>> {
  const first = await publish(agent, { type: 'publish', requestId: agent.token(), steps, ...more }, options);
  if (agent.below(12) === 0) {
    await agent.sleep(300);
    await publish(agent, { ...first.wants, repeats: first.called.id }, options);
  }
  return first.called;
}

async function publish(
  agent: Agent,
  wants: Publish,
  options: Parameters<Agent['client']['publish']>[1],
): Promise<{ readonly wants: Publish; readonly called: Called<Published> }> {
  const { steps, ifRevision, requestId } = wants;
  const path = steps[0]?.path ?? '';
  const preconditions = ifRevision === undefined ? [] : [precondition.modifiedRevision(path, ifRevision)];
  const all = { requestId, preconditions, timeoutMs: agent.timeoutMs(), ...options };
  const called = await agent.call(
    wants,
    () => agent.client.publish(steps.map(operationOf), all),
    ({ revision }) => ({ revision }),
  );
  return { wants, called };
}

/** Reads a node and replaces it, if nobody else has meanwhile. */
async function compareAndSet(agent: Agent): Promise<void> {
  const path = agent.place('reg', 4);
  const { answer } = await readNodes(agent, [path], 'linearizable', 0);
  if (answer.outcome !== 'ok') return;
  await agent.sleep(6);
  const ifRevision = answer.nodes?.[path]?.revision ?? 0;
  await write(agent, [{ action: 'put', path, text: agent.token() }], { ifRevision });
}

async function read(agent: Agent): Promise<void> {
  const newest = agent.client.newestRevision;
  const kinds = ['reg', 'reg', 'log', 'num', 'doc'];
  const first = agent.place(kinds[agent.below(kinds.length)] ?? 'reg', 2);
  const pair = agent.below(3) === 0 ? agent.place('pair', 2) : `/lock/${agent.below(2)}`;
  const paths = agent.below(2) === 0 ? [first] : [first, `${pair}/a`, `${pair}/b`];
  switch (agent.below(8)) {
    case 0:
      return void (await readNodes(agent, paths, 'seen', 0));
    case 1:
      return void (await readNodes(agent, paths, 'stale', 0));
    case 2:
      return void (await readNodes(agent, paths, 'at_least', newest));
    case 3: {
      // Long ago, or just now.
      const back = agent.below(2) === 0 ? agent.below(5) : agent.below(newest + 1);
      return void (await readNodes(agent, paths, 'at_revision', Math.max(1, newest - back)));
    }
    default:
      return void (await readNodes(agent, paths, 'linearizable', 0));
  }
}

export function readNodes(agent: Agent, paths: readonly string[], view: View, revision: number) {
  const options = { ...viewOf(view, revision), timeoutMs: agent.timeoutMs() };
  return agent.call(
    { type: 'read', paths, view, revision },
    () => agent.client.batchGet(paths, options),
    ({ nodes, revision }) => ({ revision, nodes: nodesOf(paths, nodes) }),
  );
}

function viewOf(view: View, revision: number): ReadOptions {
  switch (view) {
    case 'at_revision':
      return { atRevision: revision };
    case 'at_least':
      return { consistency: { atLeastRevision: revision } };
    case 'linearizable':
    case 'seen':
    case 'stale':
      return { consistency: view };
    default:
      throw new TypeError(`no such view: ${String(view)}`);
  }
}
