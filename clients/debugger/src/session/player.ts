/** Plays history: event after event, as fast as the reader likes and the broker answers. */
import { indexAt, noFilter } from '../model/timeline.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';

/** Pictures a second at most; faster playing takes several events a picture. */
const picturesASecond = 10;

/** What is played. */
export interface Playable {
  readonly store: Store<SessionState>;
  travel(position: number): Promise<void>;
  step(direction: 1 | -1): Promise<boolean>;
  pause(ms: number): Promise<void>;
}

export class Player {
  readonly #session: Playable;
  readonly #ending: AbortSignal;
  #stopping: AbortController | undefined;

  constructor(session: Playable, ending: AbortSignal) {
    this.#session = session;
    this.#ending = ending;
  }

  /** Events a second. */
  setSpeed(speed: number): void {
    this.#session.store.set({ speed });
  }

  /** Plays from where the reader stands to now; from now, it begins at the beginning. */
  play(): void {
    const { store } = this.#session;
    if (store.get().isPlaying) return;
    const stopping = new AbortController();
    this.#stopping = stopping;
    store.set({ isPlaying: true });
    this.#run(stopping.signal).then(
      () => stopping.signal.aborted || this.pause(),
      () => this.pause(),
    );
  }

  pause(): void {
    this.#stopping?.abort();
    this.#session.store.set({ isPlaying: false });
  }

  async #run(stopping: AbortSignal): Promise<void> {
    const session = this.#session;
    const { position, range } = session.store.get();
    if (position === 0) await session.travel(range.first);
    while (!stopping.aborted && !this.#ending.aborted) {
      const { speed } = session.store.get();
      const events = Math.max(1, Math.round(speed / picturesASecond));
      const due = session.pause((1_000 * events) / speed);
      if (!(await this.#advance(events))) break;
      await due;
    }
  }

  async #advance(events: number): Promise<boolean> {
    const session = this.#session;
    const { window, position, filter } = session.store.get();
    const ahead = window.events[indexAt(window.events, position) + events];
    if (events === 1 || ahead === undefined || filter !== noFilter) return session.step(1);
    await session.travel(ahead.position);
    return true;
  }
}
