/** Writes what happened in a tree as the lines of a file. */
import { operation, type Client, type Event, type Operation } from '../api.ts';
import { RunProblem } from './problem.ts';
import { digestOf, valuesOf, type Hash } from './digest.ts';
import { formatName, formatVersion, type EventLine, type HeadLine, type RunLine } from './format.ts';
import { lineText } from './line-json.ts';
import { operationOf, putOf } from './operation-json.ts';
import { isIn, within } from './tree.ts';
import { schemaLines } from './schema-lines.ts';

export interface ExportOptions {
  /** `/` for the whole forest. */
  readonly tree: string;
  /** Begins behind this revision, with what was there then. 0: with the first one that is left. */
  readonly from: number;
  /** Revisions that people say were mistakes, each with why. */
  readonly mistakes: ReadonlyMap<number, string>;
  /** A fresh SHA-256. */
  readonly sha256: () => Hash;
}

/** What was written. */
export interface Exported {
  readonly tree: string;
  readonly from: number;
  readonly until: number;
  readonly lines: number;
  readonly events: number;
  readonly ghosts: number;
  readonly nodes: number;
}

/** Nodes that a copy from elsewhere may bring in one line: what one diff may hold. */
const copiedNodesMax = 10_000;
const pageSize = 1_000;

export class RunExport {
  readonly #client: Client;
  readonly #options: ExportOptions;
  /** Ghosts that are in the file, by what they stand on. */
  readonly #ghosts = new Map<string, number>();
  readonly #unmarked: Set<number>;
  #from = 0;
  /** Where a ghost was committed into another: that tells what came into it as staged there, which the commit brings again. */
  #committedInto = 0;
  #lines = 0;
  #events = 0;
  #ghostCount = 0;
  #result: Exported | undefined;

  constructor(client: Client, options: ExportOptions) {
    this.#client = client;
    this.#options = options;
    this.#unmarked = new Set(options.mistakes.keys());
  }

  /** What was written, once all lines were read. */
  get result(): Exported {
    if (this.#result === undefined) throw new TypeError('the lines were not read to their end');
    return this.#result;
  }

  /** The lines, each with its end. */
  async *lines(): AsyncGenerator<string, void, void> {
    const { tree } = this.#options;
    const { position, forest } = await this.#client.status();
    const [from, until] = [this.#beginning(forest.compactedRevision, forest.revision), forest.revision];
    this.#from = from;
    const head: HeadLine = {
      kind: 'head',
      format: formatName,
      version: formatVersion,
      forest: forest.name,
      tree,
      from,
      until,
    };
    yield lineText(head);
    for await (const line of this.#body(from, until, position)) {
      this.#lines += 1;
      yield lineText(line);
    }
    for (const revision of this.#unmarked)
      throw new RunProblem(`revision ${revision} does nothing in the run`);
    const { nodes, sha256 } =
      until === 0
        ? { nodes: 0, sha256: '' }
        : await digestOf(this.#client, tree, until, this.#options.sha256());
    yield lineText({ kind: 'end', lines: this.#lines, nodes, sha256 });
    const [lines, events, ghosts] = [this.#lines, this.#events, this.#ghostCount];
    this.#result = { tree, from, until, lines, events, ghosts, nodes };
  }

  /** History begins where it was compacted. */
  #beginning(compacted: number, newest: number): number {
    const { from } = this.#options;
    if (from > newest) throw new RunProblem(`there is no revision ${from} yet: the newest is ${newest}`);
    if (from > 0 && from < compacted)
      throw new RunProblem(
        `history before revision ${compacted} was given up: begin with --from ${compacted}`,
      );
    return Math.max(from, compacted);
  }

  async *#body(from: number, until: number, untilPosition: number): AsyncGenerator<RunLine, void, void> {
    const { tree } = this.#options;
    if (from > 0)
      for await (const node of valuesOf(this.#client, tree, from))
        yield { kind: 'node', operation: putOf(node.path, node) };
    const schemas = await schemaLines(this.#client, tree, until);
    const range = {
      untilPosition,
      everything: true,
      pageSize,
      ...(from === 0 ? {} : { afterRevision: from }),
    };
    const touching = tree === '/' ? undefined : await this.#ghostsIn(tree, range);
    let next = 0;
    for await (const event of whole(this.#client.history(range))) {
      // A version is in force for what comes behind its revision.
      for (
        let due = schemas[next];
        due !== undefined && isDue(due.revision, event, from);
        due = schemas[++next]
      )
        yield due;
      const line = await this.#eventLine(event, touching);
      if (line === undefined) continue;
      this.#events += 1;
      yield line;
    }
    yield* schemas.slice(next);
  }

  /** Ghosts that have staged something in the tree. */
  async #ghostsIn(tree: string, range: object): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const { ghostId, transition } of this.#client.history({ ...range, path: tree }))
      if (transition?.kind === 'staged') ids.add(ghostId);
    return ids;
  }

  async #eventLine(event: Event, touching: ReadonlySet<string> | undefined): Promise<EventLine | undefined> {
    const { tree } = this.#options;
    const { ghostId: ghost, transition, revision, time, author, label } = event;
    const happening = { time, author, label };
    if (transition?.kind === 'begun') {
      const scope = transition.ghost?.scope ?? '/';
      if (touching !== undefined && !touching.has(ghost) && !isIn(scope, tree)) return undefined;
      const base = transition.ghost?.baseRevision ?? 0;
      const parent = transition.ghost?.parentGhostId ?? '';
      this.#ghosts.set(ghost, base);
      this.#ghostCount += 1;
      // A wider scope is cut to the tree: nothing else of the ghost is in the file.
      const cut = isIn(scope, tree) ? scope : tree;
      return {
        kind: 'begin',
        ghost,
        scope: cut,
        base,
        parent: this.#ghosts.has(parent) ? parent : '',
        ...happening,
      };
    }
    if (transition !== undefined && this.#ghosts.has(ghost))
      return this.#ghostLine(event, transition, happening);
    // Of ghosts that began before the run, what reached the trunk is a diff like any other.
    if (revision === 0) return undefined;
    const operations = await this.#operations(event);
    if (operations.length === 0) return undefined;
    const [reverts, mistake] = [event.revertedRevision, this.#mark(revision)];
    return { kind: 'publish', revision, reverts, mistake, basis: event.basis, operations, ...happening };
  }

  async #ghostLine(
    event: Event,
    { kind, checkpoint, reason, sequence }: NonNullable<Event['transition']>,
    happening: Pick<Event, 'time' | 'author' | 'label'>,
  ): Promise<EventLine | undefined> {
    const { ghostId: ghost, revision, basis, position } = event;
    switch (kind) {
      case 'staged': {
        if (position === this.#committedInto) return undefined;
        const operations = await this.#operations(event);
        return operations.length === 0
          ? undefined
          : { kind: 'stage', ghost, sequence, basis, operations, ...happening };
      }
      case 'checkpointed':
        return { kind: 'checkpoint', ghost, name: checkpoint, ...happening };
      case 'rewound':
        return { kind: 'rewind', ghost, checkpoint, reason, ...happening };
      case 'reverted':
        this.#ghosts.delete(ghost);
        return { kind: 'revert', ghost, reason, ...happening };
      case 'expired':
        this.#ghosts.delete(ghost);
        return { kind: 'expire', ghost, reason: 'its owner went away', ...happening };
      case 'committed':
        this.#ghosts.delete(ghost);
        if (revision === 0) this.#committedInto = position;
        return { kind: 'commit', ghost, revision, mistake: this.#mark(revision), ...happening };
      // Who waited and who approved is not played again.
      case 'begun':
      case 'commit_requested':
      case 'approved':
        return undefined;
    }
  }

  /** Why people say that a revision was the mistake. */
  #mark(revision: number): string | undefined {
    this.#unmarked.delete(revision);
    return this.#options.mistakes.get(revision);
  }

  /** What an event did in the tree. What was copied from outside, or from before the run, is put as it was. */
  async #operations({ changes, revision, ghostId }: Event): Promise<readonly Operation[]> {
    const { tree } = this.#options;
    const all: Operation[] = [];
    for (const change of changes) {
      const inside = within(operationOf(change), tree);
      if (inside === undefined) continue;
      if (inside.kind !== 'copy' || this.#isKnown(inside)) all.push(inside);
      else
        all.push(
          ...(await this.#copied(inside, revision > 0 ? revision - 1 : (this.#ghosts.get(ghostId) ?? 0))),
        );
    }
    return all;
  }

  #isKnown({ source, sourceRevision }: Operation & { readonly kind: 'copy' }): boolean {
    return (
      source !== '' &&
      isIn(source, this.#options.tree) &&
      (sourceRevision === 0 || sourceRevision >= this.#from)
    );
  }

  async #copied(copy: Operation & { readonly kind: 'copy' }, before: number): Promise<readonly Operation[]> {
    const { source, path, sourceRevision } = copy;
    if (source === '')
      throw new RunProblem(
        `${path} was copied from where you may not read: what it became is not to be told`,
      );
    const operations: Operation[] = [operation.delete(path)];
    for await (const node of valuesOf(this.#client, source, sourceRevision === 0 ? before : sourceRevision)) {
      operations.push(putOf(`${path}${node.path.slice(source === '/' ? 0 : source.length)}`, node));
      if (operations.length > copiedNodesMax) throw tooLargeCopy(copy, before + 1);
    }
    return operations;
  }
}

function tooLargeCopy({ path, source }: Operation & { readonly kind: 'copy' }, revision: number): RunProblem {
  return new RunProblem(
    `${path} was copied from ${source}, outside of the run, with more than ${copiedNodesMax} nodes: begin with --from ${revision}`,
  );
}

function isDue(revision: number, event: Event, from: number): boolean {
  return revision <= from || (event.revision > 0 && revision < event.revision);
}

/** Large events come in parts: they are one again. */
async function* whole(events: AsyncIterable<Event>): AsyncGenerator<Event, void, void> {
  let last: Event | undefined;
  for await (const event of events) {
    if (last !== undefined && isPartOf(event, last)) {
      last = {
        ...last,
        changes: [...last.changes, ...event.changes],
        basis: [...last.basis, ...event.basis],
      };
      continue;
    }
    if (last !== undefined) yield last;
    last = event;
  }
  if (last !== undefined) yield last;
}

function isPartOf(event: Event, last: Event): boolean {
  return (
    event.position === last.position &&
    event.revision === last.revision &&
    event.ghostId === last.ghostId &&
    event.transition?.kind === last.transition?.kind
  );
}
