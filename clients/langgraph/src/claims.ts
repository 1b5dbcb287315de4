/**
 * Which head a put may come upon. A run goes on from the checkpoint that it was handed; where that is not the head any more, somebody else has
 * written meanwhile, unless the run was handed an older one on purpose: `docs/langgraph-layout.md`, "Two writers on one thread".
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
}

export class Claims {
  /** Heads under which a checkpoint was handed out for time travel. */
  readonly #travels = new Lru<Set<string>>(claimsKeptMax);
  /** How many runs were told that there is nothing yet. */
  readonly #empties = new Lru<number>(claimsKeptMax);

  /** A checkpoint was handed out while another one was the head. */
  noteTravel(space: string, checkpointId: string, headId: string | undefined): void {
    if (headId === undefined || headId === checkpointId) return;
    const key = `${space}\n${checkpointId}`;
    const heads = this.#travels.get(key) ?? new Set<string>();
    this.#travels.set(key, heads.add(headId), heads.size);
  }

  /** A run was told that there is no checkpoint. */
  noteEmpty(space: string): void {
    this.#empties.set(space, (this.#empties.get(space) ?? 0) + 1, 1);
  }

  /** The thread was deleted here: what was handed out of it means nothing any more. */
  forget(space: string): void {
    this.#empties.delete(space);
  }

  isAllowed({ space, parentId, isCopy, headId }: PutClaim): boolean {
    if (isCopy) return true;
    if (headId === undefined) return true;
    if (parentId === undefined) return (this.#empties.get(space) ?? 0) === 0;
    if (parentId === headId) return true;
    return this.#travels.get(`${space}\n${parentId}`)?.has(headId) === true;
  }

  /** A put took effect. */
  notePut({ space, parentId, isCopy }: PutClaim): void {
    const empties = this.#empties.get(space) ?? 0;
    if (parentId === undefined && !isCopy && empties > 0) this.#empties.set(space, empties - 1, 1);
  }
}
