/** What became of ghosts, as their events in the journal tell: where they stand, what was dropped, how they ended. */
import { eventsOf } from '../state/describe.ts';
import { from } from './entries.ts';
import { ghostKey } from './key.ts';
import type { Loader } from './loader.ts';
import type { Made } from './made.ts';
import type { IndexReader } from './reader.ts';

/** A ghost's life up to now. */
export interface Story {
  readonly parentId: string;
  /** The number of the parent's newest diff when it was begun; its own go on from there. */
  readonly firstSequence: number;
  /** The trunk revision that the outermost ghost around it stands on. */
  readonly baseRevision: number;
  readonly rewinds: readonly Rewind[];
  readonly end: { readonly kind: 'committed' | 'dropped'; readonly position: number } | null;
}

/** A return to a checkpoint. */
interface Rewind {
  readonly position: number;
  /** Diffs with numbers above this one were dropped. */
  readonly since: number;
  /** The newest diff then. */
  readonly sequence: number;
}

/** What became of a diff. */
export type Fate =
  | { readonly kind: 'trunk' | 'live' | 'dropped' }
  /** It is part of the publish at that position. */
  | { readonly kind: 'committed'; readonly position: number };

/** Stories that are remembered at a time. */
const storiesMax = 10_000;

export class Stories {
  readonly #reader: IndexReader;
  readonly #loader: Loader;
  readonly #known = new Map<string, Story | null>();

  constructor(reader: IndexReader, loader: Loader) {
    this.#reader = reader;
    this.#loader = loader;
  }

  /** A ghost's story; `null` where nothing is known of it. */
  async of(ghostId: string): Promise<Story | null> {
    const known = this.#known.get(ghostId);
    if (known !== undefined) return known;
    const story = await this.#read(ghostId);
    if (this.#known.size >= storiesMax) this.#known.clear();
    this.#known.set(ghostId, story);
    return story;
  }

  /** What became of a diff that was staged in a ghost. */
  async fateOf(ghostId: string, sequence: number, position: number): Promise<Fate> {
    const story = await this.of(ghostId);
    if (story === null) return { kind: 'dropped' };
    const isDropped = story.rewinds.some((rewind) => rewind.position > position && rewind.since < sequence);
    if (isDropped || story.end?.kind === 'dropped') return { kind: 'dropped' };
    return story.end === null ? { kind: 'live' } : { kind: 'committed', position: story.end.position };
  }

  /** The publish that a publish is part of by now: a commit of what was staged, or itself; and whether that stands. */
  async resolve(made: Made): Promise<{ readonly made: Made; readonly fate: 'trunk' | 'live' | 'dropped' }> {
    let current = made;
    while (current.layer !== '') {
      const fate = await this.fateOf(current.layer, current.at, current.position);
      if (fate.kind !== 'committed') return { made: current, fate: fate.kind };
      const commit = await this.#loader.made(fate.position);
      if (commit === null) return { made: current, fate: 'dropped' };
      current = commit;
    }
    return { made: current, fate: 'trunk' };
  }

  async #read(ghostId: string): Promise<Story | null> {
    let begun: Omit<Story, 'rewinds' | 'end'> | null = null;
    let end: Story['end'] = null;
    const rewinds: Rewind[] = [];
    const checkpoints = new Map<string, number>();
    for await (const { position } of this.#reader.hits(ghostKey('story', ghostId), from(0), Infinity)) {
      const loaded = await this.#loader.load(position);
      if (loaded === null) continue;
      const { proposal, effects } = loaded.recorded;
      for (const event of eventsOf(proposal, effects, null)) {
        const { transition } = event;
        if (event.ghostId !== ghostId || transition === null) continue;
        const { kind, checkpoint, sequence } = transition;
        if (kind === 'begun' && transition.begun !== null) {
          const { parentId, baseRevision } = transition.begun;
          const parent = parentId === '' ? null : await this.of(parentId);
          const base = parent?.baseRevision ?? baseRevision;
          begun = { parentId, firstSequence: sequence, baseRevision: base };
        } else if (kind === 'checkpointed') checkpoints.set(checkpoint, sequence);
        else if (kind === 'rewound') {
          const since = checkpoints.get(checkpoint) ?? begun?.firstSequence ?? 0;
          rewinds.push({ position, since, sequence });
        } else if (kind === 'committed') end = { kind: 'committed', position };
        else if (kind === 'reverted' || kind === 'expired') end = { kind: 'dropped', position };
      }
    }
    return begun === null ? null : { ...begun, rewinds, end };
  }
}

/** Whether a diff had been dropped already in the view of a ghost after its diff number `seen`. */
export function droppedBefore(story: Story | null, at: number, position: number, seen: number): boolean {
  if (story === null) return false;
  return story.rewinds.some(
    (rewind) => rewind.position > position && rewind.since < at && rewind.sequence < seen,
  );
}
