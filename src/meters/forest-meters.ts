/**
 * The meters of one forest. What was published follows from the journal, in two passes of it: one that counts bytes, as soon as a
 * publish is durable, and one that counts tokens, which may be far behind. What is read and rendered is told by those who do it.
 *
 * The history that an agent would have been handed for a publish is all that had been published in the tree before. Of two such
 * histories for one agent the earlier is the beginning of the later, so that is what a provider's cache would have of it.
 */
import type { Clock } from '../base/clock.ts';
import { meteredEntriesMax } from '../base/limits.ts';
import type { ForestEvent } from '../state/event.ts';
import { contentOf } from './content.ts';
import type { Content } from './content.ts';
import { Follower } from './follower.ts';
import type { Past } from './follower.ts';
import { utf8Length } from '../trie/path.ts';
import { MeterTable } from './meter-table.ts';
import type { MeterRow, RowBudget } from './meter-table.ts';
import { Portion, Reading } from './portion.ts';
import type { Part } from './portion.ts';
import type { Prompts } from './prompts.ts';
import { report, tokensPerByte } from './report.ts';
import type { MeterReport } from './report.ts';
import type { Countable, TokenQueue } from './token-queue.ts';
import { Volume } from './volume.ts';

export interface ForestMetersOptions {
  readonly past: Past;
  readonly clock: Clock;
  readonly busyMs?: (() => number) | undefined;
  readonly queue: TokenQueue;
  readonly prompts: Prompts;
  readonly budget: RowBudget;
  readonly cachedTokenPrice: number;
}

/** What of an entry concerns the meters. */
export interface DurableEntry {
  readonly position: number;
  readonly events: readonly ForestEvent[];
}

/** A text that was made for an agent. */
export interface Rendered {
  readonly agent: string;
  /** Empty where it is of no tree in particular. */
  readonly tree: string;
  readonly text: string;
  /** By o200k_base; `null` where they are to be counted. Then nothing of it is taken to be cached. */
  readonly tokens: number | null;
  /** False where it goes on behind a text that was made before. */
  readonly isWhole: boolean;
}

export class ForestMeters {
  readonly cachedTokenPrice: number;
  readonly #past: Past;
  readonly #queue: TokenQueue;
  readonly #prompts: Prompts;
  readonly #table: MeterTable;
  readonly #bytes: Follower;
  readonly #tokens: Follower;
  #afterPosition = 0;

  constructor({ past, clock, busyMs, queue, prompts, budget, cachedTokenPrice }: ForestMetersOptions) {
    this.cachedTokenPrice = cachedTokenPrice;
    this.#queue = queue;
    this.#prompts = prompts;
    this.#table = new MeterTable(budget);
    this.#past = past;
    const tokens = new Follower({
      past,
      clock,
      busyMs,
      take: (event) => this.#countTokens(event),
      hasRoom: () => queue.hasRoom,
      hasRoomForPast: () => queue.hasRoomForPast,
      onRoomForPast: (callback) => queue.onRoomForPast(callback),
    });
    this.#tokens = tokens;
    this.#bytes = new Follower({
      past,
      clock,
      busyMs,
      take: (event) => this.#countBytes(event),
      hasRoom: () => true,
      hasRoomForPast: () => true,
      onRoomForPast: (callback) => callback(),
      // Tokens come behind bytes, so that no figure has more that was counted than there is.
      onLevel: () => tokens.start(this.#afterPosition),
    });
  }

  /** Begins to read the journal. */
  start(): void {
    const { position } = this.#past.view();
    this.#afterPosition = Math.max(this.#past.oldestPosition, position - meteredEntriesMax);
    this.#bytes.start(this.#afterPosition);
  }

  /** Publishes up to this position are in no figure. */
  get afterPosition(): number {
    return this.#afterPosition;
  }

  /** Bytes of publishes up to this position are counted. */
  get position(): number {
    return this.#bytes.position;
  }

  /** Whether all that was published and read is counted, in tokens too. */
  get isSettled(): boolean {
    return this.#tokens.position >= this.#bytes.position && this.#queue.waiting === 0;
  }

  get rows(): readonly MeterRow[] {
    return this.#table.rows;
  }

  /** What a meter's agent would have been handed; nothing where the meter stands for many. */
  historyOf(row: MeterRow): Volume {
    return this.#table.isWhole(row) ? row.history : nothing;
  }

  /** Bytes published and read whose tokens are not counted. */
  get uncountedBytes(): number {
    let bytes = 0;
    for (const { published, read, rendered } of this.#table.rows)
      for (const volume of [published, read, rendered]) bytes += volume.bytes - volume.countedBytes;
    return bytes;
  }

  /** Takes entries that have become durable. */
  onDurable(entries: readonly DurableEntry[]): void {
    for (const { events, position } of entries) {
      this.#bytes.offer(events, position);
      this.#tokens.offer(events, position);
    }
  }

  /** Adds what an agent was sent. */
  read(agent: string, portions: readonly Portion[]): void {
    for (const portion of portions) portion.give(this.#table.row(agent, portion.tree).read, this.#queue);
  }

  rendered({ agent, tree, text, tokens, isWhole }: Rendered): void {
    const row = this.#table.row(agent, tree);
    const bytes = utf8Length(text);
    if (tokens === null) {
      new Portion(tree, [{ kind: 'text', data: text, bytes }], bytes).give(row.rendered, this.#queue);
      return;
    }
    row.rendered.add(bytes, tokens);
    if (!isWhole) return;
    const common = this.#prompts.next(row, text, tokens);
    // Part of the text before: its tokens by its share of the text.
    const share = text.length === 0 ? 0 : common.characters / text.length;
    row.renderedCachedTokens += common.tokens ?? Math.floor(tokens * share);
  }

  /** All meters, by agent and tree. */
  reports(): MeterReport[] {
    const estimate = tokensPerByte(this.#table.rows);
    const reports = this.#table.rows.map((row) =>
      report(row, this.historyOf(row), estimate, this.cachedTokenPrice),
    );
    return reports.sort((a, b) => compare(a.agent, b.agent) || compare(a.tree, b.tree));
  }

  close(): void {
    this.#bytes.close();
    this.#tokens.close();
    for (const row of this.#table.rows) this.#prompts.forget(row);
    this.#table.close();
  }

  #countBytes({ author, changes }: ForestEvent): void {
    const [first] = changes;
    // Most publishes change one node: nothing is made for them that would have to be cleared away.
    if (changes.length === 1 && first !== undefined)
      this.#addBytes(author, treeOf(first.operation), contentOf(first.operation)?.bytes ?? 0);
    else for (const { tree, bytes } of partsOf(changes)) this.#addBytes(author, tree, bytes);
  }

  #addBytes(author: string, tree: string, bytes: number): void {
    const row = this.#table.row(author, tree);
    row.publishes += 1;
    row.published.bytes += bytes;
    if (row.total === null) return;
    row.history.bytes += row.total.published.bytes;
    row.total.published.bytes += bytes;
  }

  #countTokens({ author, changes }: ForestEvent): void {
    for (const { tree, contents, bytes } of partsOf(changes))
      this.#queue.add(new PublishedPart(this.#table.row(author, tree), contents, bytes));
  }
}

/** What of a publish is of one tree, for its tokens to be counted. What was published before it is counted when it is. */
class PublishedPart implements Countable {
  readonly contents: readonly Content[];
  readonly bytes: number;
  readonly #row: MeterRow;

  constructor(row: MeterRow, contents: readonly Content[], bytes: number) {
    this.contents = contents;
    this.bytes = bytes;
    this.#row = row;
  }

  counted(tokens: number): void {
    const { bytes } = this;
    const row = this.#row;
    row.published.counted(bytes, tokens);
    if (row.total === null) return;
    const { published } = row.total;
    row.history.counted(published.countedBytes, published.tokens);
    row.historyCachedTokens += row.lastHistoryTokens;
    row.lastHistoryTokens = published.tokens;
    published.counted(bytes, tokens);
  }
}

/** What a publish brought, by tree. One in which it only deleted or copied was published to as well. */
function partsOf(changes: ForestEvent['changes']): readonly Part[] {
  const [first] = changes;
  if (changes.length === 1 && first !== undefined) {
    const content = contentOf(first.operation);
    const contents = content === null ? [] : [content];
    return [{ tree: treeOf(first.operation), contents, bytes: content?.bytes ?? 0 }];
  }
  const reading = new Reading();
  for (const { operation } of changes) reading.took(treeOf(operation), contentOf(operation));
  return reading.parts;
}

function treeOf({ path }: ForestEvent['changes'][number]['operation']): string {
  return path[0] ?? '';
}

const nothing = new Volume();

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
