/** A database of LangGraph's, whatever it lies in. */
import type { SavedCheckpoint, SavedTask } from './saved-checkpoint.ts';

/** A checkpoint namespace of a thread. */
export interface SavedSpace {
  readonly threadId: string;
  readonly namespace: string;
  readonly count: number;
  /** The largest of its checkpoints' ids, in the order of their bytes: the newest. */
  readonly newestId: string;
}

/** A checkpoint that cannot be read, or not so that it could be stored elsewhere. */
export interface Unreadable {
  readonly id: string;
  /** Why, and what to do. */
  readonly problem: string;
}

/** Everything is read as it was when the store was opened. */
export interface CheckpointStore {
  /** All namespaces, those of a thread one after the other. */
  spaces(): Promise<readonly SavedSpace[]>;
  /** Whether a checkpoint is there. */
  has(space: SavedSpace, id: string): Promise<boolean>;
  /** How many there are up to this id. */
  countUpTo(space: SavedSpace, id: string): Promise<number>;
  /** Checkpoints by id, those behind `after`. */
  checkpoints(space: SavedSpace, after: string | undefined): AsyncIterable<SavedCheckpoint | Unreadable>;
  /** Pending writes of a checkpoint. */
  tasks(space: SavedSpace, id: string): Promise<readonly SavedTask[]>;
}
