/**
 * The context of an agent's prompt, kept up to date: it remembers its layout, asks only for what has changed, and begins a new layout
 * where going on with the old one costs more than it saves. Until then its text only grows at the end, so that what a model's provider has
 * cached of the prompt stays valid.
 */
import type { Agent } from './agent.ts';
import type { BasisEntry } from './basis.ts';
import { HyperloomError, RevisionError } from './errors.ts';
import { rebaseFactorDefault } from './limits.ts';
import type { Aged } from './node.ts';
import type { RenderedContext, RenderLayoutOptions, RenderOptions } from './render.ts';
import type { CallLimits } from './transport.ts';

/** Options of `contextWindow`. */
export interface ContextWindowOptions extends RenderLayoutOptions {
  /** Begins a new layout when the old one takes so many times what the new one would. Default: 2. */
  readonly rebaseFactor?: number | undefined;
}

/** What has become of a context. */
export interface ContextUpdate extends Aged {
  /** The whole text. */
  readonly text: string;
  /** What was added at its end; all of it where `rebased`. */
  readonly added: string;
  /** True where a new layout was begun: the text does not begin as before. */
  readonly rebased: boolean;
  /** The trunk revision that it shows. */
  readonly revision: number;
  /** What the whole text takes. */
  readonly tokens: number;
  /** Nodes and changes that the budget has left out; the text says so too. */
  readonly leftOut: number;
}

/** How a window renders: `renderContext` of its client or ghost, with its parts. */
export type RenderWindow = (options: RenderOptions) => Promise<RenderedContext>;

export class ContextWindow {
  readonly #render: RenderWindow;
  readonly #agent: Agent;
  readonly #isInGhost: boolean;
  readonly #options: ContextWindowOptions;
  /** What the text shows, each thing at its newest. Whoever writes from it stands on all of it, however long ago it came. */
  readonly #shown = new Map<string, BasisEntry>();
  #text = '';
  #baseRevision = 0;
  #revision = 0;
  #leftOutAtBase = 0;
  #underWay: Promise<unknown> = Promise.resolve();

  /** Not for programs: use `contextWindow` of a client or ghost. */
  constructor(render: RenderWindow, agent: Agent, isInGhost: boolean, options: ContextWindowOptions) {
    this.#render = render;
    this.#agent = agent;
    this.#isInGhost = isInGhost;
    this.#options = options;
  }

  /** The text as of the last update. */
  get text(): string {
    return this.#text;
  }

  /** The trunk revision that it shows. */
  get revision(): number {
    return this.#revision;
  }

  /** The layout: the trunk revision at which its beginning was fixed. 0: none yet. */
  get baseRevision(): number {
    return this.#baseRevision;
  }

  /** The next update begins a new layout. */
  rebase(): void {
    this.#baseRevision = 0;
  }

  /** Brings it up to date. All that it shows counts as read, also what came with earlier updates. */
  update(limits: CallLimits = {}): Promise<ContextUpdate> {
    const update = this.#underWay.then(() => this.#update(limits));
    this.#underWay = update.catch(() => undefined);
    return update;
  }

  async #update(limits: CallLimits): Promise<ContextUpdate> {
    const next = this.#baseRevision === 0 ? undefined : await this.#goOn(limits);
    return next === undefined || this.#isWornOut(next) ? this.#begin(limits) : this.#take(next);
  }

  /** `undefined` where the layout cannot be gone on with. */
  async #goOn(limits: CallLimits): Promise<RenderedContext | undefined> {
    // What is staged in a ghost may be taken back, so its text is asked for as a whole.
    const sinceRevision = this.#isInGhost ? 0 : this.#revision;
    try {
      return await this.#render({
        ...this.#options,
        ...limits,
        baseRevision: this.#baseRevision,
        sinceRevision,
      });
    } catch (error) {
      const isOver =
        error instanceof RevisionError ||
        (error instanceof HyperloomError && error.reason === 'LIMIT_EXCEEDED');
      if (isOver) return undefined;
      throw error;
    }
  }

  #isWornOut({ leftOut, layoutTokens, rebasedTokens }: RenderedContext): boolean {
    const factor = this.#options.rebaseFactor ?? rebaseFactorDefault;
    return leftOut > this.#leftOutAtBase || layoutTokens > factor * rebasedTokens;
  }

  async #begin(limits: CallLimits): Promise<ContextUpdate> {
    const rendered = await this.#render({ ...this.#options, ...limits });
    const rebased = this.#text !== '';
    this.#shown.clear();
    this.#text = rendered.text;
    this.#baseRevision = rendered.baseRevision;
    this.#leftOutAtBase = rendered.leftOut;
    return this.#seen(rendered, rendered.text, rebased);
  }

  #take(rendered: RenderedContext): ContextUpdate {
    const { text } = rendered;
    if (!this.#isInGhost) {
      this.#text += text;
      return this.#seen(rendered, text, false);
    }
    const isLonger = text.startsWith(this.#text);
    const added = isLonger ? text.slice(this.#text.length) : text;
    this.#text = text;
    return this.#seen(rendered, added, !isLonger);
  }

  #seen(rendered: RenderedContext, added: string, rebased: boolean): ContextUpdate {
    const { revision, layoutTokens: tokens, leftOut, ageMs } = rendered;
    this.#revision = revision;
    for (const entry of rendered.basis)
      this.#shown.set(`${entry.path}${entry.extent === 'subtree' ? '/**' : ''}`, entry);
    for (const entry of this.#shown.values()) this.#agent.basis?.note(entry);
    return { text: this.#text, added, rebased, revision, tokens, leftOut, ageMs };
  }
}
