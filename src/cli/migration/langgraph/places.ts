/** Where a thread lies: docs/frameworks/langgraph-layout.md, "Names". */
import { segmentOf } from '../segments.ts';

/** `T`: the subtree of a thread. */
export function threadPath(root: string, threadId: string): string {
  return `${root}/${segmentOf(threadId, 'thread id')}/langgraph`;
}

/** `N`: the subtree of a checkpoint namespace. */
export function spacePath(thread: string, namespace: string): string {
  if (namespace === '') return thread;
  return `${thread}${namespace
    .split('|')
    .map((part) => `/subgraphs/${segmentOf(part, 'checkpoint namespace')}`)
    .join('')}`;
}

export function checkpointPath(space: string, id: string): string {
  return `${space}/checkpoints/${segmentOf(id, 'checkpoint id')}`;
}

export function taskPath(space: string, id: string, taskId: string): string {
  return `${checkpointPath(space, id)}/writes/${segmentOf(taskId, 'task id')}`;
}

/** A channel's value or list by its number. */
export function channelPath(space: string, channel: string, number: number): string {
  return `${space}/channels/${segmentOf(channel, 'channel')}/${number}`;
}
