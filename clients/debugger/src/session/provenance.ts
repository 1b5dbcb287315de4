/** Who knew what, bounded to what a panel shows. */
import { createClient, type Client as ConnectClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import type { Client, DerivedPublish, SeenNode } from '../../../typescript/src/browser.ts';
import { Cascade } from '../../../typescript/src/gen/hyperloom/v1/cascade_pb.ts';
import { ContextService } from '../../../typescript/src/gen/hyperloom/v1/context_service_pb.ts';
import { sumMeters, type AgentMeter } from '../model/meter.ts';

/** Entries asked for: a panel of more is not read. */
const entriesAsked = 100;

/** What taking back a revision with its consequences would do. */
export interface CascadeReport {
  readonly undone: readonly {
    readonly revision: number;
    readonly author: string;
    readonly label: string;
    readonly hops: number;
  }[];
  readonly undoneTotal: number;
  readonly staying: readonly { readonly path: string; readonly revision: number }[];
  readonly stayingTotal: number;
  readonly ghostsTotal: number;
}

/** A part of an answer, and whether there is more. */
export interface Traced<Entry> {
  readonly entries: readonly Entry[];
  readonly hasMore: boolean;
}

export class Provenance {
  readonly #client: Client;
  readonly #context: ConnectClient<typeof ContextService>;

  /** `baseUrl`: cascades are asked for with the API's own messages, which the client has no verb for. */
  constructor(client: Client, baseUrl: string) {
    const transport = createConnectTransport({ baseUrl, useBinaryFormat: true });
    this.#client = client;
    this.#context = createClient(ContextService, transport);
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
    const target = { case: 'revision', value: BigInt(revision) } as const;
    const request = { forest: this.#client.forest, target, cascade: Cascade.REPORT };
    const { cascade } = await this.#context.revert(request, { signal });
    return {
      undone: (cascade?.undone ?? []).map(({ revision, author, label, hops }) => ({
        revision: Number(revision),
        author,
        label,
        hops,
      })),
      undoneTotal: Number(cascade?.undoneTotal ?? 0),
      staying: (cascade?.notUndone ?? []).map(({ path, revision }) => ({ path, revision: Number(revision) })),
      stayingTotal: Number(cascade?.notUndoneTotal ?? 0),
      ghostsTotal: Number(cascade?.ghostsTotal ?? 0),
    };
  }

  /** Takes a revision back with all that was derived from it. */
  async cascade(revision: number, reason: string, author: string): Promise<void> {
    const target = { case: 'revision', value: BigInt(revision) } as const;
    await this.#context.revert({
      forest: this.#client.forest,
      target,
      reason,
      author,
      cascade: Cascade.ALL,
    });
  }
}
