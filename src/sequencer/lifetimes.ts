/** Whose time runs in a forest, and what is proposed when it is over. */
import type { Clock } from '../base/clock.ts';
import type { Command } from '../state/command.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import { Timekeeper } from './timekeeper.ts';

export interface LifetimesOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly propose: (command: Command) => void;
}

export class Lifetimes {
  readonly #state: ForestState;
  readonly #ghosts: Timekeeper;

  constructor({ clock, state, propose }: LifetimesOptions) {
    this.#state = state;
    this.#ghosts = new Timekeeper({
      clock,
      expire: (ghostId) => propose({ kind: 'expire_ghost', ghostId, author: '', request: null }),
    });
    for (const ghost of state.ghosts.values()) this.#ghosts.watch(ghost.id, ghost.ttlMs);
  }

  /** A sign of life of a ghost's owner; false where the ghost is over. */
  keepGhost(ghostId: string): boolean {
    this.#ghosts.touch(ghostId);
    return this.#state.ghosts.has(ghostId);
  }

  /** Begins to watch what a command began, and forgets what it ended. */
  onApplied(command: Command, { outcome, effects }: Applied): void {
    if (!('ghostId' in command) || command.ghostId === '' || outcome.kind === 'rejected') return;
    if (command.kind === 'begin_ghost') this.#ghosts.watch(command.ghostId, command.ttlMs);
    else this.#ghosts.touch(command.ghostId);
    if (!this.#state.ghosts.has(command.ghostId)) this.#ghosts.release(command.ghostId);
    for (const ghostId of effects.endedGhostIds) this.#ghosts.release(ghostId);
  }

  close(): void {
    this.#ghosts.close();
  }
}
