/** Owners of ghosts with gates, and their reviewers. */
import { create } from '@bufbuild/protobuf';
import { type Gate, GateSchema } from '../../src/gen/hyperloom/v1/gate_pb.ts';
import type { Ghost } from '../../src/gen/hyperloom/v1/ghost_pb.ts';
import { ReviewDecision, type ReviewResponse } from '../../src/gen/hyperloom/v1/review_service_pb.ts';
import { putText, type Refusal, refusalOf, type TestBroker } from './broker.ts';

export function reviewedBy(reviewer: string): Gate {
  return create(GateSchema, { kind: { case: 'review', value: { reviewer } } });
}

export function limitedTo(limit: { patterns?: string[]; operationsMax?: bigint; bytesMax?: bigint }): Gate {
  return create(GateSchema, { kind: { case: 'limit', value: limit } });
}

/** A decision; about the ghost as it is now where no edition is named. */
export interface Decision {
  readonly reviewer?: string;
  readonly edition?: bigint;
  readonly reason?: string;
  readonly requestId?: string;
}

/** What owners and reviewers do at one broker. */
export class Reviewing {
  readonly #broker: TestBroker;

  constructor(broker: TestBroker) {
    this.#broker = broker;
  }

  /** A ghost with gates, and one diff in it. */
  async begin(path: string, gates: readonly Gate[]): Promise<string> {
    const { context } = this.#broker;
    const { ghost } = await context.beginGhost({ gates: [...gates], author: 'owner' });
    const ghostId = ghost?.id ?? '';
    await context.publish({ ghostId, operations: [putText(path, 'draft')], author: 'owner' });
    return ghostId;
  }

  async standing(ghostId: string): Promise<Ghost> {
    const { ghost } = await this.#broker.context.getGhost({ ghostId });
    if (ghost === undefined) throw new Error('no ghost');
    return ghost;
  }

  approve(ghostId: string, more: Decision = {}): Promise<ReviewResponse> {
    return this.#decide(ghostId, ReviewDecision.APPROVE, more);
  }

  reject(ghostId: string, more: Decision = {}): Promise<ReviewResponse> {
    return this.#decide(ghostId, ReviewDecision.REJECT, more);
  }

  /** Resolves once the ghost's commit is asked for. */
  async asked(ghostId: string): Promise<void> {
    for (;;) {
      const { reviews } = await this.#broker.reviews.listReviews({});
      if (reviews.some(({ ghost }) => ghost?.id === ghostId)) return;
    }
  }

  /** A commit that is on its way, and its refusal should it be refused. */
  commit(ghostId: string, more: { requestId?: string; label?: string } = {}) {
    const call = this.#broker.context.commit({ ghostId, author: 'owner', ...more });
    const refused: Promise<Refusal> = refusalOf(call);
    refused.catch(() => undefined);
    return { call, refused };
  }

  async #decide(ghostId: string, decision: ReviewDecision, more: Decision): Promise<ReviewResponse> {
    const { reviewer = 'ada', reason = 'read it', requestId = '' } = more;
    const edition = more.edition ?? (await this.standing(ghostId)).edition;
    return this.#broker.reviews.review({ ghostId, reviewer, edition, decision, reason, requestId });
  }
}
