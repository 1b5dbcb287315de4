/** A ghost: a speculative branch to work in. Its writes reach the trunk with `commit`, or are gone with `revert`. */
import { create } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import {
  DeadlineExceededError,
  GateRevertedError,
  GhostOverError,
  makeError,
  NotFoundError,
  ReviewRejectedError,
  type HyperloomError,
} from './errors.ts';
import { fence } from './fence.ts';
import { wireGate } from './gate.ts';
import {
  BeginGhostRequestSchema,
  CheckpointRequestSchema,
  CommitIsolation,
  CommitRequestSchema,
  ContextService,
  GetGhostRequestSchema,
  type CommitResponse,
} from './gen/hyperloom/v1/context_service_pb.ts';
import { readCheckpoint, readGhost, type GhostCheckpoint, type GhostInfo } from './ghost-info.ts';
import { diffGhost, type NodeDifference } from './difference.ts';
import { wireBasis } from './basis.ts';
import { GhostBasis } from './ghost-basis.ts';
import type { Kept } from './keeper.ts';
import { wireMigration } from './migration.ts';
import type { CommitOptions, DiffOptions, GhostOptions, InnerGhostOptions } from './options.ts';
import type { Committed, Reverted } from './outcomes.ts';
import { limitsUnder, under, type Ownership } from './ownership.ts';
import type { Paged } from './paged.ts';
import type { OutcomeObserver, Published } from './publish/diff.ts';
import { Outstanding } from './publish/outstanding.ts';
import { race, type Alternative, type RaceOptions, type RaceWon } from './race.ts';
import { revert } from './revert.ts';
import { speculate, type Speculated, type SpeculationIn } from './speculate.ts';
import type { CallLimits } from './transport.ts';
import { Verbs } from './verbs.ts';

/** What to speculate on. */
export type Speculation<Result> = SpeculationIn<Ghost, Result>;

/** Options of `rewind`. */
export interface RewindOptions extends CallLimits {
  /** Default: the newest checkpoint, or the ghost's beginning where there is none. */
  readonly checkpoint?: string | undefined;
  /** Why. The retry can read it. Cut to 4 KiB. */
  readonly reason?: string | undefined;
}

export class Ghost extends Verbs implements AsyncDisposable {
  /** What the broker told when the ghost was begun; `state()` tells what holds now. */
  readonly info: GhostInfo;
  readonly #kept: Kept;
  readonly #basis: GhostBasis | undefined;
  readonly #owned: boolean;
  readonly #onLeaseLost = (): void => this.#end();
  /** Tells the ghost around it which edition that has once this one is committed into it. */
  readonly #onCommitted: (parentEdition: number) => void;
  #over = false;
  /** It ended here, or its lease did: nothing is sent any more. Of an end that a sign of life brought to light the broker can say more. */
  #isClosed = false;
  /** A commit was asked for and waits for reviewers, whether or not anybody here does. */
  #isLeftPending = false;
  #edition: number;
  readonly #outstanding = new Outstanding();

  /** Not for programs: use `client.ghost()`, `ghost.ghost()` or `client.attach()`. */
  constructor(
    connection: Connection,
    agent: Agent,
    info: GhostInfo,
    owned: boolean,
    ownership?: Ownership,
    onCommitted: (parentEdition: number) => void = () => undefined,
  ) {
    super(connection, agent.inGhost(info.id, info.sequence), info.id, ownership);
    this.info = info;
    this.#basis = this.agent.basis instanceof GhostBasis ? this.agent.basis : undefined;
    this.#onCommitted = onCommitted;
    this.#owned = owned;
    this.#isClosed = info.state !== 'live';
    this.#over = this.#isClosed;
    this.#edition = info.edition;
    const { id, ttlMs } = info;
    this.#kept = { kind: 'ghost', forest: agent.forest, id, ttlMs, onOver: () => this.#endElsewhere() };
    // With a lease it lives as long as that does, and ends with it.
    if (owned && info.leaseId === '') connection.keeper.keep(this.#kept);
    ownership?.lost.addEventListener('abort', this.#onLeaseLost);
  }

  /** Its id. */
  get id(): string {
    return this.info.id;
  }

  /** True once it was committed, reverted or has expired, as far as this process knows. */
  get over(): boolean {
    return this.#over;
  }

  protected override get observer(): OutcomeObserver {
    return {
      onPublished: ({ edition, sequence }) => {
        this.#see(edition);
        this.#basis?.staged(sequence);
      },
    };
  }

  protected override get knownEdition(): number {
    return this.#edition;
  }

  override publish(...parameters: Parameters<Verbs['publish']>): Promise<Published> {
    if (this.#isClosed) return Promise.reject(this.#refusal());
    const outcome = super.publish(...parameters).catch((error: unknown) => this.#toldOf(error));
    this.#outstanding.add(outcome);
    return outcome;
  }

  /** Names the present state, to go back to: 1 to 128 bytes, unique in the ghost. */
  async checkpoint(name: string, limits: CallLimits = {}): Promise<GhostCheckpoint> {
    await this.#outstanding.settled();
    const { agent, connection } = this;
    const request = create(CheckpointRequestSchema, {
      forest: agent.forest,
      ghostId: this.id,
      name,
      author: agent.author,
      requestId: connection.nextRequestId(),
      edition: BigInt(this.#edition),
    });
    const response = await connection.caller.unary(ContextService.method.checkpoint, request, limits);
    this.#see(Number(response.edition));
    return response.checkpoint === undefined
      ? { name, sequence: 0, stagedOperations: 0 }
      : readCheckpoint(response.checkpoint);
  }

  /** Goes back to a checkpoint; the ghost lives on. */
  async rewind(options: RewindOptions = {}): Promise<Reverted> {
    await this.#outstanding.settled();
    const value = { ghostId: this.id, checkpoint: options.checkpoint ?? '' };
    const { connection, agent } = this;
    const reverted = await revert(
      connection,
      agent,
      { case: 'rewind', value },
      options.reason ?? '',
      options,
    );
    this.#see(reverted.edition);
    this.#basis?.rewound(reverted.checkpoint?.sequence);
    return reverted;
  }

  /** Drops the ghost and all that is staged in it. */
  async revert(reason = '', limits: CallLimits = {}): Promise<Reverted> {
    await this.#outstanding.settled();
    const target = { case: 'ghostId', value: this.id } as const;
    const reverted = await revert(this.connection, this.agent, target, reason, limits);
    this.#end();
    return reverted;
  }

  /**
   * Replays the staged operations onto the newest trunk (or the parent) as one revision. Throws {@link ConflictError} with the
   * conflicts, path by path, where others have changed the same; the ghost lives on then.
   *
   * Where its gates name reviewers it waits for them, and throws {@link ReviewRejectedError} where one rejects: the ghost is at its last
   * checkpoint then. When `timeoutMs` passes before they have decided, the commit stays asked for, and leaving the ghost's block does not
   * revert it: it happens with the last approval, if that comes within the ghost's ttl.
   */
  async commit(options: CommitOptions = {}): Promise<Committed> {
    await this.#outstanding.settled();
    if (this.#isClosed) throw this.#refusal();
    const { agent, connection, ownership } = this;
    // What was looked at since the last diff is what the decision to commit stands on.
    const basis = this.#basis?.take() ?? [];
    const request = create(CommitRequestSchema, {
      forest: agent.forest,
      ghostId: this.id,
      isolation: options.isolation === 'serializable' ? CommitIsolation.SERIALIZABLE : CommitIsolation.WRITES,
      label: options.label ?? '',
      author: agent.author,
      requestId: connection.nextRequestId(),
      edition: BigInt(this.#edition),
      exactEdition: BigInt(options.exactEdition ?? 0),
      basis: wireBasis(basis),
      ...fence(options, ownership),
    });
    const isReviewed = this.info.gates.some(({ gate }) => gate.kind === 'review');
    const timeoutMs =
      options.timeoutMs ?? (isReviewed ? Infinity : connection.caller.timeoutMs + (options.lockWaitMs ?? 0));
    const limits = limitsUnder(ownership, { signal: options.signal, timeoutMs });
    try {
      this.#isLeftPending = false;
      const { method } = ContextService;
      const response = await under(ownership, () => connection.caller.unary(method.commit, request, limits));
      const committed = readCommitted(response);
      this.#onCommitted(Number(response.parentEdition));
      this.#basis?.committed();
      agent.see(committed.revision);
      this.#end();
      return committed;
    } catch (error) {
      this.#basis?.giveBack(basis);
      this.#isLeftPending = isReviewed && error instanceof DeadlineExceededError;
      return this.#toldOf(error);
    }
  }

  /** Begins a ghost in this one, at its present state. Its commit goes into this one. */
  async ghost(options: InnerGhostOptions = {}): Promise<Ghost> {
    await this.#outstanding.settled();
    const onCommitted = (edition: number): void => this.#see(edition);
    const parent = { id: this.id, edition: this.#edition, onCommitted };
    return beginGhost(this.connection, this.agent, options, parent, this.ownership);
  }

  /** Works in a ghost in this one until the result is accepted, then commits it into this one. */
  speculate<Result>(speculation: Speculation<Result>): Promise<Speculated<Result>> {
    return speculate((options: GhostOptions) => this.ghost(options), speculation);
  }

  /** Works on several alternatives at once, each in a ghost in this one: the first that is accepted is committed into this one. */
  race<Result>(
    alternatives: readonly Alternative<Ghost, Result>[],
    options: RaceOptions<Ghost, Result> = {},
  ): Promise<RaceWon<Result>> {
    const raceId = options.id ?? this.connection.nextRequestId();
    return race((begin: GhostOptions) => this.ghost(begin), raceId, alternatives, options);
  }

  /** How the ghost stands now. */
  async state(limits: CallLimits = {}): Promise<GhostInfo> {
    return readGhostById(this.connection, this.agent, this.id, limits);
  }

  /** What differs from its base, in pages. */
  diff(options: DiffOptions = {}): Paged<NodeDifference> {
    return diffGhost(this.connection, this.agent, this.id, options);
  }

  /** Leaving an `await using` block without `commit` reverts the ghost. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over || !this.#owned) return;
    if (this.#isLeftPending) {
      this.#end();
      return;
    }
    try {
      await this.revert('left without a commit');
    } catch (error) {
      if (!(error instanceof GhostOverError || error instanceof NotFoundError)) throw error;
    } finally {
      this.#end();
    }
  }

  /** A schema gate changes the ghost while it refuses: the refusal tells how it stands. */
  #toldOf(error: unknown): never {
    if (error instanceof ReviewRejectedError) this.#basis?.rewound();
    if (error instanceof GateRevertedError && error.ghostId === this.id) {
      this.#basis?.rewound();
      if (error.metadata['state'] === 'reverted') this.#end();
      else this.#see(Number(error.metadata['edition'] ?? 0));
    }
    throw error;
  }

  #end(): void {
    this.#isClosed = true;
    this.#endElsewhere();
  }

  #endElsewhere(): void {
    this.#over = true;
    this.#basis?.ended();
    this.ownership?.lost.removeEventListener('abort', this.#onLeaseLost);
    this.connection.keeper.release(this.#kept);
  }

  /** Why nothing can be done in it any more: the loss of its lease says more than its end. */
  #refusal(): HyperloomError {
    const refusal = this.ownership?.refusal();
    if (refusal !== undefined) return refusal;
    const message = `ghost ${this.id} is over`;
    return makeError({
      code: 'FAILED_PRECONDITION',
      reason: 'GHOST_OVER',
      message,
      metadata: { ghost_id: this.id },
    });
  }

  /**
   * What is done in a ghost is not synced at once, so a crash of the broker may forget the newest of it. Every request says which edition
   * this process knows, and is refused with {@link GhostInterruptedError} where that is gone. Of one run of the broker the greatest counts,
   * since answers may overtake one another; of two runs the one that was told last.
   */
  #see(edition: number): void {
    const isSameRun = Math.floor(edition / 2 ** 32) === Math.floor(this.#edition / 2 ** 32);
    if (edition !== 0 && (!isSameRun || edition > this.#edition)) this.#edition = edition;
  }
}

function readCommitted(response: CommitResponse): Committed {
  const { revision, operations, repeated, schemaVersion } = response;
  return {
    revision: Number(revision),
    operations: Number(operations),
    repeated,
    schemaVersion: Number(schemaVersion),
  };
}

/** The ghost that another one is begun in. */
interface Parent {
  readonly id: string;
  readonly edition: number;
  readonly onCommitted: (parentEdition: number) => void;
}

/** Begins a ghost on the trunk, or in another ghost. */
export async function beginGhost(
  connection: Connection,
  agent: Agent,
  options: GhostOptions,
  parent: Parent | null,
  ownership: Ownership | undefined,
): Promise<Ghost> {
  const refusal = options.lease?.refusal?.();
  if (refusal !== undefined) throw refusal;
  const author = options.author ?? agent.author;
  const request = create(BeginGhostRequestSchema, {
    forest: agent.forest,
    scope: options.scope ?? '',
    baseRevision: BigInt(options.baseRevision ?? 0),
    parentGhostId: parent?.id ?? '',
    parentEdition: BigInt(parent?.edition ?? 0),
    label: options.label ?? '',
    author,
    requestId: connection.nextRequestId(),
    gates: (options.gates ?? []).map(wireGate),
    leaseId: options.lease?.id ?? '',
    ...(options.ttlMs === undefined ? {} : { ttl: durationFromMs(options.ttlMs) }),
    ...(options.race === undefined
      ? {}
      : { race: { id: options.race.id, attemptsMax: options.race.attemptsMax ?? 0 } }),
    ...(options.migration === undefined ? {} : { migration: wireMigration(options.migration) }),
  });
  const limits = limitsUnder(ownership, options);
  const { beginGhost: method } = ContextService.method;
  const { ghost } = await under(ownership, () => connection.caller.unary(method, request, limits));
  if (ghost === undefined) throw new Error('the broker answered without a ghost');
  return new Ghost(connection, agent.named(author), readGhost(ghost), true, ownership, parent?.onCommitted);
}

/** Reads a ghost's standing. */
export async function readGhostById(
  connection: Connection,
  agent: Agent,
  ghostId: string,
  limits: CallLimits,
): Promise<GhostInfo> {
  const request = create(GetGhostRequestSchema, { forest: agent.forest, ghostId });
  const { ghost } = await connection.caller.unary(ContextService.method.getGhost, request, limits);
  if (ghost === undefined) throw new Error('the broker answered without a ghost');
  return readGhost(ghost);
}
