/** A forest of a broker in which agents say what they have read: verbs in short form. */
import { Cascade, type CascadeReport } from '../../src/gen/hyperloom/v1/cascade_pb.ts';
import type { Ghost } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import type { CommitResponse, RevertResponse } from '../../src/gen/hyperloom/v1/context_service_pb.ts';
import { BasisExtent, type Operation } from '../../src/gen/hyperloom/v1/operation_pb.ts';
import { expect } from 'vitest';
import { text } from './broker.ts';
import type { TestBroker } from './broker.ts';

let forests = 0;

/** A new one. */
export async function newForest(broker: TestBroker): Promise<ReadingForest> {
  forests += 1;
  const forest = `cascade_${forests}`;
  await broker.forests.createForest({ name: forest });
  return new ReadingForest(broker, forest);
}

/** What somebody has read, and who it is. */
export interface More {
  readonly reads?: readonly string[];
  readonly subtrees?: readonly string[];
  readonly ghostId?: string;
  readonly author?: string;
}

export class ReadingForest {
  readonly forest: string;
  readonly #broker: TestBroker;

  constructor(broker: TestBroker, forest: string) {
    this.#broker = broker;
    this.forest = forest;
  }

  /** Publishes, with what was read as of now. */
  async publish(operations: readonly Operation[], more: More = {}): Promise<bigint> {
    const { reads = [], subtrees = [], ghostId = '', author = 'agent' } = more;
    const revision = await this.newest();
    const basis = [
      ...reads.map((path) => ({ path, revision, extent: BasisExtent.NODE })),
      ...subtrees.map((path) => ({ path, revision, extent: BasisExtent.SUBTREE })),
    ];
    const { forest } = this;
    const published = await this.#broker.context.publish({
      forest,
      operations: [...operations],
      basis,
      ghostId,
      author,
    });
    return published.revision;
  }

  async newest(): Promise<bigint> {
    return (await this.#broker.context.list({ forest: this.forest, path: '/' })).revision;
  }

  async cascade(
    revision: bigint,
    more: { requestId?: string; reason?: string } = {},
  ): Promise<RevertResponse> {
    return this.#broker.context.revert({
      ...this.#target(revision),
      cascade: Cascade.ALL,
      author: 'judge',
      ...more,
    });
  }

  async report(revision: bigint): Promise<CascadeReport | undefined> {
    const told = await this.#broker.context.revert({ ...this.#target(revision), cascade: Cascade.REPORT });
    expect(told.revision).toBe(0n);
    return told.cascade;
  }

  /** All values, as texts by path. */
  async tree(): Promise<Record<string, string>> {
    const { nodes } = await this.#broker.context.list({ forest: this.forest, path: '/', depth: 0 });
    const values: Record<string, string> = {};
    for (const { path, value } of nodes) {
      const kind = value?.kind;
      if (kind?.case === 'text') values[path] = kind.value;
      else if (kind?.case === 'json') values[path] = text(kind.value);
    }
    return values;
  }

  async begin(author = 'agent'): Promise<string> {
    const { ghost } = await this.#broker.context.beginGhost({ forest: this.forest, author });
    return ghost?.id ?? '';
  }

  commit(
    ghostId: string,
    basis: { path: string; revision: bigint; extent: BasisExtent }[] = [],
  ): Promise<CommitResponse> {
    return this.#broker.context.commit({ forest: this.forest, ghostId, basis });
  }

  async ghost(ghostId: string): Promise<Ghost | undefined> {
    return (await this.#broker.context.getGhost({ forest: this.forest, ghostId })).ghost;
  }

  #target(revision: bigint): { forest: string; target: { case: 'revision'; value: bigint } } {
    return { forest: this.forest, target: { case: 'revision', value: revision } };
  }
}
