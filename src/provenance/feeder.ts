/** Turns journal entries into entries of the index. */
import type { BasisEntry } from '../state/command.ts';
import { eventsOf } from '../state/describe.ts';
import type { TransitionKind } from '../state/event.ts';
import { Ancestors } from './ancestors.ts';
import type { EntrySink } from './entries.ts';
import { ghostKey, KeyMaker, undoneKey } from './key.ts';
import type { EntryKind, Key } from './key.ts';
import { madeOf } from './made.ts';
import type { Mark, Recorded } from './made.ts';

/** What a ghost's story is made of. */
const storied: ReadonlySet<TransitionKind> = new Set([
  'begun',
  'checkpointed',
  'rewound',
  'reverted',
  'committed',
  'expired',
]);

const publishKinds: ReadonlySet<string> = new Set(['publish', 'revert_revision', 'revert_cascade']);
const maker = new KeyMaker();

export class Feeder {
  readonly #sink: EntrySink;
  readonly #baseOf: (ghostId: string) => number | undefined;
  readonly #below = new Ancestors();

  /** `baseOf` tells the trunk revision that a ghost stands on, as long as it is known. */
  constructor(sink: EntrySink, baseOf: (ghostId: string) => number | undefined) {
    this.#sink = sink;
    this.#baseOf = baseOf;
  }

  feed(recorded: Recorded): void {
    const { proposal, effects } = recorded;
    const { position, command } = proposal;
    if (effects.rejected) return;
    const made = madeOf(recorded);
    if (made !== null) {
      for (const { marks, reads } of made.parts) {
        for (const mark of marks) this.#mark(made.layer, mark, made.at, position);
        for (const read of reads) this.#read(read, position);
      }
      this.#below.tell(this.#sink, position);
      this.#add(ghostKey('diff', made.layer), made.at, position);
      for (const revision of made.undoneRevisions) this.#add(undoneKey(revision), made.at, position);
    }
    // Most are plain publishes, which no ghost's story tells of.
    if (publishKinds.has(command.kind) && effects.refusal === null) return;
    for (const { ghostId, transition } of eventsOf(proposal, effects, null)) {
      if (transition === null || !storied.has(transition.kind)) continue;
      this.#add(ghostKey('story', ghostId), position, position);
      const parentId = transition.begun?.parentId ?? '';
      if (parentId !== '') this.#add(ghostKey('child', parentId), transition.sequence, position);
    }
  }

  #mark(layer: string, { path, kind }: Mark, at: number, position: number): void {
    maker.begin(layer);
    for (const segment of path) maker.enter(segment);
    this.#made(kind, at, position);
  }

  #read({ path, revision, extent, ghostId = '', sequence = 0 }: BasisEntry, position: number): void {
    const kind = extent === 'subtree' ? 'read_subtree' : 'read';
    if (ghostId === '') {
      this.#readIn('', path, revision, kind, position);
      return;
    }
    this.#readIn(ghostId, path, sequence, kind, position);
    // What nobody has written in the ghost is seen on the trunk that it stands on.
    this.#readIn('', path, this.#baseOf(ghostId) ?? revision, kind, position);
  }

  #readIn(layer: string, path: readonly string[], at: number, kind: EntryKind, position: number): void {
    maker.begin(layer);
    for (let depth = 0; depth < path.length; depth += 1) {
      if (depth > 0) {
        maker.make('read_below');
        this.#below.note(maker.high, maker.low, at);
      }
      maker.enter(path[depth] as string);
    }
    this.#made(kind, at, position);
  }

  #made(kind: EntryKind, at: number, position: number): void {
    maker.make(kind);
    this.#sink.add(maker.high, maker.low, at, position);
  }

  #add({ high, low }: Key, at: number, position: number): void {
    this.#sink.add(high, low, at, position);
  }
}
