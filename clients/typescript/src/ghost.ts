/** A ghost: a speculative branch to work in. Its writes reach the trunk with `commit`, or are gone with `revert`. */
import { create } from '@bufbuild/protobuf';
import { durationFromMs, type Duration } from '@bufbuild/protobuf/wkt';
import type { Agent } from './agent.ts';
import type { Connection } from './connection.ts';
import { GhostOverError, makeError, NotFoundError, type HyperloomError } from './errors.ts';
import {
  BeginGhostRequestSchema,
  CheckpointRequestSchema,
  CommitIsolation,
  CommitRequestSchema,
  ContextService,
  GetGhostRequestSchema,
  RevertRequestSchema,
} from './gen/hyperloom/v1/context_service_pb.ts';
import {
  readAttempt,
  readCheckpoint,
  readGhost,
  type GhostCheckpoint,
  type GhostInfo,
  type RevertedAttempt,
} from './ghost-info.ts';
import { diffGhost, type NodeDifference } from './difference.ts';
import type { CommitOptions, DiffOptions, GhostOptions } from './options.ts';
import type { Paged } from './paged.ts';
import type { OutcomeObserver, Published } from './publish/diff.ts';
import type { CallLimits } from './transport.ts';
import { Verbs } from './verbs.ts';

/** A committed ghost. */
export interface Committed {
  /** The trunk revision it made; 0 where it went into a parent or had nothing to commit. */
  readonly revision: number;
  /** Operations that took effect. */
  readonly operations: number;
  readonly repeated: boolean;
}

/** What was taken back. */
export interface Reverted {
  /** The trunk revision that the inverse of a revision made; 0 for ghosts. */
  readonly revision: number;
  /** The last valid checkpoint. */
  readonly checkpoint: GhostCheckpoint | undefined;
  /** This and earlier attempts, oldest first. */
  readonly attempts: readonly RevertedAttempt[];
  readonly droppedOperations: number;
  /** Time that it took inside the broker. */
  readonly brokerTimeMs: number;
  readonly repeated: boolean;
}

/** Options of `rewind`. */
export interface RewindOptions extends CallLimits {
  /** Default: the newest checkpoint, or the ghost's beginning where there is none. */
  readonly checkpoint?: string | undefined;
  /** Why. The retry can read it. */
  readonly reason?: string | undefined;
}

export class Ghost extends Verbs implements AsyncDisposable {
  /** What the broker told when the ghost was begun; `state()` tells what holds now. */
  readonly info: GhostInfo;
  readonly #kept: { readonly forest: string; readonly id: string; readonly ttlMs: number; onOver(): void };
  readonly #owned: boolean;
  #over = false;
  #sequence = 0;
  #lastPublish: Promise<unknown> = Promise.resolve();

  /** Not for programs: use `client.ghost()`, `ghost.ghost()` or `client.attach()`. */
  constructor(connection: Connection, agent: Agent, info: GhostInfo, owned: boolean) {
    super(connection, agent, info.id);
    this.info = info;
    this.#owned = owned;
    this.#over = info.state !== 'live';
    this.#kept = { forest: agent.forest, id: info.id, ttlMs: info.ttlMs, onOver: () => this.#end() };
    if (owned) connection.keeper.keep(this.#kept);
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
    return { onPublished: (published) => this.#onStaged(published) };
  }

  override publish(...parameters: Parameters<Verbs['publish']>): Promise<Published> {
    if (this.#over) return Promise.reject(this.#overError());
    const outcome = super.publish(...parameters);
    this.#lastPublish = outcome.catch(() => undefined);
    return outcome;
  }

  /** Names the present state, to go back to: 1 to 128 bytes, unique in the ghost. */
  async checkpoint(name: string, limits: CallLimits = {}): Promise<GhostCheckpoint> {
    await this.#lastPublish;
    const { agent, connection } = this;
    const request = create(CheckpointRequestSchema, {
      forest: agent.forest,
      ghostId: this.id,
      name,
      author: agent.author,
      requestId: connection.nextRequestId(),
    });
    const response = await connection.caller.unary(ContextService.method.checkpoint, request, limits);
    return response.checkpoint === undefined
      ? { name, sequence: 0, stagedOperations: 0 }
      : readCheckpoint(response.checkpoint);
  }

  /** Goes back to a checkpoint; the ghost lives on. */
  async rewind(options: RewindOptions = {}): Promise<Reverted> {
    await this.#lastPublish;
    const value = { ghostId: this.id, checkpoint: options.checkpoint ?? '' };
    return revert(this.connection, this.agent, { case: 'rewind', value }, options.reason ?? '', options);
  }

  /** Drops the ghost and all that is staged in it. */
  async revert(reason = '', limits: CallLimits = {}): Promise<Reverted> {
    await this.#lastPublish;
    const reverted = await revert(
      this.connection,
      this.agent,
      { case: 'ghostId', value: this.id },
      reason,
      limits,
    );
    this.#end();
    return reverted;
  }

  /**
   * Replays the staged operations onto the newest trunk (or the parent) as one revision. Throws {@link ConflictError} with the
   * conflicts, path by path, where others have changed the same; the ghost lives on then.
   */
  async commit(options: CommitOptions = {}): Promise<Committed> {
    await this.#lastPublish;
    if (this.#over) throw this.#overError();
    await this.#checkNothingLost(options);
    const { agent, connection } = this;
    const request = create(CommitRequestSchema, {
      forest: agent.forest,
      ghostId: this.id,
      isolation: options.isolation === 'serializable' ? CommitIsolation.SERIALIZABLE : CommitIsolation.WRITES,
      label: options.label ?? '',
      author: agent.author,
      requestId: connection.nextRequestId(),
    });
    const response = await connection.caller.unary(ContextService.method.commit, request, options);
    this.#end();
    const revision = Number(response.revision);
    agent.see(revision);
    return { revision, operations: Number(response.operations), repeated: response.repeated };
  }

  /** Begins a ghost in this one, at its present state. Its commit goes into this one. */
  async ghost(options: Omit<GhostOptions, 'baseRevision'> = {}): Promise<Ghost> {
    await this.#lastPublish;
    return beginGhost(this.connection, this.agent, options, this.id);
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
    try {
      await this.revert('left without a commit');
    } catch (error) {
      if (!(error instanceof GhostOverError || error instanceof NotFoundError)) throw error;
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#over = true;
    this.connection.keeper.release(this.#kept);
  }

  #overError(): HyperloomError {
    const message = `ghost ${this.id} is over`;
    return makeError({
      code: 'FAILED_PRECONDITION',
      reason: 'GHOST_OVER',
      message,
      metadata: { ghost_id: this.id },
    });
  }

  /**
   * Diffs in a ghost are not synced one by one, so a crash of the broker may forget the newest of them. Numbers of diffs only
   * grow: one that does not tells of such a loss, and the ghost must not be committed with a hole in it.
   */
  #onStaged(published: Published): HyperloomError | undefined {
    if (published.sequence > this.#sequence) this.#sequence = published.sequence;
    else if (!published.repeated) return this.#lostError();
    return undefined;
  }

  async #checkNothingLost(limits: CallLimits): Promise<void> {
    if (this.#sequence === 0) return;
    const { sequence } = await this.state(limits);
    if (sequence < this.#sequence) throw this.#lostError();
  }

  #lostError(): HyperloomError {
    const message = `the broker lost staged work of ghost ${this.id} in a crash: revert it and do the work again`;
    return makeError({
      code: 'FAILED_PRECONDITION',
      reason: 'GHOST_OVER',
      message,
      metadata: { ghost_id: this.id },
    });
  }
}

/** Begins a ghost on the trunk, or in the ghost `parentId`. */
export async function beginGhost(
  connection: Connection,
  agent: Agent,
  options: GhostOptions,
  parentId: string,
): Promise<Ghost> {
  const author = options.author ?? agent.author;
  const request = create(BeginGhostRequestSchema, {
    forest: agent.forest,
    scope: options.scope ?? '',
    baseRevision: BigInt(options.baseRevision ?? 0),
    parentGhostId: parentId,
    label: options.label ?? '',
    author,
    requestId: connection.nextRequestId(),
    ...(options.ttlMs === undefined ? {} : { ttl: durationFromMs(options.ttlMs) }),
  });
  const { ghost } = await connection.caller.unary(ContextService.method.beginGhost, request, options);
  if (ghost === undefined) throw new Error('the broker answered without a ghost');
  return new Ghost(connection, agent.named(author), readGhost(ghost), true);
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

type RevertTarget =
  | { readonly case: 'ghostId'; readonly value: string }
  | { readonly case: 'rewind'; readonly value: { readonly ghostId: string; readonly checkpoint: string } }
  | { readonly case: 'revision'; readonly value: bigint };

/** Takes something back. */
export async function revert(
  connection: Connection,
  agent: Agent,
  target: RevertTarget,
  reason: string,
  limits: CallLimits,
): Promise<Reverted> {
  const request = create(RevertRequestSchema, {
    forest: agent.forest,
    target,
    reason,
    author: agent.author,
    requestId: connection.nextRequestId(),
  });
  const response = await connection.caller.unary(ContextService.method.revert, request, limits);
  const revision = Number(response.revision);
  agent.see(revision);
  return {
    revision,
    checkpoint: response.checkpoint === undefined ? undefined : readCheckpoint(response.checkpoint),
    attempts: response.attempts.map(readAttempt),
    droppedOperations: Number(response.droppedOperations),
    brokerTimeMs: response.brokerTime === undefined ? 0 : exactMs(response.brokerTime),
    repeated: response.repeated,
  };
}

/** Milliseconds to the nanosecond: the library's own conversion rounds to whole ones, which reverts do not take. */
function exactMs({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1_000 + nanos / 1_000_000;
}
