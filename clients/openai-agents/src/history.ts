/**
 * A session's items in the tree: read, append, pop, clear, with as many writers as there may be. `head` says how many items there are, and every
 * write goes by what the head was: whoever comes second reads again and writes behind the other. So nothing is lost, the items of one `append` stay
 * together, and an item is popped once.
 */
import {
  Ghost,
  NotFoundError,
  operation,
  precondition,
  PreconditionFailedError,
  ResourceExhaustedError,
  type Json,
  type Node,
  type Operation,
  type Precondition,
} from '@hyperloom/client';
import type { BrokerVerbs } from '@hyperloom/client/adapters';
import { UserError } from '@openai/agents';
import { SessionError } from './errors.ts';
import { attemptsMax, diffBytesMax, itemsPerDiffMax, itemsPerReadMax } from './limits.ts';
import { itemName } from './names.ts';

/** How many items there are, and which state of the head's node says so. */
interface Head {
  readonly count: number;
  /** The trunk revision that made it; 0 in a ghost, or where there is none. */
  readonly revision: number;
  /** 0: there is no head yet. */
  readonly version: number;
}

const noHead: Head = { count: 0, revision: 0, version: 0 };

/** The newest items as they were at one revision. */
interface Newest {
  readonly head: Head;
  readonly nodes: readonly Node[];
  readonly revision: number;
}

export class History {
  readonly #verbs: BrokerVerbs;
  readonly #path: string;
  readonly #headPath: string;
  // As it was last seen, so that most calls need no read of their own. Wrong knowledge costs one attempt.
  #known: Head | undefined;

  constructor(verbs: BrokerVerbs, path: string) {
    this.#verbs = verbs;
    this.#path = path;
    this.#headPath = `${path}/head`;
  }

  /** All items, or the newest, oldest first, all at one revision. */
  async read(limit: number | undefined): Promise<readonly Node[]> {
    if (limit === undefined) return this.#all();
    if (!(limit > 0)) return [];
    const wanted = Math.floor(limit);
    const { head, nodes, revision } = await this.#newest(Math.min(wanted, itemsPerReadMax));
    const start = Math.max(0, head.count - wanted);
    return [...(await this.#range(start, head.count - nodes.length, revision)), ...nodes];
  }

  /** Adds items at the end: in one diff, where that holds them. */
  async append(items: readonly Json[]): Promise<void> {
    for (const batch of batchesOf(items))
      await this.#change(
        (head) => this.#added(batch, head),
        (head) => head.count + batch.length,
        'add items',
      );
  }

  /** Takes the newest item away and returns it. */
  async pop(): Promise<Node | undefined> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const { head, nodes } = await this.#newest(1);
      if (head.count === 0) return undefined;
      const count = head.count - 1;
      // One that something else has deleted is not there to be returned: what is before it is the newest then.
      const operations = nodes.map(({ path }) => operation.delete(path));
      operations.push(operation.put(this.#headPath, { count }));
      const popped = await this.#publish(head, operations, count, 'pop an item');
      if (popped && nodes[0] !== undefined) return nodes[0];
    }
    throw this.#contended();
  }

  /** Puts these items where the old ones were, in one diff. The head stays: whoever is about to write must notice. */
  async replace(items: readonly Json[]): Promise<void> {
    if (batchesOf(items).length > 1)
      throw new UserError(`${items.length} items are too much to put in one step: add them in parts`);
    const operations = [operation.delete(`${this.#path}/items`), ...this.#added(items, noHead)];
    const label = items.length === 0 ? 'clear the session' : 'replace items';
    await this.#change(
      () => operations,
      () => items.length,
      label,
    );
  }

  async #all(): Promise<readonly Node[]> {
    try {
      return await this.#verbs.list(`${this.#path}/items`, { pageSize: 10_000 }).all();
    } catch (error) {
      if (error instanceof NotFoundError && error.reason === 'NODE_NOT_FOUND') return [];
      throw error;
    }
  }

  async #change(
    build: (head: Head) => readonly Operation[],
    countAfter: (head: Head) => number,
    label: string,
  ): Promise<void> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const head = this.#known ?? this.#headOf(await this.#verbs.find(this.#headPath));
      if (await this.#publish(head, build(head), countAfter(head), label)) return;
    }
    throw this.#contended();
  }

  /** Whether it took effect. False: somebody else has written since. */
  async #publish(
    head: Head,
    operations: readonly Operation[],
    count: number,
    label: string,
  ): Promise<boolean> {
    this.#known = undefined;
    try {
      const preconditions = [this.#unchanged(head)];
      const { revision } = await this.#verbs.publish(operations, { preconditions, label });
      this.#note({ count, revision, version: 1 });
      return true;
    } catch (error) {
      if (error instanceof PreconditionFailedError) return false;
      throw error;
    }
  }

  #note(head: Head): void {
    // A ghost that is rewound counts its versions anew: there the same one may be of another head.
    if (!this.#isGhost) this.#known = head;
  }

  /** Holds as long as nobody has written to the session since. */
  #unchanged({ revision, version }: Head): Precondition {
    if (revision > 0) return precondition.modifiedRevision(this.#headPath, revision);
    return version > 0 ? precondition.version(this.#headPath, version) : precondition.absent(this.#headPath);
  }

  /** Head and newest items, as they were at one revision. */
  async #newest(limit: number): Promise<Newest> {
    let count = limit;
    let known = this.#known ?? this.#headOf(await this.#verbs.find(this.#headPath));
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      const paths = this.#itemPaths(Math.max(0, known.count - count), known.count);
      let read;
      try {
        read = await this.#verbs.batchGet([this.#headPath, ...paths]);
      } catch (error) {
        // Larger than one answer may be.
        if (!(error instanceof ResourceExhaustedError) || count === 1) throw error;
        count = Math.max(1, Math.floor(count / 2));
        continue;
      }
      const [first, ...nodes] = read.nodes;
      const head = this.#headOf(first?.path === this.#headPath ? first : undefined);
      if (head.count === known.count) {
        this.#note(head);
        return { head, nodes, revision: read.revision };
      }
      known = head;
    }
    throw this.#contended();
  }

  /** Items by number, as they were at a revision. A ghost has no other writer, as a rule, and no revisions. */
  async #range(start: number, end: number, revision: number): Promise<readonly Node[]> {
    const options = this.#isGhost ? {} : { atRevision: revision };
    const nodes: Node[] = [];
    let size = itemsPerReadMax;
    for (let at = start; at < end;) {
      const paths = this.#itemPaths(at, Math.min(at + size, end));
      try {
        nodes.push(...(await this.#verbs.batchGet(paths, options)).nodes);
        at += paths.length;
      } catch (error) {
        if (!(error instanceof ResourceExhaustedError) || size === 1) throw error;
        size = Math.max(1, Math.floor(size / 2));
      }
    }
    return nodes;
  }

  get #isGhost(): boolean {
    return this.#verbs instanceof Ghost;
  }

  #headOf(node: Node | undefined): Head {
    if (node === undefined) return noHead;
    const { value, modifiedRevision, version } = node;
    const count = typeof value === 'object' && value !== null && 'count' in value ? value.count : undefined;
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
      throw new SessionError(
        `${this.#headPath} holds no head of a session: something else was put there; delete ${this.#path}`,
      );
    return { count, revision: this.#isGhost ? 0 : modifiedRevision, version };
  }

  #added(items: readonly Json[], head: Head): readonly Operation[] {
    const puts = items.map((item, index) => operation.put(this.#itemPath(head.count + index), item));
    return [...puts, operation.put(this.#headPath, { count: head.count + items.length })];
  }

  #itemPaths(start: number, end: number): readonly string[] {
    return Array.from({ length: end - start }, (_, index) => this.#itemPath(start + index));
  }

  #itemPath(number: number): string {
    return `${this.#path}/items/${itemName(number)}`;
  }

  #contended(): SessionError {
    return new SessionError(
      `others wrote to the session at ${this.#path} ${attemptsMax} times before this could: try again, or give each agent a session of its own`,
    );
  }
}

/** Items cut into what one diff can hold. */
function batchesOf(items: readonly Json[]): readonly (readonly Json[])[] {
  const batches: Json[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(item.text);
    const last = batches.at(-1);
    bytes += size;
    if (last === undefined || last.length === itemsPerDiffMax || bytes > diffBytesMax) {
      batches.push([item]);
      bytes = size;
    } else last.push(item);
  }
  return batches;
}
