/** Random commands and effects from a seed: for tests and benches of this room. */
import type { Random } from '../base/random.ts';
import type {
  BasisEntry,
  Command,
  Expectation,
  FieldIncrement,
  MessagePatch,
  Operation,
  Precondition,
  Proposal,
} from '../state/command.ts';
import type { Effects } from '../state/forest.ts';
import type { Gate } from '../state/ghosts/gate.ts';
import type { StagedDiff } from '../state/ghosts/ghost.ts';
import type { LockChange } from '../state/locks/lock.ts';
import type { FieldChange, FieldStep, ScalarField } from '../state/values/message-field.ts';
import { scalarTypes } from '../state/values/message-field.ts';
import { reject } from '../state/outcome.ts';
import type { Value } from '../state/values/value.ts';
import type { Path } from '../trie/path.ts';
import { cascadeSample } from './cascade-samples.ts';

const words = [
  'a',
  'note',
  'session_1',
  'agent_7',
  'memory',
  'überlegung',
  '記憶',
  '🧠',
  'x'.repeat(40),
  'é'.repeat(127),
];
const bigNumbers = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER];
const int64s = [
  0n,
  1n,
  -1n,
  63n,
  -64n,
  2n ** 31n,
  -(2n ** 51n),
  2n ** 52n,
  -(2n ** 52n),
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const textEncoder = new TextEncoder();

type FieldConditionSample =
  | ({ readonly kind: 'field'; readonly field: ScalarField } & Expectation)
  | ({ readonly kind: 'json'; readonly pointer: string } & Expectation);

export class Samples {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  proposal(position: number): Proposal {
    const sent = this.command();
    const command: Command = this.chance(4) ? { ...sent, traceParent: this.word() } : sent;
    const proposal = { position, timeMs: this.number(), command };
    const isOfGhost = 'ghostId' in command && command.ghostId !== '';
    return isOfGhost && this.chance(2) ? { ...proposal, run: 1 + this.#random.below(2 ** 20) } : proposal;
  }

  effects(): Effects {
    return {
      rejected: this.chance(4),
      revision: this.number(),
      sequence: this.number(),
      sums: this.list(3, () => String(this.number())),
      committed: this.list(3, () => this.stagedDiff(true)),
      endedGhostIds: this.list(2, () => this.word()),
      droppedOperations: this.number(),
      checkpoint: this.text(),
      parentId: this.word(),
      lockChanges: this.list(2, () => this.lockChange()),
      deletedPaths: this.list(2, () => this.path()),
      commitPending: this.chance(3),
      refusal: this.chance(3) ? reject('SCHEMA_VIOLATION', this.text(), { path: this.word() }) : null,
    };
  }

  lockChange(): LockChange {
    const kind = this.pick(['granted', 'released', 'withdrawn', 'aborted', 'delayed'] as const);
    return { lockId: this.text(), kind, fencingToken: this.number() };
  }

  stagedDiff(committed: boolean): StagedDiff {
    return {
      sequence: this.number(),
      timeMs: this.number(),
      author: this.text(),
      label: this.text(),
      operations: this.list(3, () => this.operation()),
      preconditions: this.list(2, () => this.precondition()),
      basis: this.list(2, () => this.basisEntry()),
      sums: committed ? this.list(2, () => String(this.number())) : [],
    };
  }

  command(): Command {
    const request = this.chance(2) ? null : { id: this.word(), fingerprint: this.#random.below(2 ** 32) };
    const sender = { author: this.text(), request };
    const [ghostId, label, reason, revision] = [this.word(), this.text(), this.text(), this.number()];
    const operations = this.list(4, () => this.operation());
    const preconditions = this.list(3, () => this.precondition());
    const basis = this.list(3, () => this.basisEntry());
    const commands: Command[] = [
      {
        kind: 'publish',
        ghostId: this.chance(2) ? '' : ghostId,
        operations,
        preconditions,
        label,
        basis,
        ...(this.chance(2) ? { bindingsByPath: true } : {}),
        ...sender,
      },
      {
        kind: 'begin_ghost',
        ghostId,
        scope: this.chance(4) ? [] : this.path(),
        baseRevision: revision,
        parentId: this.text(),
        ttlMs: this.number(),
        label,
        ...sender,
      },
      { kind: 'checkpoint_ghost', ghostId, name: this.word(), ...sender },
      { kind: 'commit_ghost', ghostId, isolation: 'serializable', label, ...sender },
      { kind: 'rewind_ghost', ghostId, checkpoint: this.text(), reason, ...sender },
      { kind: 'revert_ghost', ghostId, reason, ...sender },
      { kind: 'expire_ghost', ghostId, ...sender },
      { kind: 'revert_revision', revision, operations, preconditions, reason, ...sender },
      cascadeSample(this, sender),
      { kind: 'compact', revision, ...sender },
      ...this.#lockCommands(sender),
      ...this.#gatedCommands(sender),
      ...this.#schemaCommands(sender),
    ];
    const command = this.pick(commands);
    const { kind } = command;
    const isRevert = kind === 'revert_revision' || kind === 'revert_cascade';
    const isFenced = kind === 'publish' || kind === 'commit_ghost' || isRevert;
    if (!isFenced || this.chance(2)) return command;
    return { ...command, fencingTokens: [this.number(), ...this.list(3, () => this.number())] };
  }

  #lockCommands(sender: Pick<Command, 'author' | 'request'>): Command[] {
    const [leaseId, lockId, label, ttlMs] = [this.text(), this.text(), this.text(), this.number()];
    const targets = this.list(3, () => ({
      path: this.chance(4) ? [] : this.path(),
      mode: this.pick(['is', 'ix', 's', 'six', 'x'] as const),
    }));
    const [noWait, delayMs] = [this.chance(2), this.number()];
    return [
      { kind: 'grant_lease', leaseId, ttlMs, label, ...sender },
      { kind: 'end_lease', leaseId, ...sender },
      { kind: 'expire_lease', leaseId, ...sender },
      { kind: 'acquire_lock', lockId, leaseId, ttlMs, targets, noWait, delayMs, label, ...sender },
      { kind: 'release_lock', lockId, leaseId, endLease: this.chance(2), ...sender },
      { kind: 'end_lock_delay', lockId, ...sender },
    ];
  }

  #gatedCommands(sender: Pick<Command, 'author' | 'request'>): Command[] {
    const [ghostId, label, reason] = [this.word(), this.text(), this.text()];
    const begin = {
      ghostId,
      scope: this.path(),
      baseRevision: 0,
      parentId: '',
      ttlMs: 1_000,
      label,
    } as const;
    const [edition, isApproved] = [this.number(), this.chance(2)];
    return [
      { kind: 'begin_ghost', ...begin, gates: [this.gate(), ...this.list(2, () => this.gate())], ...sender },
      { kind: 'begin_ghost', ...begin, raceId: this.word(), leaseId: this.word(), ...sender },
      {
        kind: 'begin_ghost',
        ...begin,
        raceId: this.word(),
        attemptsMax: 1 + this.#random.below(2_000),
        ...sender,
      },
      {
        kind: 'commit_ghost',
        ghostId,
        isolation: 'writes',
        label,
        approvedEdition: 1 + (edition % 9),
        ...sender,
      },
      {
        kind: 'begin_ghost',
        ...begin,
        parentId: this.word(),
        parentEdition: 1 + (edition % 2 ** 52),
        ...sender,
      },
      { kind: 'checkpoint_ghost', ghostId, name: label, edition: 1 + (edition % 2 ** 52), ...sender },
      { kind: 'commit_ghost', ghostId, isolation: 'writes', label, edition: 1 + (edition % 9), ...sender },
      { kind: 'commit_ghost', ghostId, isolation: 'writes', label, basis: [this.basisEntry()], ...sender },
      { kind: 'commit_ghost', ghostId, isolation: 'serializable', readsInViews: true, label, ...sender },
      { kind: 'commit_ghost', ghostId, isolation: 'writes', bindingsByPath: true, label, ...sender },
      {
        kind: 'review_ghost',
        ghostId,
        reviewer: this.word(),
        edition,
        approved: isApproved,
        reason,
        ...sender,
      },
    ];
  }

  #schemaCommands(sender: Pick<Command, 'author' | 'request'>): Command[] {
    const definition =
      this.word() === 'a' ? '' : String.fromCharCode(...this.list(300, () => this.#random.below(256)));
    const bindings = this.list(3, () => ({
      template: { segments: ['{a}', ...this.path()] },
      messageType: this.text(),
    }));
    const format = this.pick(['protobuf', 'json_schema'] as const);
    const schema = {
      kind: 'register_schema',
      name: this.word(),
      format,
      definition,
      bindings,
      ...sender,
    } as const;
    const { kind: _kind, author: _author, request: _request, ...migration } = schema;
    const begin = { scope: [], baseRevision: 0, parentId: '', ttlMs: 1_000, label: '' } as const;
    return [
      schema,
      { kind: 'begin_ghost', ghostId: this.word(), ...begin, migration, ...sender },
      { ...schema, expectedVersion: 1 + this.#random.below(1_000) },
      { kind: 'set_unbound_paths', refused: this.chance(2), ...sender },
    ];
  }

  gate(): Gate {
    const patterns = this.list(3, () => ({
      segments: this.pick([[], ['**'], ['a', '*', 'ü'], this.path()]),
    }));
    return this.pick<Gate>([
      { kind: 'review', reviewer: this.word() },
      { kind: 'schema', onViolation: this.pick(['revert', 'collect'] as const) },
      { kind: 'limit', patterns, operationsMax: this.number(), bytesMax: this.number() },
    ]);
  }

  operation(): Operation {
    const path = this.path();
    if (this.chance(8)) return this.#messagePatch(path);
    if (this.chance(8)) return this.#fieldIncrement(path);
    const patch = JSON.stringify({ [this.word()]: this.text() });
    return this.pick<Operation>([
      { kind: 'put', path, value: this.value() },
      { kind: 'put', path, value: this.value(), leaseId: this.word() },
      { kind: 'append', path, addition: this.addition() },
      { kind: 'merge', path, patch, patchBytes: textEncoder.encode(patch).length },
      { kind: 'increment', path, amount: this.pick(int64s) },
      { kind: 'increment', path, amount: this.pick([0, -0, 0.1, -1e300, 5e-324]) },
      { kind: 'delete', path, scope: this.chance(2) ? 'subtree' : 'node' },
      { kind: 'copy', path, source: this.path(), sourceRevision: this.number() },
    ]);
  }

  #messagePatch(path: Path): MessagePatch {
    const kind = this.pick(['merge_message', 'append_message'] as const);
    const patch = this.#binary('message', `type.example.com/${this.word()}`);
    const mask = this.list(2, () => this.word());
    return { kind, path, patch, fields: [this.#change(0), ...this.list(2, () => this.#change(0))], mask };
  }

  #change(depth: number): FieldChange {
    const step = this.#step();
    const within = (): FieldChange[] => this.list(2, () => this.#change(depth + 1));
    if (depth < 4 && this.chance(3)) return { ...step, kind: 'within', within: within() };
    return { ...step, kind: this.pick(['replace', 'append', 'pack', 'entries', 'present'] as const) };
  }

  #step(): FieldStep {
    return {
      number: 1 + this.#random.below(2 ** 29 - 1),
      others: this.list(3, () => this.#random.below(300)),
    };
  }

  #field(): ScalarField {
    const type = this.pick(Object.keys(scalarTypes) as ScalarField['type'][]);
    const steps = [this.#step(), ...this.list(2, () => this.#step())];
    return { name: this.word(), steps, type, implicit: this.chance(2) };
  }

  #fieldIncrement(path: Path): FieldIncrement {
    const [field, type] = [this.#field(), `type.example.com/${this.word()}`];
    const amount = this.pick<bigint | number>([...int64s, 0.1, -1e300]);
    const plain = { kind: 'increment_field', path, field, type, amount } as const;
    return this.chance(2)
      ? plain
      : { ...plain, initial: this.pick<bigint | number>([...int64s, 2n ** 64n - 1n, 0.5]) };
  }

  value(): Value {
    const kind = this.pick(['json', 'items', 'text', 'bytes', 'message'] as const);
    if (kind === 'bytes') return this.#binary(kind, '');
    if (kind === 'message') return this.#binary(kind, `type.example.com/${this.word()}`);
    if (kind === 'items')
      return sized(kind, `[${this.list(3, () => JSON.stringify(this.text())).join(',')}`, 1);
    return sized(kind, kind === 'json' ? JSON.stringify({ [this.word()]: this.text() }) : this.text());
  }

  addition(): Value {
    const kind = this.pick(['items', 'text', 'bytes'] as const);
    if (kind === 'bytes') return this.#binary(kind, '');
    return sized(kind, kind === 'text' ? this.text() : JSON.stringify(this.text()));
  }

  path(): Path {
    return [this.word(), ...this.list(5, () => this.word())];
  }

  precondition(): Precondition {
    const path = this.path();
    if (this.chance(4)) return { path, ...this.#fieldCondition() };
    return this.pick<Precondition>([
      { kind: 'presence', path, present: this.chance(2) },
      { kind: 'modified_revision', path, revision: this.number() },
      { kind: 'version', path, version: this.number() },
      { kind: 'subtree_unchanged_since', path, revision: this.number() },
    ]);
  }

  #fieldCondition(): FieldConditionSample {
    if (this.chance(4)) return { kind: 'field', field: this.#field(), isSet: this.chance(2) };
    if (this.chance(3))
      return { kind: 'field', field: this.#field(), equals: this.#binary('bytes', '').data };
    if (this.chance(2)) return { kind: 'json', pointer: `/${this.word()}`, isSet: this.chance(2) };
    return { kind: 'json', pointer: '', equals: JSON.stringify(this.text()) };
  }

  basisEntry(): BasisEntry {
    const extent = this.pick(['node', 'subtree', 'absent'] as const);
    const read = { path: this.chance(5) ? [] : this.path(), revision: this.number(), extent };
    const ghostId = this.word();
    if (ghostId === '' || this.chance(2)) return read;
    return this.chance(3) ? { ...read, ghostId } : { ...read, ghostId, sequence: Math.max(1, this.number()) };
  }

  /** A text of any length around the thresholds of the wire writer and reader; often empty. */
  text(): string {
    let text = '';
    for (let count = this.#random.below(4) * this.#random.below(5); count > 0; count -= 1)
      text += this.word();
    return text;
  }

  word(): string {
    return this.pick(words);
  }

  number(): number {
    return this.chance(2) ? this.#random.below(300) : this.pick(bigNumbers);
  }

  list<T>(max: number, make: () => T): T[] {
    return Array.from({ length: this.#random.below(max + 1) }, make);
  }

  chance(oneIn: number): boolean {
    return this.#random.below(oneIn) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.#random.below(choices.length)] as T;
  }

  #binary(kind: 'bytes' | 'message', type: string): Value {
    const data = String.fromCharCode(...this.list(300, () => this.#random.below(256)));
    return { kind, data, bytes: data.length, type };
  }
}

function sized(kind: 'json' | 'items' | 'text', data: string, more = 0): Value {
  return { kind, data, bytes: textEncoder.encode(data).length + more, type: '' };
}
