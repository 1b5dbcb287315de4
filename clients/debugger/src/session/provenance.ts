/** Who knew what, bounded to what a panel shows. */
import type { CascadeReport, Client, DerivedPublish, SeenNode } from '../../../typescript/src/browser.ts';
import { sumMeters, type AgentMeter } from '../model/meter.ts';

/** Entries asked for: a panel of more is not read. */
const entriesAsked = 100;

/** A part of an answer, and whether there is more. */
export interface Traced<Entry> {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
}

export class Provenance {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** What the author of a revision had read, as it was seen then. */
  async upstream(path: string, revision: number, signal: AbortSignal): Promise<Traced<SeenNode>> {
    const { value: page } = await this.#client
      .traceUpstream(revision, { path, pageSize: entriesAsked, signal })
      .pages()
      .next();
    return { entries: page?.items ?? [], hasMore: (page?.nextPageToken ?? '') !== '' };
  }

  /** Who has used what a revision wrote here, through any number of agents. */
  async downstream(path: string, revision: number, signal: AbortSignal): Promise<Traced<DerivedPublish>> {
    const { value: page } = await this.#client
      .traceDownstream(revision, { path, pageSize: entriesAsked, signal })
      .pages()
      .next();
    return { entries: page?.items ?? [], hasMore: (page?.nextPageToken ?? '') !== '' };
  }

  /** What each agent has published, read and been rendered, next to what the whole history would have been. */
  async meters(signal: AbortSignal): Promise<readonly AgentMeter[]> {
    const { meters } = await this.#client.status({ meters: true, signal });
    return sumMeters(
      meters.map(({ agent, tree, publishes, published, read, rendered, fullHistory, price }) => ({
        agent,
        tree,
        publishes,
        published: published.tokens,
        read: read.tokens,
        rendered: rendered.tokens,
        fullHistory: fullHistory.tokens,
        price: price.contextCached,
        fullHistoryPrice: price.fullHistoryCached,
      })),
    );
  }

  /** What taking back a revision with all that was derived from it would do. Changes nothing. */
  async report(revision: number, signal: AbortSignal): Promise<CascadeReport> {
    const { cascade } = await this.#client.revertRevision(revision, '', { cascade: 'report', signal });
    if (cascade === undefined) throw new Error('this broker does not tell what was derived from a revision');
    return cascade;
  }

  /** Takes a revision back with all that was derived from it. */
  async cascade(revision: number, reason: string): Promise<void> {
    await this.#client.revertRevision(revision, reason, { cascade: 'all' });
  }
}
