/** Tells on standard output what happens in the tree, from a subscription to all of it, ghosts included. */
import type { Client, Event } from '../../clients/typescript/src/index.ts';
import { paint } from './colors.ts';

const nameWidth = 16;

export class Story {
  readonly #print: (line: string) => void;
  readonly #startMs = performance.now();
  readonly #leave = new AbortController();
  readonly #labels = new Map<string, string>();
  #following: Promise<void> = Promise.resolve();
  #told = 0;
  #onTold: (revision: number) => void = () => undefined;

  /** `print` takes whole lines. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#startMs) / 1_000;
  }

  /** Follows the tree until `stop`. */
  follow(client: Client, tree: string): void {
    const options = { everything: true, signal: this.#leave.signal };
    this.#following = (async () => {
      for await (const event of client.subscribe(`${tree}/**`, options).events()) {
        this.#tell(event);
        this.#told = Math.max(this.#told, event.revision);
        this.#onTold(this.#told);
      }
    })().catch((error: unknown) => {
      if (!this.#leave.signal.aborted) this.say('runner', paint('red', `lost the story: ${String(error)}`));
    });
  }

  async stop(): Promise<void> {
    this.#leave.abort();
    await this.#following;
  }

  /** Resolves when everything up to a revision is told. */
  reached(revision: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onTold = (told) => {
        if (told >= revision) resolve();
      };
      this.#onTold(this.#told);
    });
  }

  /** A line of one's own. */
  say(who: string, what: string): void {
    const time = paint('dim', `${this.seconds.toFixed(2).padStart(6)} s`);
    this.#print(`${time}  ${paint('bold', who.padEnd(nameWidth))}${what}`);
  }

  #tell(event: Event): void {
    const line = event.transition === undefined ? event.label : this.#transition(event);
    if (line === '' || event.label.startsWith('waits for')) return;
    const revision = event.revision === 0 ? '' : paint('dim', `  revision ${event.revision}`);
    this.say(event.author, line + revision);
  }

  #transition({ transition, ghostId, label }: Event): string {
    if (transition === undefined) return '';
    if (transition.kind === 'begun') this.#labels.set(ghostId, transition.ghost?.label ?? '');
    const ghost = `ghost "${this.#labels.get(ghostId) ?? ghostId}"`;
    const dropped = `${transition.droppedOperations} operations dropped`;
    switch (transition.kind) {
      case 'begun':
        return paint('cyan', `begins ${ghost}`);
      case 'staged':
        return paint('cyan', `  in ${ghost}: ${label}`);
      case 'checkpointed':
        return paint('cyan', `  in ${ghost}: checkpoint "${transition.checkpoint}"`);
      case 'rewound':
        return paint('red', `takes ${ghost} back to "${transition.checkpoint}": ${dropped}`);
      case 'commit_requested':
        return paint('cyan', `asks for reviews of ${ghost}`);
      case 'approved':
        return paint('green', `approves ${ghost}`);
      case 'committed':
        return paint('green', `commits ${ghost}`);
      case 'reverted':
      case 'expired':
        return paint('red', `${transition.kind} ${ghost}: ${transition.reason}`);
      default:
        return transition.kind satisfies never;
    }
  }
}
