/** The board of tasks: who does what, and what is done. */
import { operation } from '../../clients/typescript/src/index.ts';
import type { Desk, Known } from './desk.ts';
import { paths } from './paths.ts';
import type { Task } from './records.ts';

/** Waits until a task is given to someone, and tells what it is. */
export function taskGiven(desk: Desk, name: string): Promise<Task> {
  return desk.value<Task>(paths.task(name));
}

/** Whether all of these tasks are done. */
export function allDone(known: Known, names: readonly string[]): true | undefined {
  const isDone = (name: string): boolean =>
    (known.get(paths.task(name)) as Task | undefined)?.state === 'done';
  return names.every(isDone) ? true : undefined;
}

/** Waits until all of these tasks are done. */
export async function tasksDone(desk: Desk, ...names: readonly string[]): Promise<void> {
  await desk.until((known) => allDone(known, names));
}

/** Marks a task as done. */
export async function finishTask(desk: Desk, name: string): Promise<void> {
  const task = await taskGiven(desk, name);
  await desk.publish(`task done: ${name}`, [operation.put(paths.task(name), { ...task, state: 'done' })]);
}
