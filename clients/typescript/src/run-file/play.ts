/**
 * Plays a run from a file into a broker: each diff as one by its author, ghosts as ghosts, and each basis at the revisions and ghosts that
 * stand here for those of the file. Diffs whose basis is known are published without waiting for one another.
 */
import type { Client, Operation, Published } from '../api.ts';
import type { BasisEntry } from '../api.ts';
import { RunProblem } from './problem.ts';
import { operationsBytes } from './operation-bytes.ts';
import type {
  BeginLine,
  CommitLine,
  EventLine,
  HeadLine,
  NodeLine,
  PublishLine,
  RunLine,
  SchemaLine,
  StageLine,
} from './format.ts';
import { PlayedGhost, type GhostTrail } from './played-ghost.ts';
import { RevisionMap } from './revision-map.ts';
import { moved } from './tree.ts';

/** What a player works with. */
export interface PlayOptions {
  readonly client: Client;
  readonly head: HeadLine;
  /** The tree to play into. */
  readonly target: string;
  readonly signal: AbortSignal;
  /** Waits until something is due that happened at `time`. */
  readonly pace: (time: Date) => Promise<void>;
}

/** A step that people have marked as the mistake. */
export interface PlayedMistake {
  /** The revision that it made here. */
  readonly revision: number;
  readonly reason: string;
}

/** A diff on its way. */
interface Pending {
  readonly old: number;
  readonly outcome: Promise<Published>;
  readonly mistake: string | undefined;
}

const pendingMax = 128;
// What a diff may hold is 10,000 operations and 16 MiB; beyond, it goes through a ghost, in parts.
const operationsMax = 10_000;
const diffBytesMax = 8 * 1024 * 1024;
const nodesPerDiff = 1_000;

export class RunPlayer {
  readonly mistakes: PlayedMistake[] = [];
  readonly #options: PlayOptions;
  readonly #revisions: RevisionMap;
  readonly #ghosts = new Map<string, PlayedGhost>();
  /** Those that are over: a basis can still name them. */
  readonly #over = new Map<string, GhostTrail>();
  #nodes: Operation[] = [];
  #pending: Pending[] = [];
  /** The newest revision of the file whose outcome is known here. */
  #known: number;
  #newest: number;

  private constructor(options: PlayOptions, startRevision: number) {
    this.#options = options;
    this.#known = options.head.from;
    this.#newest = startRevision;
    this.#revisions = new RevisionMap(options.head.from, startRevision);
  }

  /** Refuses to play into what is there already. */
  static async begin(options: PlayOptions): Promise<RunPlayer> {
    const { client, target } = options;
    const { forest } = await client.status();
    const isThere =
      target === '/'
        ? forest.nodes > 0
        : (await client.find(target, { consistency: 'linearizable' })) !== undefined;
    if (isThere) {
      const what = target === '/' ? `the forest ${forest.name} is not empty` : `${target} is there already`;
      throw new RunProblem(`${what}: play it elsewhere with --as or --forest, or delete it first`);
    }
    return new RunPlayer(options, forest.revision);
  }

  /** The newest revision that the run has made here. */
  get revision(): number {
    return this.#newest;
  }

  async play(line: Exclude<RunLine, { readonly kind: 'end' }>): Promise<void> {
    this.#options.signal.throwIfAborted();
    if (line.kind === 'node') return this.#node(line);
    await this.#flushNodes();
    if (line.kind === 'schema') return this.#schema(line);
    await this.#options.pace(line.time);
    await this.#event(line);
  }

  /** Waits for what is on its way, and ends ghosts that the file leaves open. */
  async finish(): Promise<void> {
    await this.#flushNodes();
    await this.#settle();
    await this.close('it was still open when the run was exported');
  }

  /** Ends the ghosts that are open, children first. */
  async close(reason: string): Promise<void> {
    for (const ghost of [...this.#ghosts.values()].reverse()) await ghost.revert('', reason);
    this.#ghosts.clear();
  }

  async #node({ operation }: NodeLine): Promise<void> {
    this.#nodes.push(this.#moved(operation));
    if (this.#nodes.length >= nodesPerDiff || operationsBytes(this.#nodes) >= diffBytesMax)
      await this.#flushNodes();
  }

  async #flushNodes(): Promise<void> {
    if (this.#nodes.length === 0) return;
    const { client, head } = this.#options;
    const operations = this.#nodes;
    this.#nodes = [];
    const { revision } = await client.publish(operations, {
      basis: [],
      label: `the state at revision ${head.from}`,
    });
    this.#add(head.from, revision);
  }

  async #schema({ name, definition, author, revision: old }: SchemaLine): Promise<void> {
    await this.#settle();
    const { schema, unchanged } = await this.#options.client
      .as({ author })
      .schemas.register(name, definition);
    if (!unchanged && old > this.#known) this.#add(old, schema.revision);
  }

  async #event(line: EventLine): Promise<void> {
    if (line.kind === 'publish') return this.#publish(line);
    // Diffs keep their order on their way; other calls could overtake them.
    if (line.kind !== 'stage') await this.#settle();
    switch (line.kind) {
      case 'begin':
        return this.#begin(line);
      case 'stage':
        return this.#stage(line);
      case 'checkpoint':
        return this.#ghost(line.ghost).checkpoint(line.author, line.name);
      case 'rewind':
        return this.#ghost(line.ghost).rewind(line.author, line.checkpoint, line.reason);
      case 'commit':
        return this.#commit(line);
      case 'revert':
      case 'expire':
        await this.#ghost(line.ghost).revert(line.author, line.reason);
        this.#end(line.ghost);
    }
  }

  async #publish(line: PublishLine): Promise<void> {
    const { revision: old, operations, author, label, reverts, mistake } = line;
    const oldest = Math.max(
      reverts,
      ...line.basis.map((entry) => Math.max(entry.revision, entry.newest ?? 0)),
      ...copied(operations),
    );
    const reaches = Math.min(oldest, old - 1);
    if (reaches > this.#known && this.#pending.some((each) => each.old <= reaches)) await this.#settle();
    const { client } = this.#options;
    const inverted = reverts === 0 ? undefined : this.#revisions.exactly(reverts);
    if (inverted !== undefined) {
      await this.#settle();
      const { revision } = await client.as({ author, trackBasis: false }).revertRevision(inverted, label);
      this.#add(old, revision);
      return;
    }
    const moved = operations.map((each) => this.#moved(each));
    const options = { author, label, basis: this.#basis(line.basis) };
    const isLarge = moved.length > operationsMax || operationsBytes(moved) > diffBytesMax;
    const outcome = isLarge ? this.#publishInParts(moved, author, label) : client.publish(moved, options);
    outcome.catch(() => undefined);
    this.#pending.push({ old, outcome, mistake });
    if (isLarge || this.#pending.length >= pendingMax) await this.#settle();
  }

  /** What is too large for one diff becomes one revision by a ghost. */
  async #publishInParts(operations: readonly Operation[], author: string, label: string): Promise<Published> {
    const verbs = this.#options.client.as({ author, trackBasis: false });
    await using ghost = await verbs.ghost({ label });
    for (const part of parts(operations)) await ghost.publish(part, { basis: [] });
    const { revision } = await ghost.commit({ label });
    return { revision, sequence: 0, repeated: false, edition: 0 };
  }

  async #begin(line: BeginLine): Promise<void> {
    const { client, head, target } = this.#options;
    const { ghost, author, label, base } = line;
    const verbs = client.as({ author, trackBasis: false });
    const parent = this.#ghosts.get(line.parent);
    const scope = moved(line.scope, head.tree, target);
    const told = { scope, label, author };
    const baseRevision = this.#revisions.at(base);
    const handle =
      parent === undefined ? await verbs.ghost({ ...told, baseRevision }) : await parent.begin(author, told);
    this.#ghosts.set(ghost, new PlayedGhost(client, handle, author));
  }

  async #stage({ ghost, sequence, operations, author, label, basis }: StageLine): Promise<void> {
    const moved = operations.map((each) => this.#moved(each));
    const played = this.#ghost(ghost);
    for (const part of parts(moved))
      await played.stage(sequence, part, { author, label, basis: this.#basis(basis) });
  }

  async #commit({ ghost, revision: old, author, label, mistake }: CommitLine): Promise<void> {
    const revision = await this.#ghost(ghost).commit(author, label);
    this.#end(ghost);
    if (old > 0 && revision > 0) this.#add(old, revision);
    if (mistake !== undefined) this.mistakes.push({ revision, reason: mistake });
  }

  #end(id: string): void {
    this.#over.set(id, this.#ghost(id).trail);
    this.#ghosts.delete(id);
  }

  #ghost(id: string): PlayedGhost {
    const ghost = this.#ghosts.get(id);
    if (ghost === undefined) throw new RunProblem(`the ghost ${id} was not begun, or is over`);
    return ghost;
  }

  /** Learns which revisions were made by what is on its way. */
  async #settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const { old, outcome, mistake } of pending) {
      const { revision } = await outcome;
      this.#add(old, revision);
      if (mistake !== undefined) this.mistakes.push({ revision, reason: mistake });
    }
  }

  #add(old: number, revision: number): void {
    this.#revisions.add(old, revision);
    this.#known = Math.max(this.#known, old);
    this.#newest = Math.max(this.#newest, revision);
  }

  #moved(each: Operation): Operation {
    const { head, target } = this.#options;
    const path = moved(each.path, head.tree, target);
    if (each.kind !== 'copy') return { ...each, path };
    const sourceRevision = each.sourceRevision === 0 ? 0 : this.#revisions.at(each.sourceRevision);
    return { ...each, path, source: moved(each.source, head.tree, target), sourceRevision };
  }

  #basis(basis: readonly BasisEntry[]): readonly BasisEntry[] {
    return basis.flatMap((entry) => this.#entry(entry) ?? []);
  }

  /** What was read, as it is called here. What was read in a ghost that is not in the run cannot be. */
  #entry({ path: old, revision, extent, newest, ghostId, sequence = 0 }: BasisEntry): BasisEntry | undefined {
    const { head, target } = this.#options;
    const told = { path: moved(old, head.tree, target), revision: this.#revisions.at(revision), extent };
    if (ghostId === undefined)
      return newest === undefined ? told : { ...told, newest: this.#revisions.at(newest) };
    const ghost = this.#ghosts.get(ghostId)?.trail ?? this.#over.get(ghostId);
    return ghost === undefined
      ? undefined
      : { ...told, ghostId: ghost.id, sequence: ghost.sequenceOf(sequence) };
  }
}

/** Revisions that are copied from. */
function copied(operations: readonly Operation[]): number[] {
  return operations.map((each) => (each.kind === 'copy' ? each.sourceRevision : 0));
}

/** As much as one diff may hold at a time. */
function* parts(operations: readonly Operation[]): Generator<readonly Operation[]> {
  let part: Operation[] = [];
  let bytes = 0;
  for (const each of operations) {
    const size = operationsBytes([each]);
    if (part.length > 0 && (part.length >= operationsMax || bytes + size > diffBytesMax)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(each);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
