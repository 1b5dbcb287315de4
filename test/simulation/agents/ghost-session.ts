/** One ghost in the hands of its worker: what it has staged, what it was told, and what must therefore be true. */
import type { MessageInitShape } from '@bufbuild/protobuf';

import { ContextService } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import type { BeginGhostRequestSchema } from '../../../src/gen/hyperloom/v1/context_service_pb.ts';
import { CallFailure } from '../call.ts';
import type { Client, WriteNote } from '../client.ts';
import type { GhostRecord } from '../history.ts';
import { textOf } from '../model.ts';
import { putText } from '../requests.ts';

const { method } = ContextService;

/** How a ghost is to be begun, where it is not as usual. */
export type BeginInit = Pick<
  Exclude<MessageInitShape<typeof BeginGhostRequestSchema>, { $typeName: string }>,
  'baseRevision' | 'parentGhostId' | 'parentEdition' | 'gates' | 'race'
>;

/** A crash may take an unfinished speculation, or the newest of it; an expiry takes one whose worker was cut off. */
const ghostIsGone: ReadonlySet<string> = new Set([
  'GHOST_NOT_FOUND',
  'GHOST_OVER',
  'GHOST_INTERRUPTED',
  'CHECKPOINT_NOT_FOUND',
]);

/** Works until it is refused. `expected`: reasons beside those that end any ghost. */
export async function untilRefused(
  client: Client,
  expected: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CallFailure)) throw error;
    const isExpected = error.isUnknown || ghostIsGone.has(error.reason) || expected.includes(error.reason);
    client.expect(
      'no bug',
      isExpected,
      () => `a ghost's worker was refused: ${error.reason} ${error.message}`,
    );
  }
}

export class GhostSession {
  readonly record: GhostRecord;
  readonly #client: Client;
  /** Where it writes: the places of one number are written by few others. */
  readonly #place: string;
  /** The edition that its worker was told last. */
  #edition: bigint;
  #checkpointAt = -1;

  private constructor(client: Client, record: GhostRecord, edition: bigint, place: string) {
    this.#client = client;
    this.record = record;
    this.#edition = edition;
    this.#place = place;
  }

  static async begin(client: Client, wanted: BeginInit, place: string): Promise<GhostSession> {
    const request = { ttl: { seconds: 1n, nanos: 0 }, author: client.name, ...wanted };
    const { ghost } = await client.ask(method.beginGhost, {
      ...request,
      requestId: `ghost ${client.token()}`,
    });
    const limit = (wanted.gates ?? []).find((gate) => gate.kind?.case === 'limit')?.kind?.value;
    const record: GhostRecord = {
      client: client.name,
      ghostId: ghost?.id ?? '',
      baseRevision: Number(ghost?.baseRevision ?? 0n),
      race: wanted.race?.id ?? '',
      operationsMax: Number(
        limit !== undefined && 'operationsMax' in limit ? (limit.operationsMax ?? 0n) : 0n,
      ),
      isReviewed: (wanted.gates ?? []).some((gate) => gate.kind?.case === 'review'),
      kept: [],
      dropped: [],
      rewinds: 0,
      end: 'unknown',
      commitRequestId: '',
    };
    // A child's work is its parent's: the checks look at what reaches the trunk.
    if ((wanted.parentGhostId ?? '') === '') client.history.ghosts.push(record);
    return new GhostSession(client, record, ghost?.edition ?? 0n, place);
  }

  get ghostId(): string {
    return this.record.ghostId;
  }

  get hasCheckpoint(): boolean {
    return this.#checkpointAt >= 0;
  }

  /** The edition that an answer told. */
  learn(edition: bigint): void {
    if (edition !== 0n) this.#edition = edition;
  }

  async stage(): Promise<void> {
    const client = this.#client;
    const token = client.token();
    const operations = [putText(`${this.#place}/a`, token), putText(`${this.#place}/b`, token)];
    const requestId = `staged ${token}`;
    const request = {
      ghostId: this.ghostId,
      operations,
      requestId,
      author: client.name,
      edition: this.#edition,
    };
    // It counts as staged from when it is asked for: whoever is refused works in this ghost no more.
    this.record.kept.push(token);
    this.learn((await client.ask(method.publish, request)).edition);
  }

  /** What it reads must be what it staged last. A crash may have taken that; then the read is refused. */
  async readBack(): Promise<void> {
    const paths = [`${this.#place}/a`, `${this.#place}/b`];
    const view = { ghostId: this.ghostId, edition: this.#edition };
    const { nodes } = await this.#client.ask(method.batchGet, { paths, view });
    const texts = nodes.map(({ value }) => textOf(value));
    const newest = this.record.kept.at(-1);
    if (newest === undefined) return;
    const isOwn = texts.length === 2 && texts.every((text) => text === newest);
    const what = (): string =>
      `ghost ${this.ghostId} shows ${texts.join(' and ')} where ${newest} was staged last`;
    this.#client.expect('isolated', isOwn, what);
  }

  async checkpoint(): Promise<void> {
    const requestId = `checkpoint ${this.#client.token()}`;
    const request = { ghostId: this.ghostId, name: 'here', requestId, edition: this.#edition };
    this.learn((await this.#client.ask(method.checkpoint, request)).edition);
    this.#checkpointAt = this.record.kept.length;
  }

  async rewind(): Promise<void> {
    const target = { case: 'rewind' as const, value: { ghostId: this.ghostId, checkpoint: 'here' } };
    const requestId = `rewind ${this.#client.token()}`;
    const { edition } = await this.#client.ask(method.revert, { target, reason: 'tried again', requestId });
    this.learn(edition);
    this.record.rewinds += 1;
    this.#wentBack();
  }

  /** A reviewer's rejection has taken it back. */
  wasRejected(): void {
    this.#wentBack();
  }

  /** A ghost in this one, committed into it or dropped. */
  async workInChild(): Promise<void> {
    const client = this.#client;
    const wanted = { parentGhostId: this.ghostId, parentEdition: this.#edition };
    const child = await GhostSession.begin(client, wanted, this.#place);
    for (let count = 1 + client.below(2); count > 0; count -= 1) await child.stage();
    await child.readBack();
    if (client.below(3) === 0) {
      await child.revert();
      return;
    }
    const requestId = `commit ${client.token()}`;
    const request = { ghostId: child.ghostId, requestId, author: client.name, edition: child.#edition };
    this.record.kept.push(...child.record.kept);
    this.learn((await client.ask(method.commit, request)).parentEdition);
  }

  async revert(): Promise<void> {
    const target = { case: 'ghostId' as const, value: this.ghostId };
    const requestId = `revert ${this.#client.token()}`;
    await this.#client.ask(method.revert, { target, reason: 'no use', requestId });
    this.record.end = 'reverted';
  }

  /** Commits. The reason of a refusal, or an empty text; `undefined` where nobody knows. */
  async commit(patience: Pick<WriteNote, 'timeoutMs' | 'attemptsMax'> = {}): Promise<string | undefined> {
    const client = this.#client;
    const { record } = this;
    record.commitRequestId = `commit ${client.token()}`;
    const requestId = record.commitRequestId;
    const request = { ghostId: this.ghostId, requestId, author: client.name, edition: this.#edition };
    const note = { requestId, tokens: [...record.kept], ghostId: this.ghostId, ...patience };
    const done = await client.write(method.commit, request, note, ({ revision }) => revision);
    if (done !== undefined) record.end = 'committed';
    const told = client.history.writes.findLast((write) => write.requestId === requestId);
    return told?.completedMs === Infinity ? undefined : told?.refusal;
  }

  #wentBack(): void {
    this.record.dropped.push(...this.record.kept.splice(Math.max(0, this.#checkpointAt)));
  }
}
