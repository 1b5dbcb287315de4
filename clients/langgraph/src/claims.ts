/**
 * Which head a put may come upon. A run goes on from the checkpoint that it was handed; where that is not the head any more, somebody else has
 * written meanwhile, unless the run was handed an older one on purpose, which its config says: many runs share a saver, and whoever only
 * looked at that checkpoint must not open the way for one that stands there since before. `docs/frameworks/langgraph-layout.md`, "Two writers on one thread".
 */
import { Lru } from './lru.ts';
import { claimsKeptMax } from './limits.ts';

/** What is known of a put when it is judged. */
export interface PutClaim {
  /** Path of the namespace. */
  readonly space: string;
  readonly parentId: string | undefined;
  readonly isCopy: boolean;
  readonly headId: string | undefined;
  /** The head while the parent was handed out by its id, as the config says it. */
  readonly handedOutAt: string | undefined;
}

export class Claims {
  /** By checkpoint the head that it was put beside without becoming it. */
  readonly #overtaken = new Lru<string>(claimsKeptMax);
  /** How many runs were told that there is nothing yet. */
  readonly #empties = new Lru<number>(claimsKeptMax);

  /** A checkpoint was put beside the head, on purpose: whoever put it goes on from it. */
  noteOvertaken(space: string, checkpointId: string, headId: string): void {
    if (headId !== checkpointId) this.#overtaken.set(`${space}\n${checkpointId}`, headId, 1);
  }

  /** A run was told that there is no checkpoint. */
  noteEmpty(space: string): void {
    this.#empties.set(space, (this.#empties.get(space) ?? 0) + 1, 1);
  }

  /** The thread was deleted here: what was handed out of it means nothing any more. */
  forget(space: string): void {
    this.#empties.delete(space);
  }

  isAllowed({ space, parentId, isCopy, headId, handedOutAt }: PutClaim): boolean {
    if (isCopy) return true;
    if (headId === undefined) return true;
    if (parentId === undefined) return (this.#empties.get(space) ?? 0) === 0;
    if (parentId === headId || handedOutAt === headId) return true;
    return this.#overtaken.get(`${space}\n${parentId}`) === headId;
  }

  /** A put took effect. */
  notePut({ space, parentId, isCopy }: PutClaim): void {
    const empties = this.#empties.get(space) ?? 0;
    if (parentId === undefined && !isCopy && empties > 0) this.#empties.set(space, empties - 1, 1);
  }
}
