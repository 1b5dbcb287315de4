/** Where a config points to. */
import type { RunnableConfig } from '@langchain/core/runnables';
import { getCheckpointId, type CheckpointTuple } from '@langchain/langgraph-checkpoint';
import { IncompleteConfigError } from './errors.ts';
import { namespacePath, threadPath } from './names.ts';

/** A checkpoint namespace of a thread. */
export interface Place {
  /** The thread's id as the config has it; configs that are handed out say the same. */
  readonly threadId: unknown;
  readonly namespace: string;
  /** `T`. */
  readonly thread: string;
  /** `N`. */
  readonly space: string;
}

/**
 * Where a config says which checkpoint was the newest when its own, an older one, was asked for by its id. LangGraph hands such members on to the
 * puts of the run; they are in no JSON, and among no keys that are texts.
 */
const headThen = Symbol('hyperloom.head');

/** What a config says of itself; LangGraph's type leaves it open. */
interface Configurable {
  readonly thread_id?: unknown;
  readonly checkpoint_ns?: string;
  readonly checkpoint_id?: string;
  readonly [headThen]?: HandedOut;
}

interface HandedOut {
  readonly checkpointId: string;
  readonly headId: string;
}

export function configurableOf(config: RunnableConfig): Configurable {
  return config.configurable ?? {};
}

/** The id of the checkpoint that a config asks for; `undefined` for the newest. */
export function checkpointIdOf(config: RunnableConfig): string | undefined {
  const id = getCheckpointId(config);
  return id === '' ? undefined : id;
}

/** The place of a config, or `undefined` where it names no thread. */
export function placeOf(root: string, config: RunnableConfig): Place | undefined {
  const { thread_id: threadId, checkpoint_ns: namespace = '' } = configurableOf(config);
  if (threadId === undefined || threadId === null) return undefined;
  return placeIn(root, threadId, namespace);
}

export function placeIn(root: string, threadId: unknown, namespace: string): Place {
  const thread = threadPath(root, String(threadId));
  return { threadId, namespace, thread, space: namespacePath(thread, namespace) };
}

/** The place of a config that must name a thread; `doing` says what for. */
export function requirePlace(root: string, config: RunnableConfig, doing: string): Place {
  const place = placeOf(root, config);
  if (place === undefined) throw new IncompleteConfigError('thread_id', doing);
  return place;
}

/** The head while the config's checkpoint was handed out by its id; `undefined` where that was the head itself, or was not asked for so. */
export function handedOutAt(config: RunnableConfig): string | undefined {
  const handedOut = configurableOf(config)[headThen];
  return handedOut?.checkpointId === checkpointIdOf(config) ? handedOut?.headId : undefined;
}

/** The config of a checkpoint, as tuples tell it. */
export function configOf(place: Place, checkpointId: string): RunnableConfig {
  return {
    configurable: { thread_id: place.threadId, checkpoint_ns: place.namespace, checkpoint_id: checkpointId },
  };
}

/** Whether a graph that runs asks with this config. */
export function isOfRun(config: RunnableConfig): boolean {
  return Object.keys(configurableOf(config)).some((key) => key.startsWith('__pregel_'));
}

/** The tuple of a checkpoint that was asked for by its id while `headId` was the newest. */
export function handedOut(tuple: CheckpointTuple, headId: string | undefined): CheckpointTuple {
  const checkpointId = tuple.checkpoint.id;
  if (headId === undefined || headId === checkpointId) return tuple;
  const configurable = { ...tuple.config.configurable, [headThen]: { checkpointId, headId } };
  return { ...tuple, config: { ...tuple.config, configurable } };
}
