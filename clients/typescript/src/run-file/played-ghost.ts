/** A ghost that is played: each thing is done in it by whoever did it. */
import {
  GhostOverError,
  type Client,
  type Ghost,
  type InnerGhostOptions,
  type Operation,
  type PublishOptions,
} from '../api.ts';

/** What is left to know of a ghost when it is over: a basis can still name it. */
export class GhostTrail {
  readonly id: string;
  /** Numbers of diffs in the file, and here. */
  readonly #sequences = new Map<number, number>();

  constructor(id: string) {
    this.id = id;
  }

  add(old: number, sequence: number): void {
    this.#sequences.set(old, sequence);
  }

  /** The number here of a diff in the file, or of the newest before it. */
  sequenceOf(old: number): number {
    for (let at = old; at > 0; at -= 1) {
      const known = this.#sequences.get(at);
      if (known !== undefined) return known;
    }
    return 0;
  }
}

export class PlayedGhost {
  readonly #client: Client;
  readonly #own: Ghost;
  /** Handles by author: the name on a commit or a return is that of the handle. */
  readonly #handles: Map<string, Ghost>;
  readonly trail: GhostTrail;

  constructor(client: Client, own: Ghost, author: string) {
    this.#client = client;
    this.#own = own;
    this.#handles = new Map([[author, own]]);
    this.trail = new GhostTrail(own.id);
  }

  async stage(old: number, operations: readonly Operation[], options: PublishOptions): Promise<void> {
    const { sequence } = await this.#own.publish(operations, options);
    this.trail.add(old, sequence);
  }

  async begin(author: string, options: InnerGhostOptions): Promise<Ghost> {
    return (await this.#as(author)).ghost(options);
  }

  async checkpoint(author: string, name: string): Promise<void> {
    await (await this.#as(author)).checkpoint(name);
  }

  async rewind(author: string, checkpoint: string, reason: string): Promise<void> {
    await (await this.#as(author)).rewind({ checkpoint, reason });
  }

  /** Returns the revision that it made. */
  async commit(author: string, label: string): Promise<number> {
    const { revision } = await (await this.#as(author)).commit({ label });
    await this.#end();
    return revision;
  }

  /** Drops it. One that went with the ghost around it is over already. */
  async revert(author: string, reason: string): Promise<void> {
    try {
      await (author === '' ? this.#own : await this.#as(author)).revert(reason);
    } catch (error) {
      if (!(error instanceof GhostOverError)) throw error;
    }
    await this.#end();
  }

  /** It is not to be kept alive any more. */
  async #end(): Promise<void> {
    await this.#own[Symbol.asyncDispose]();
  }

  async #as(author: string): Promise<Ghost> {
    const known = this.#handles.get(author);
    if (known !== undefined) return known;
    const handle = await this.#client.as({ author, trackBasis: false }).attach(this.#own.id);
    this.#handles.set(author, handle);
    return handle;
  }
}
