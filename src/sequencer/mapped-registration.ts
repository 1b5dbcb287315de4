/**
 * A version of a schema whose stored values the broker maps by itself:
 *
 *   map the durable trunk → begin a ghost with the version → stage → is the trunk still that? → commit, in one turn
 *
 * Everything before the commit takes place beside other writes and can be cut off by a crash: the ghost then expires like any other. What
 * others change meanwhile would be a conflict, so all is done again. Where brokers share the forest there is no one turn: the commit says at which
 * revision it was looked, and is tried again where the trunk is another one at its place. Only the commit carries the request's id: what comes of it is the
 * outcome of the request, which replays from the journal like any commit.
 */
import type { Clock } from '../base/clock.ts';
import {
  ghostTtlMsDefault,
  mappedBytesPerDiffMax,
  mappedValuesHeldMax,
  mappedValuesPerDiffMax,
  mappingAttemptsMax,
  mappingCommitsMax,
} from '../base/limits.ts';
import type { Command } from '../state/command.ts';
import type { ForestState } from '../state/forest.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import { reject } from '../state/outcome.ts';
import type { Rejection } from '../state/outcome.ts';
import { templatePattern } from '../state/schemas/path-template.ts';
import type { RegisterSchema, SchemaSource, SchemaVersion } from '../state/schemas/schema.ts';
import { isForegone, wantedBy } from '../state/schemas/schemas.ts';
import type { MappedValue, ValueMapper } from '../state/schemas/value-mapper.ts';
import type { TrunkView } from '../subscriptions/source.ts';
import { diff } from '../trie/diff.ts';
import { rootPath } from '../trie/path.ts';
import { matches } from '../trie/pattern.ts';
import { overtaken } from './agreed/log-refusals.ts';
import type { Settled } from './forest.ts';
import type { Lifetimes } from './lifetimes.ts';
import { resultInSlices, turn } from '../base/slices.ts';

export interface MappedRegistrationOptions {
  readonly clock: Clock;
  readonly state: ForestState;
  readonly lifetimes: Lifetimes;
  readonly submit: (command: Command, settle: (settled: Settled) => void) => void;
  /** As `submit`, of what was worked out from the trunk as it is now: where that is another one at the command's place, it is `overtaken`. */
  readonly submitAt: (command: Command, settle: (settled: Settled) => void) => void;
  readonly durable: (position: number) => Promise<Rejection | null>;
  readonly view: () => TrunkView;
  readonly newId: () => string;
  readonly examine: (source: SchemaSource, root: Root) => Promise<void>;
}

/** The trunk that values are mapped from. */
interface Base {
  readonly root: Root;
  readonly previous: SchemaVersion;
}

export class MappedRegistration {
  readonly #options: MappedRegistrationOptions;
  readonly #command: RegisterSchema;
  readonly #mapper: ValueMapper;

  constructor(options: MappedRegistrationOptions, command: RegisterSchema, mapper: ValueMapper) {
    this.#options = options;
    this.#command = command;
    this.#mapper = mapper;
  }

  async run(): Promise<Settled> {
    const { state, durable } = this.#options;
    let isHeld = false;
    for (let attempt = 1; attempt <= mappingAttemptsMax; attempt += 1) {
      // A ghost stands on what a crash cannot take away.
      const lost = await durable(state.position);
      if (lost !== null) return refused(lost);
      const known = this.#known();
      if (known !== null) return known;
      const base = this.#base();
      if ('reason' in base) return refused(base);
      const made = await this.#attempt(base, isHeld);
      if ('settled' in made) return made.settled;
      isHeld = made.values <= mappedValuesHeldMax;
    }
    const message = `values of the schema ${this.#command.name} were changed in each of ${mappingAttemptsMax} attempts to map them; try again when less is written`;
    return refused(reject('CONFLICT', message, { schema: this.#command.name, conflicts: 0 }));
  }

  /** What needs no mapping: it may have come to that meanwhile. */
  #known(): Promise<Settled> | null {
    const { state } = this.#options;
    const { request } = this.#command;
    const isRepeated = request !== null && state.requests.find(request.id) !== undefined;
    if (!isRepeated && !isForegone(state.schemas, wantedBy(this.#command))) return null;
    return new Promise((resolve) => {
      this.#options.submit(this.#command, resolve);
    });
  }

  #base(): Base | Rejection {
    const { state, view } = this.#options;
    const previous = state.schemas.newest(this.#command.name);
    if (previous === undefined) return noVersionBefore(this.#command.name);
    return { root: view().root, previous };
  }

  /** What came of it, or how many values there were when somebody came in between. Nobody does where it is `held`. */
  async #attempt(
    base: Base,
    isHeld: boolean,
  ): Promise<{ readonly settled: Settled } | { readonly values: number }> {
    const { clock, state, lifetimes } = this.#options;
    const steps = this.#mapper.map(base.previous, base.root);
    const values = isHeld ? resultAtOnce(steps) : await resultInSlices(steps, clock);
    if ('reason' in values) return { settled: refused(values) };
    if (this.#isOutdated(base)) return { values: values.length };
    const ghostId = this.#options.newId();
    for (const command of this.#commands(ghostId, base, values)) {
      const failed = this.#now(command);
      const problem = failed instanceof Promise ? await failed : failed;
      if (problem !== null) return { settled: this.#giveUp(ghostId, refused(problem)) };
      if (isHeld) continue;
      lifetimes.keepGhost(ghostId);
      await turn(clock);
    }
    const ghost = state.ghosts.get(ghostId);
    if (!isHeld && ghost?.migration != null) await this.#options.examine(ghost.migration, ghost.root);
    // Brokers that share the forest write meanwhile; what they write elsewhere is no reason to map anew.
    for (let tries = 1; tries <= mappingCommitsMax && !this.#isOutdated(base); tries += 1) {
      const settled = await this.#commit(ghostId);
      if (settled.outcome !== overtaken) return { settled: this.#giveUp(ghostId, settled) };
      lifetimes.keepGhost(ghostId);
    }
    this.#revert(ghostId);
    return { values: values.length };
  }

  /** Whether what was mapped is not what is there any more: then the commit would conflict, or leave something out. */
  #isOutdated({ root, previous }: Base): boolean {
    const { state } = this.#options;
    if (state.schemas.newest(this.#command.name) !== previous) return true;
    if (state.root === root) return false;
    const patterns = [...previous.bindings, ...this.#command.bindings].map((each) =>
      templatePattern(each.template),
    );
    for (const { path } of diff(root, state.root, { within: rootPath }))
      if (patterns.some((pattern) => matches(pattern, path))) return true;
    return false;
  }

  /**
   * A ghost with all values. It stands on the newest durable trunk: what was mapped is the same there, or it would be outdated. A node
   * that is bound to a lease stays bound to it.
   */
  *#commands(ghostId: string, { previous }: Base, values: readonly MappedValue[]): Generator<Command> {
    const { state, view } = this.#options;
    const { name, format, definition, bindings, author } = this.#command;
    yield {
      kind: 'begin_ghost',
      ghostId,
      scope: rootPath,
      baseRevision: view().revision,
      parentId: '',
      ttlMs: ghostTtlMsDefault,
      label: `mapping to the schema ${name}`,
      migration: { name, format, definition, bindings, expectedVersion: previous.version },
      author,
      request: null,
    };
    const nothing = { preconditions: [], basis: [], label: '', request: null } as const;
    for (const some of diffsOf(values)) {
      const operations = some.map(({ path, value }) => {
        const leaseId = state.bindings.get(path);
        return { kind: 'put' as const, path, value, ...(leaseId === undefined ? {} : { leaseId }) };
      });
      yield { kind: 'publish', ghostId, operations, author, ...nothing };
    }
  }

  /** What happens in a ghost is answered at once; a refusal when what it tells of is durable. */
  #now(command: Command): Rejection | null | Promise<Rejection | null> {
    const answers: (Rejection | null)[] = [];
    const later = new Promise<Rejection | null>((resolve) => {
      this.#options.submit(command, ({ outcome }) => {
        const answer = outcome.kind === 'rejected' ? outcome : null;
        answers.push(answer);
        resolve(answer);
      });
    });
    const [answer] = answers;
    return answer === undefined ? later : answer;
  }

  #commit(ghostId: string): Promise<Settled> {
    const { author, request } = this.#command;
    return new Promise((resolve) => {
      this.#options.submitAt(
        { kind: 'commit_ghost', ghostId, isolation: 'writes', label: '', author, request },
        resolve,
      );
    });
  }

  /** Where the ghost was not committed, it is of no use any more. */
  #giveUp(ghostId: string, settled: Settled): Settled {
    if (this.#options.state.ghosts.has(ghostId)) this.#revert(ghostId);
    return settled;
  }

  #revert(ghostId: string): void {
    const { author } = this.#command;
    const reason = 'its values were not put into force';
    void this.#now({ kind: 'revert_ghost', ghostId, reason, author, request: null });
  }
}

/** A mapping leads from one version to the next. */
export function noVersionBefore(name: string): Rejection {
  const message = `there is no version of the schema ${name} that values could be mapped from; register it without a mapping`;
  return reject('SCHEMA_NOT_FOUND', message, { schema: name, version: 0 });
}

function refused(outcome: Rejection): Settled {
  return { outcome, repeated: false };
}

function resultAtOnce<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As many as are staged at a time. */
function* diffsOf(values: readonly MappedValue[]): Generator<readonly MappedValue[]> {
  let waiting: MappedValue[] = [];
  let bytes = 0;
  for (const each of values) {
    const isFull =
      waiting.length >= mappedValuesPerDiffMax || bytes + each.value.bytes > mappedBytesPerDiffMax;
    if (isFull && waiting.length > 0) {
      yield waiting;
      waiting = [];
      bytes = 0;
    }
    waiting.push(each);
    bytes += each.value.bytes;
  }
  if (waiting.length > 0) yield waiting;
}
