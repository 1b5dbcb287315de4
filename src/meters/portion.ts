/** What somebody was sent of one tree. What many are sent alike is one portion, and counted once. */
import type { Content } from './content.ts';
import type { Countable, TokenQueue } from './token-queue.ts';
import type { Volume } from './volume.ts';

export class Portion implements Countable {
  readonly tree: string;
  readonly contents: readonly Content[];
  readonly bytes: number;
  #state: 'new' | 'waiting' | 'counted' | 'given up' = 'new';
  #tokens = 0;
  #volumes: Volume[] = [];

  constructor(tree: string, contents: readonly Content[], bytes: number) {
    this.tree = tree;
    this.contents = contents;
    this.bytes = bytes;
  }

  /** Adds it to a volume: bytes now, tokens when they are known. */
  give(volume: Volume, queue: TokenQueue): void {
    volume.bytes += this.bytes;
    if (this.#state === 'new') this.#ask(queue);
    if (this.#state === 'counted') volume.counted(this.bytes, this.#tokens);
    else if (this.#state === 'waiting') this.#volumes.push(volume);
  }

  /** It may be counted before the queue has taken it. */
  #ask(queue: TokenQueue): void {
    this.#state = 'waiting';
    if (!queue.offer(this)) this.#state = 'given up';
  }

  counted(tokens: number): void {
    this.#state = 'counted';
    this.#tokens = tokens;
    for (const volume of this.#volumes) volume.counted(this.bytes, tokens);
    this.#volumes = [];
  }
}

/** What there is of one tree. */
export type Part = Pick<Portion, 'tree' | 'contents' | 'bytes'>;

/** Gathers what one answer, or one publish, holds of each tree. */
export class Reading {
  #current: Gathered | null = null;
  readonly #others = new Map<string, Gathered>();

  /** Notes a content. `null` where something of that tree is told that has none. */
  took(tree: string, content: Content | null): void {
    const gathered = this.#current?.tree === tree ? this.#current : this.#turnTo(tree);
    if (content === null) return;
    // A push into an empty array sets aside room for seventeen, and most have one.
    if (gathered.contents === none) gathered.contents = [content];
    else gathered.contents.push(content);
    gathered.bytes += content.bytes;
  }

  get portions(): readonly Portion[] {
    return this.parts.map(({ tree, contents, bytes }) => new Portion(tree, contents, bytes));
  }

  get parts(): readonly Part[] {
    const last = this.#current;
    if (last === null) return [];
    return this.#others.size === 0 ? [last] : [...this.#others.values(), last];
  }

  #turnTo(tree: string): Gathered {
    if (this.#current !== null) this.#others.set(this.#current.tree, this.#current);
    const gathered = this.#others.get(tree) ?? { tree, contents: none, bytes: 0 };
    this.#others.delete(tree);
    this.#current = gathered;
    return gathered;
  }
}

const none: Content[] = [];

interface Gathered extends Part {
  contents: Content[];
  bytes: number;
}
