/** Proposals about schemas, each after a look at what is stored: that takes long, so it is done in slices, before. */
import type { Clock } from '../base/clock.ts';
import type { Command } from '../state/command.ts';
import type { ForestState } from '../state/forest.ts';
import { stagedOperations } from '../state/ghosts/ghost.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { trustingJudge } from '../state/schemas/judge.ts';
import type { LiveJudge, ValueProblem } from '../state/schemas/judge.ts';
import { bringsVersion, schemasIn } from '../state/schemas/migration.ts';
import { operate } from '../state/values/operate.ts';
import type { Rejection } from '../state/outcome.ts';
import type { RegisterSchema, SchemaSource, SetUnboundPaths } from '../state/schemas/schema.ts';
import { isForegone, nextVersion, wantedBy } from '../state/schemas/schemas.ts';
import type { MappedValue, ValueMapper } from '../state/schemas/value-mapper.ts';
import type { Entry } from '../state/values/value.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import { Transaction } from '../trie/transaction.ts';
import type { Settled, TriedSchema } from './forest.ts';
import type { Lifetimes } from './lifetimes.ts';
import { MappedRegistration, noVersionBefore } from './mapped-registration.ts';
import { inSlices, resultInSlices } from '../base/slices.ts';

export interface SchemaRegistrationsOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly lifetimes: Lifetimes;
  /** Without one, all values fit. */
  readonly judge: LiveJudge | undefined;
  readonly submit: (command: Command, settle: (settled: Settled) => void) => void;
  /** As `submit`, of what was worked out from the trunk as it is now: where that is another one at the command's place, it is `overtaken`. */
  readonly submitAt: (command: Command, settle: (settled: Settled) => void) => void;
  /** Resolves when everything up to a position is durable; with a rejection if it never will be. */
  readonly durable: (position: number) => Promise<Rejection | null>;
  /** The newest durable trunk. */
  readonly view: () => TrunkView;
  readonly newId: () => string;
}

export class SchemaRegistrations {
  readonly #options: SchemaRegistrationsOptions;
  readonly #state: ForestState;

  constructor(options: SchemaRegistrationsOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  async register(command: RegisterSchema, mapper: ValueMapper | null): Promise<Settled> {
    if (mapper !== null && !this.#isSettled(command)) {
      const { view } = this.#options;
      const examine = (source: SchemaSource, root: Root): Promise<void> => this.#examine(source, root);
      return new MappedRegistration({ ...this.#options, view, examine }, command, mapper).run();
    }
    await this.#examine(command, this.#state.root);
    return this.#propose(command);
  }

  async setUnboundPaths(command: SetUnboundPaths): Promise<Settled> {
    const { schemas, root } = this.#state;
    const steps = this.#options.judge?.examineStrictness(command, schemas, root);
    if (steps !== undefined && command.refused) await resultInSlices(steps, this.#options.clock);
    return this.#propose(command);
  }

  async try(command: RegisterSchema, mapper: ValueMapper | null): Promise<TriedSchema | Rejection> {
    const { root, position } = this.#state;
    const tried = await this.#try(command, root, mapper);
    return (await this.#options.durable(position)) ?? tried;
  }

  examineMigration(ghostId: string): Promise<void> | null {
    const ghost = this.#state.ghosts.get(ghostId);
    if (ghost === undefined || ghost.migration === null || !bringsVersion(ghost)) return null;
    return this.#examine(ghost.migration, ghost.root);
  }

  /** What does not fit in a ghost as it is now. */
  async violationsIn(ghostId: string): Promise<readonly ValueProblem[]> {
    const { judge, clock } = this.#options;
    const ghost = this.#state.ghosts.get(ghostId);
    if (ghost === undefined || judge === undefined) return [];
    const schemas = schemasIn(this.#state, ghost);
    const operations = stagedOperations(ghost.staged);
    return resultInSlices(judge.staged({ schemas, after: ghost.root, operations }), clock);
  }

  async #try(
    command: RegisterSchema,
    root: Root,
    mapper: ValueMapper | null,
  ): Promise<TriedSchema | Rejection> {
    const { clock, judge = trustingJudge } = this.#options;
    const { schemas, revision } = this.#state;
    const wanted = wantedBy(command);
    const previous = schemas.newest(command.name);
    if (mapper === null || isForegone(schemas, wanted)) {
      await this.#examine(command, root);
      const version = nextVersion(this.#state, clock.nowMs(), wanted, judge);
      return 'reason' in version ? version : { version, mapped: 0 };
    }
    if (previous === undefined) return noVersionBefore(command.name);
    const values = await resultInSlices(mapper.map(previous, root), clock);
    if ('reason' in values) return values;
    const operations = values.map((each) => ({ kind: 'put' as const, ...each }));
    const after = await resultInSlices(withValues(root, values, revision, command.author), clock);
    await this.#examine(command, after);
    // The trunk as it was then, and nothing that has come since.
    const then = { schemas, root: after, revision };
    const version = nextVersion(then, clock.nowMs(), wanted, judge, { operations, stamp: revision + 1 });
    return 'reason' in version ? version : { version, mapped: values.length };
  }

  /** What was asked before is answered as before, and what is settled by the versions alone needs no mapping. */
  #isSettled(command: RegisterSchema): boolean {
    const { requests, schemas } = this.#state;
    const isKnown = command.request !== null && requests.find(command.request.id) !== undefined;
    return isKnown || isForegone(schemas, wantedBy(command));
  }

  #propose(command: Command): Promise<Settled> {
    return new Promise((resolve) => {
      this.#options.submit(command, resolve);
    });
  }

  /** So that a million values are not looked at in one turn of the event loop. */
  async #examine(source: SchemaSource, root: Root): Promise<void> {
    const steps = this.#options.judge?.examine(source, root);
    if (steps === undefined) return;
    for await (const _ of inSlices(steps, this.#options.clock));
  }
}

/** The trunk as it would be. */
function* withValues(
  root: Root,
  values: readonly MappedValue[],
  revision: number,
  author: string,
): Generator<void, Root> {
  const stamp = revision + 1;
  const transaction = new Transaction<Entry>(root, stamp);
  const past = (): Root => root;
  const context = { stamp, author, revision, compactedRevision: revision, past, sums: [] };
  for (const each of values) {
    // A put of a value that is there is never refused.
    operate(transaction, { kind: 'put', ...each }, context);
    yield;
  }
  return transaction.commit();
}
