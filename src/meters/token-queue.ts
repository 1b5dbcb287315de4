/**
 * Counts tokens for all meters of a broker, behind everything else: a real tokenizer takes some 20 to 60 µs for a small value,
 * several times what a publish costs. What waits is bounded in bytes and number; while the event loop is busy, counting gets a
 * twentieth of its time, a hundredth while little of it is left, and a quarter while it rests, as after a start, when all of the journal is
 * counted again. Contents are counted in the order in which they came. What comes while nothing waits, and was counted before, does not wait either: keeping it
 * until its turn costs more than looking it up.
 */
import type { Clock } from '../base/clock.ts';
import {
  knownTextBytesMax,
  knownTextsBytesMax,
  pastTokensWaitingBytesMax,
  pastTokensWaitingMax,
  tokensWaitingBytesMax,
  tokensWaitingMax,
} from '../base/limits.ts';
import { BackgroundShare } from './background-share.ts';
import { bytesPerToken, textOf } from './content.ts';
import type { Content } from './content.ts';
import { KnownTexts } from './known-texts.ts';

/** Counts the tokens of a text, in steps of about a millisecond at most. */
export type CountTokens = (text: string) => Generator<unknown, number>;

/** Something to be counted. */
export interface Countable {
  readonly contents: readonly Content[];
  readonly bytes: number;
  /** Is told how many tokens its contents take together. */
  counted(tokens: number): void;
}

export interface TokenQueueOptions {
  readonly clock: Clock;
  /** Loads the tokenizer. Called when there is something to count for the first time. */
  readonly load: () => Promise<CountTokens>;
  /** How long the event loop has been busy since it began, in milliseconds. Without it, it is taken to be at rest. */
  readonly busyMs?: (() => number) | undefined;
  /** Told once where there is no counting, because the tokenizer could not be loaded. */
  readonly onFailure: (error: unknown) => void;
}

/** How long counting keeps the event loop at a time. */
const sliceMs = 1;
const shareAtRest = 1 / 4;
/** Contents of an item that are looked up as soon as it comes. More of them wait for a slice. */
const atOnceMax = 8;

export class TokenQueue {
  readonly #options: TokenQueueOptions;
  readonly #share: BackgroundShare;
  readonly #known = new KnownTexts(knownTextBytesMax, knownTextsBytesMax);
  #waiting: (Countable | undefined)[] = [];
  #first = 0;
  #waitingBytes = 0;
  #state: 'idle' | 'running' | 'failed' | 'closed' = 'idle';
  #count: CountTokens | null = null;
  readonly #roomWanted: (() => void)[] = [];
  /** Where the item at the front stands. */
  #next = 0;
  #tokens = 0;
  #steps: Generator<unknown, number> | null = null;

  constructor(options: TokenQueueOptions) {
    this.#options = options;
    const { clock, busyMs } = options;
    this.#share = new BackgroundShare({ clock, busyMs, shareAtRest });
  }

  /** How much waits. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get waiting(): number {
    return this.#waiting.length - this.#first;
  }

  /** Takes what is read, unless the queue is half full: false where it will never be counted. */
  offer(item: Countable): boolean {
    if (!this.#hasRoom(2)) return false;
    if (!this.#isKnown(item)) this.#push(item);
    return true;
  }

  /** Whether there is room for what is published, which may come again otherwise. */
  get hasRoom(): boolean {
    return this.#hasRoom(1);
  }

  /** Takes what is published. Whoever asks {@link hasRoom} first keeps the queue within its bounds, but for one diff. */
  add(item: Countable): void {
    if (this.#state === 'failed' || this.#state === 'closed' || this.#isKnown(item)) return;
    this.#push(item);
  }

  /** Whether there is room for what is read from the journal. */
  get hasRoomForPast(): boolean {
    return this.#hasRoomForPast(1);
  }

  /** Calls back once, when there is room for what is read from the journal. */
  onRoomForPast(callback: () => void): void {
    if (this.hasRoomForPast) callback();
    else this.#roomWanted.push(callback);
  }

  /** Nothing is counted any more. */
  close(): void {
    this.#state = 'closed';
    this.#waiting = [];
    this.#first = 0;
    this.#waitingBytes = 0;
    this.#roomWanted.length = 0;
  }

  #hasRoom(parts: number): boolean {
    if (this.#state === 'failed' || this.#state === 'closed') return parts === 1;
    return this.#waitingBytes * parts < tokensWaitingBytesMax && this.waiting * parts < tokensWaitingMax;
  }

  #hasRoomForPast(parts: number): boolean {
    if (this.#state === 'failed' || this.#state === 'closed') return true;
    return (
      this.#waitingBytes * parts < pastTokensWaitingBytesMax && this.waiting * parts < pastTokensWaitingMax
    );
  }

  /** Tells the tokens of an item at once, where nothing has to be counted for it, or for others before. */
  #isKnown(item: Countable): boolean {
    const { contents } = item;
    if (this.#state !== 'idle' || this.#count === null || contents.length > atOnceMax) return false;
    let tokens = 0;
    for (const content of contents) {
      const known = this.#find(content, textOf(content));
      if (known === undefined) return false;
      tokens += known;
    }
    item.counted(tokens);
    return true;
  }

  #push(item: Countable): void {
    this.#waiting.push(item);
    this.#waitingBytes += item.bytes;
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    if (this.#count !== null) this.#pause(0);
    else void this.#load();
  }

  async #load(): Promise<void> {
    try {
      this.#count = await this.#options.load();
    } catch (error) {
      const room = this.#roomWanted.splice(0);
      if (this.#state === 'closed') return;
      this.close();
      this.#state = 'failed';
      for (const callback of room) callback();
      this.#options.onFailure(error);
      return;
    }
    if (this.#state === 'running') this.#pause(0);
  }

  /** Goes on after the time that a slice of that length costs by the share that counting has. */
  #pause(spentMs: number): void {
    this.#options.clock.setTimer(this.#share.pauseMs(spentMs), () => this.#slice());
  }

  #slice(): void {
    if (this.#state !== 'running' || this.#count === null) return;
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    let spentMs = 0;
    while (this.waiting > 0 && spentMs < sliceMs) {
      this.#step(this.#count);
      spentMs = clock.monotonicMs() - startMs;
    }
    if (this.#hasRoomForPast(2)) for (const callback of this.#roomWanted.splice(0)) callback();
    if (this.waiting === 0) this.#state = 'idle';
    else this.#pause(spentMs);
  }

  /** One content of the item at the front, or a step of a long one. The last one settles the item. */
  #step(count: CountTokens): void {
    const item = this.#waiting[this.#first];
    if (item === undefined) return;
    const content = item.contents[this.#next];
    if (content === undefined) {
      this.#settle(item);
      return;
    }
    const text = textOf(content);
    if (this.#steps === null) {
      const known = this.#find(content, text);
      if (known !== undefined) {
        this.#advance(item, known);
        return;
      }
      this.#steps = count(text ?? '');
    }
    const step = this.#steps.next();
    if (step.done !== true) return;
    this.#known.keep(text ?? '', content.bytes, step.value);
    this.#advance(item, step.value);
  }

  #find({ bytes }: Content, text: string | null): number | undefined {
    return text === null ? Math.ceil(bytes / bytesPerToken) : this.#known.find(text);
  }

  #advance(item: Countable, tokens: number): void {
    this.#steps = null;
    this.#tokens += tokens;
    this.#next += 1;
    if (this.#next === item.contents.length) this.#settle(item);
  }

  #settle(item: Countable): void {
    const tokens = this.#tokens;
    this.#tokens = 0;
    this.#next = 0;
    this.#waiting[this.#first] = undefined;
    this.#first += 1;
    this.#waitingBytes -= item.bytes;
    if (this.#first === this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    } else if (this.#first > 1_024 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    item.counted(tokens);
  }
}
