/** Views that were read in, made again: the trunk at a revision, or a ghost after one of its diffs. */
import { traceRestagedOperationsMax } from '../base/limits.ts';
import type { Operation } from '../state/command.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { copiedRevisions } from '../state/reach.ts';
import { reapply } from '../state/ghosts/rebuild.ts';
import { HistoryGone } from '../subscriptions/source.ts';
import { from } from './entries.ts';
import { ghostKey } from './key.ts';
import type { Recorded } from './made.ts';
import type { Layer, Sight } from './sight.ts';
import { droppedBefore } from './stories.ts';

/** Views that are kept: an agent's reads are of a few of them, one after the other. */
const keptMax = 4;

export class SeenViews {
  readonly #sight: Sight;
  readonly #rootAt: (revision: number) => Promise<Root>;
  readonly #newest: number;
  readonly #kept = new Map<string, Promise<Root | null>>();

  /** `newest`: the trunk revision that everything is told as of. */
  constructor(sight: Sight, rootAt: (revision: number) => Promise<Root>, newest: number) {
    this.#sight = sight;
    this.#rootAt = rootAt;
    this.#newest = newest;
  }

  /** The root of a view; `null` where it cannot be had any more, or never was. */
  of(layers: readonly Layer[]): Promise<Root | null> {
    const name = layers.map(({ name: layer, at }) => `${layer} ${at}`).join('/');
    const known = this.#kept.get(name);
    if (known !== undefined) return known;
    const made = this.#make(layers);
    this.#kept.set(name, made);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= keptMax) break;
      this.#kept.delete(oldest);
    }
    return made;
  }

  async #make(layers: readonly Layer[]): Promise<Root | null> {
    const [top, ...around] = layers;
    if (top === undefined) return null;
    if (top.name !== '') {
      const base = await this.of(around);
      return base === null ? null : await this.#restage(base, top);
    }
    if (top.at > this.#newest) return null;
    return this.#orGone(() => this.#rootAt(top.at));
  }

  /** Stages again what a ghost held after one of its diffs. */
  async #restage(base: Root, { name, at }: Layer): Promise<Root | null> {
    const { reader, loader, stories } = this.#sight;
    const story = await stories.of(name);
    if (story === null) return null;
    let root = base;
    let operations = 0;
    for await (const hit of reader.hits(ghostKey('diff', name), from(0), at)) {
      if (droppedBefore(story, hit.at, hit.position, at)) continue;
      const loaded = await loader.load(hit.position);
      if (loaded === null) return null;
      const diffs = diffsOf(loaded.recorded);
      const before = root;
      for (const diff of diffs) operations += diff.operations.length;
      if (operations > traceRestagedOperationsMax) return null;
      const roots = new Map<number, Root>();
      const copied = diffs.flatMap((diff) => copiedRevisions(diff.operations));
      for (const revision of copied) {
        const past = await this.#orGone(() => this.#rootAt(revision));
        if (past === null) return null;
        roots.set(revision, past);
      }
      root = reapply(before, diffs, -hit.at, (revision) => roots.get(revision) ?? before);
    }
    return root;
  }

  async #orGone(read: () => Promise<Root>): Promise<Root | null> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof HistoryGone) return null;
      throw error;
    }
  }
}

function diffsOf({ proposal: { command }, effects }: Recorded): readonly {
  readonly author: string;
  readonly operations: readonly Operation[];
}[] {
  return command.kind === 'publish' ? [command] : effects.committed;
}
