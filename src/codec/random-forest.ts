/** Random states from a seed, made by the state machine itself: for tests of snapshots. */
import { seededRandom } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { apply } from '../state/apply.ts';
import type { Command, Operation } from '../state/command.ts';
import { emptyForest } from '../state/forest.ts';
import type { Applied, ForestState } from '../state/forest.ts';
import type { Gate } from '../state/ghosts/gate.ts';
import { approvedCommit } from '../state/ghosts/gates.ts';
import { editionOf } from '../state/ghosts/edition.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { Judge } from '../state/schemas/judge.ts';
import type { Value } from '../state/values/value.ts';
import { walk } from '../trie/iterate.ts';
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';

/** A state with its past. Commands can be applied further. */
export class RandomForest {
  readonly state: ForestState;
  /** Roots by revision. */
  readonly #roots: Root[];
  readonly #random: Random;

  constructor(seed: number, state: ForestState = emptyForest(), roots: readonly Root[] = [state.root]) {
    this.state = state;
    this.#roots = [...roots];
    this.#random = seededRandom(seed);
  }

  /** The same past, and from now on the chances of `seed`, with another state. */
  with(state: ForestState, seed: number): RandomForest {
    return new RandomForest(seed, state, this.#roots);
  }

  /** Applies `count` random commands and returns what came of them. */
  run(count: number): Applied[] {
    return Array.from({ length: count }, () => this.apply(this.#command()));
  }

  /** Applies one command. */
  apply(command: Command, judge?: Judge): Applied {
    const { state } = this;
    const proposal = { position: state.position + 1, timeMs: state.timeMs + this.#below(50), command };
    const applied = apply(state, proposal, (revision) => this.#roots[revision] as Root, judge);
    this.#roots[state.revision] = state.root;
    return applied;
  }

  #command(): Command {
    const { state } = this;
    for (const ghost of state.ghosts.values()) {
      const approved = approvedCommit(ghost);
      if (approved !== null) return approved;
    }
    if (state.position % 41 === 40) return this.#schemaCommand();
    const request =
      this.#below(3) === 0 ? { id: `request_${state.position}`, fingerprint: this.#below(2 ** 32) } : null;
    const sender = { author: `agent_${this.#below(5)}`, request };
    const ghosts = [...state.ghosts.keys()];
    const ghostId = ghosts.length === 0 ? '' : (ghosts[this.#below(ghosts.length)] as string);
    const label = this.#below(4) === 0 ? 'a label' : '';
    const publish = { kind: 'publish', preconditions: [], label, basis: this.#basis(), ...sender } as const;
    if (this.#below(6) === 0) return this.#lockCommand(sender);
    const choice = this.#below(ghostId === '' ? 8 : 30);
    if (choice < 6) return { ...publish, ghostId: '', operations: this.#operations() };
    if (choice < 8) return this.#begin(sender, ghostId);
    if (choice < 17) return { ...publish, ghostId, operations: this.#operations() };
    if (choice < 20)
      return { kind: 'checkpoint_ghost', ghostId, name: `checkpoint_${state.position}`, ...sender };
    if (choice === 20)
      return { kind: 'rewind_ghost', ghostId, checkpoint: '', reason: 'it was wrong', ...sender };
    if (choice === 21) return { kind: 'commit_ghost', ghostId, isolation: 'writes', label, ...sender };
    if (choice === 22) return { kind: 'expire_ghost', ghostId, ...sender };
    if (choice === 23) return { kind: 'revert_ghost', ghostId, reason: 'no reason', ...sender };
    return choice < 26 ? this.#commitGated(sender, ghostId) : this.#review(sender, ghostId);
  }

  #lockCommand(sender: Pick<Command, 'author' | 'request'>): Command {
    const { state } = this;
    const [leases, locks] = [[...state.leases.keys()], [...state.locks.list()]];
    const leaseId = leases[this.#below(leases.length + 1)] ?? '';
    const lock = locks[this.#below(locks.length + 1)];
    const choice = this.#below(10);
    if (choice === 0 && leaseId !== '') return { kind: 'end_lease', leaseId, ...sender };
    if (choice === 1 && leaseId !== '') return { kind: 'expire_lease', leaseId, ...sender };
    if (choice < 5 && lock !== undefined) {
      if (lock.state === 'delayed') return { kind: 'end_lock_delay', lockId: lock.id, ...sender };
      return { kind: 'release_lock', lockId: lock.id, leaseId: '', endLease: choice === 2, ...sender };
    }
    const ttlMs = leaseId === '' ? 1_000 : 0;
    const named = {
      lockId: `lock_${state.position}`,
      leaseId: leaseId || `lease_${state.position}`,
      label: '',
    };
    const mode = (['is', 'ix', 's', 'six', 'x'] as const)[this.#below(5)] ?? 's';
    const how = { ttlMs, noWait: this.#below(4) === 0, delayMs: this.#below(2) * 1_000 };
    // Beside the paths of the operations, which are to go on as if nobody held a lock.
    const targets = [{ path: ['locked', `node_${this.#below(6)}`], mode }];
    return { kind: 'acquire_lock', targets, ...named, ...how, ...sender };
  }

  /** A version of one of a few schemas, each of paths of its own; draws nothing, so that the rest stays as it is. */
  #schemaCommand(): Command {
    const { position } = this.state;
    const sender = { author: 'an owner', request: null };
    if (position % 4 === 0) return { kind: 'set_unbound_paths', refused: position % 8 === 0, ...sender };
    const name = `schema_${position % 3}`;
    const template = { segments: [name, '{note}'] };
    const definition = 'x'.repeat(position % 5);
    const bindings = [{ template, messageType: '' }];
    return { kind: 'register_schema', name, format: 'json_schema', definition, bindings, ...sender };
  }

  #begin(sender: Pick<Command, 'author' | 'request'>, ghostId: string): Command {
    const { state } = this;
    const parentId = this.#below(2) === 0 ? '' : ghostId;
    const baseRevision = this.#below(2) === 0 ? state.revision : this.#below(state.revision + 1);
    const named = { ghostId: `ghost_${state.position}`, parentId, label: '' };
    const plain = {
      kind: 'begin_ghost',
      ...named,
      scope: [],
      baseRevision,
      ttlMs: 60_000,
      ...sender,
    } as const;
    const leaseId = [...state.leases.keys()][this.#below(4)];
    const begin = leaseId === undefined ? plain : { ...plain, leaseId };
    switch (this.#below(4)) {
      case 0:
        return { ...begin, gates: this.#gates() };
      case 1:
        return { ...begin, raceId: `race_${this.#below(12)}` };
      case 2:
        return { ...begin, gates: this.#gates(), raceId: `race_${this.#below(12)}`, attemptsMax: 1_000 };
      default:
        return begin;
    }
  }

  #gates(): Gate[] {
    const limit = { kind: 'limit', patterns: [], operationsMax: 30, bytesMax: 0 } as const;
    const reviews = ['ada', 'bob'].map((reviewer) => ({ kind: 'review', reviewer }) as const);
    return this.#below(3) === 0 ? [limit, ...reviews] : reviews.slice(this.#below(2));
  }

  /** Asks for the commit of a ghost that has reviewers, where there is one without ghosts inside. */
  #commitGated(sender: Pick<Command, 'author' | 'request'>, otherwise: string): Command {
    const gated = [...this.state.ghosts.values()].filter(
      ({ gates, children }) => gates.length > 0 && children.size === 0,
    );
    const ghostId = gated[this.#below(gated.length + 1)]?.id ?? otherwise;
    return { kind: 'commit_ghost', ghostId, isolation: 'writes', label: 'gated', ...sender };
  }

  #review(sender: Pick<Command, 'author' | 'request'>, otherwise: string): Command {
    const waiting = [...this.state.ghosts.values()].filter(({ pendingCommit }) => pendingCommit !== null);
    const ghost = waiting[this.#below(waiting.length + 1)] ?? this.state.ghosts.get(otherwise);
    const edition = ghost === undefined ? 0 : editionOf(ghost) - (this.#below(10) === 0 ? 1 : 0);
    const [reviewer, reason] = [['ada', 'bob'][this.#below(2)] as string, 'looked at it'];
    const decision = {
      ghostId: ghost?.id ?? otherwise,
      reviewer,
      edition,
      approved: this.#below(5) > 0,
      reason,
    };
    return { kind: 'review_ghost', ...decision, ...sender };
  }

  #operations(): Operation[] {
    return Array.from({ length: 1 + this.#below(4) }, () => this.#operation());
  }

  #operation(): Operation {
    const path = this.#path();
    switch (this.#below(12)) {
      case 0:
        return { kind: 'delete', path, scope: 'subtree' };
      case 1:
        return { kind: 'delete', path, scope: 'node' };
      case 2:
        return { kind: 'append', path, addition: { kind: 'text', data: 'ö more', bytes: 7, type: '' } };
      case 3:
        return { kind: 'append', path, addition: { kind: 'items', data: '1,"ü"', bytes: 6, type: '' } };
      case 4:
        return { kind: 'increment', path, amount: BigInt(this.#below(9)) };
      case 5:
        return { kind: 'merge', path, patch: '{"é":1}', patchBytes: 8 };
      case 6:
        return { kind: 'copy', path, source: this.#path(), sourceRevision: 0 };
      case 7:
        return {
          kind: 'copy',
          path,
          source: this.#path(),
          sourceRevision: this.#below(this.state.revision + 1),
        };
      case 8: {
        const leaseId = [...this.state.leases.keys()].at(-1);
        const put = { kind: 'put', path, value: this.#value() } as const;
        return leaseId === undefined ? put : { ...put, leaseId };
      }
      default:
        return { kind: 'put', path, value: this.#value() };
    }
  }

  #value(): Value {
    const number = this.#below(1_000_000);
    const data = String.fromCharCode(number & 255, (number >>> 8) & 255, 0, 200);
    switch (this.#below(4)) {
      case 0:
        return { kind: 'text', data: `Größe ${number}`, bytes: 8 + String(number).length, type: '' };
      case 1:
        return { kind: 'bytes', data, bytes: 4, type: '' };
      case 2:
        return { kind: 'message', data, bytes: 4, type: 'type.example.com/a.B' };
      default:
        return { kind: 'json', data: String(number), bytes: String(number).length, type: '' };
    }
  }

  #basis() {
    return this.#below(3) > 0
      ? []
      : [{ path: this.#path(), revision: this.state.revision, extent: 'subtree' } as const];
  }

  #path(): Path {
    const wide = ['wide', `note_${this.#below(300)}`];
    if (this.#below(3) === 0) return wide;
    return Array.from(
      { length: 1 + this.#below(4) },
      () => ['a', 'b', 'ü', '🧠', '\uffee'][this.#below(5)] as string,
    );
  }

  #below(bound: number): number {
    return this.#random.below(bound);
  }
}

/** What a state has that a snapshot could get wrong, for tests that want to know that they have seen it. */
export function* kindsIn({ ghosts, races, endedRaces, schemas }: ForestState): Generator<string> {
  if (schemas.versions.some(({ version }) => version > 1)) yield 'second version of a schema';
  if (schemas.rules.length > 1) yield 'rules about unbound paths';
  for (const ghost of ghosts.values()) {
    if (ghost.depth > 1) yield 'deep ghost';
    if (ghost.checkpoints.length > 2) yield 'checkpoints';
    if (ghost.children.size > 1) yield 'children';
    if (ghost.leaseId !== '') yield 'ghost of a lease';
    if (ghost.pendingCommit !== null) yield 'pending commit';
    if ((ghost.pendingCommit?.requestIds.size ?? 0) > 0) yield 'request that waits';
    for (const { approval } of ghost.gates) {
      if (approval !== null) yield approval.edition === editionOf(ghost) ? 'approval' : 'void approval';
    }
  }
  for (const race of [...endedRaces.values(), ...races.values()]) {
    if (race.winnerId !== '') yield 'race that was won';
    else yield race.members.size === 0 ? 'race that was left' : 'race that goes on';
  }
}

/** A state as plain data that can be compared. */
export function plainForest({
  root,
  ghosts,
  ended,
  requests,
  leases,
  locks,
  bindings,
  schemas,
  ...numbers
}: ForestState) {
  return {
    ...numbers,
    root: plainTree(root),
    ghosts: Array.from(ghosts.values(), (ghost) => ({
      ...ghost,
      base: plainTree(ghost.base),
      root: plainTree(ghost.root),
      children: [...ghost.children],
      checkpoints: ghost.checkpoints.map((checkpoint) => ({
        ...checkpoint,
        root: plainTree(checkpoint.root),
      })),
    })),
    ended: [...ended],
    requests: requests.list(),
    leases: [...leases.values()],
    locks: [...locks.list()],
    bindings: bindings.size,
    schemas: schemas.versions,
    unboundRules: schemas.rules,
  };
}

/** A tree as a list of its nodes. */
export function plainTree(root: Root): unknown[] {
  return Array.from(walk(root, { within: [] }), ({ path, node }) => {
    const { entry, touched, grafted, count, height } = node;
    return { path: formatPath(path), entry, touched, grafted, count, height };
  });
}
