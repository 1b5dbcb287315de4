/**
 * Plays one run in a ghost: a diff for each message. Before each call of a tool the ghost gets a checkpoint; a call that
 * fails is taken back to it with the error as the reason, so that neither the call nor its error is in what is committed.
 */
import { json, operation, type Client, type Ghost } from '../../../../clients/typescript/src/index.ts';
import type { RunMeter } from '../meter.ts';
import type { Stage } from '../stage.ts';
import { effectsOf, isFailure } from './effects.ts';
import type { Message, TauBenchRun } from './recording.ts';

/** The broker takes 4,096 bytes; a reason is a sentence. */
const reasonLengthMax = 1_000;

/** The tree of a task: the trials are alternatives, of which one will be in it. */
export function taskTree(taskId: number): string {
  return `/airline_task_${String(taskId).padStart(2, '0')}`;
}

/** Begins the ghost of a run, on a revision (0: the newest). */
export function beginRun(client: Client, run: TauBenchRun, baseRevision: number): Promise<Ghost> {
  return client.ghost({ baseRevision, author: 'agent', label: `task ${run.taskId}, trial ${run.trial}` });
}

/** Plays the run in its ghost. */
export async function playRun(run: TauBenchRun, ghost: Ghost, meter: RunMeter, stage: Stage): Promise<void> {
  const tree = taskTree(run.taskId);
  const { taskId, trial, reward, messages } = run;
  const circumstances = [operation.put(`${tree}/run`, { taskId, trial, reward })];
  meter.diff(circumstances);
  await ghost.publish(circumstances, { author: 'replay', label: 'the run begins', basis: [] });
  const basis = [{ path: tree, revision: ghost.info.baseRevision, extent: 'subtree' as const }];
  let checkpoint = '';
  for (const [index, message] of messages.entries()) {
    stage.signal.throwIfAborted();
    if (message.call !== undefined) {
      checkpoint = `before step ${index}`;
      await ghost.checkpoint(checkpoint);
    }
    const path = `${tree}/messages/${String(index).padStart(4, '0')}`;
    const operations = [operation.put(path, json(message.text)), ...(await effectsOf(message, ghost))];
    const author = authorOf(message);
    if (reads(message)) meter.hop(author, Buffer.byteLength(message.text), operations);
    else meter.answer(Buffer.byteLength(message.text), operations);
    await ghost.publish(operations, { author, label: labelOf(index, message), basis });
    if (isFailure(message)) {
      await ghost.rewind({ checkpoint, reason: message.content.slice(0, reasonLengthMax) });
      meter.count('reverts');
    }
  }
}

/** Models and people read what was said before they speak; prompts and tools do not. */
function reads({ role }: Message): boolean {
  return role === 'assistant' || role === 'user';
}

function authorOf({ role, tool }: Message): string {
  if (role === 'assistant') return 'agent';
  return role === 'tool' ? tool : role;
}

function labelOf(index: number, { role, call }: Message): string {
  return `step ${index}: ${call === undefined ? role : `calls ${call.name}`}`;
}
