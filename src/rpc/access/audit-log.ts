/**
 * The audit log: a forest of its own, which only the broker writes. A record says who did what where, and what came of it; never a
 * value. Records of a quarter of a second become one node, `/2026-11-22/10:15:30.123-1`, a JSON array; equal ones are one record with a
 * `count`, so that an attack makes the log hardly longer. What is on the disk when the process is killed is there; what was gathered
 * since is not.
 */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { auditGatherMs, auditPlacesMax, auditRecordsPerGatherMax } from '../../base/limits.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { AuditRule } from '../../access/policy.ts';
import type { Forest, Forests } from '../../sequencer/forest.ts';
import type { Operation } from '../../state/command.ts';
import type { Rejection } from '../../state/outcome.ts';
import { childrenOf } from '../../trie/iterate.ts';
import { utf8Length } from '../../trie/path.ts';
import { Refused } from '../errors.ts';
import { type Call, RpcError } from '../transport.ts';
import type { AuditSink, NotedKind } from './audit-sink.ts';
import type { Visitor } from './door.ts';
import { forestNameOf } from './need.ts';

/** One record, as it is stored. */
interface AuditRecord {
  /** Empty where it is not known who it was. */
  readonly principal: string;
  readonly peer: string;
  readonly method: string;
  readonly forest: string;
  /** Paths, patterns, ghosts and leases that were named, the first of them. */
  readonly places: readonly string[];
  /** `OK`, or the reason or code of the refusal. */
  readonly outcome: string;
}

export interface AuditLogOptions {
  readonly forests: Forests;
  readonly clock: Clock;
  /** As of now; `null` while nothing is to be written down. */
  readonly rule: () => AuditRule | null;
  readonly onFailure: (reason: string) => void;
}

const auditor = 'hyperloom';
const dayMs = 86_400_000;

export class AuditLog implements AuditSink {
  readonly #options: AuditLogOptions;
  readonly #gathered = new Map<string, { readonly record: AuditRecord; count: number }>();
  #leftOut = 0;
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();
  #nodes = 0;
  #sweptDay = '';

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  isNoted(kind: NotedKind): boolean {
    return this.#options.rule()?.record.includes(kind) === true;
  }

  done(kind: NotedKind, call: Call, request: MessageShape<DescMessage> | undefined): void {
    if (this.isNoted(kind)) this.#note(call, request, 'OK');
  }

  failed(kind: NotedKind, call: Call, request: MessageShape<DescMessage> | undefined, error: unknown): void {
    const code = error instanceof RpcError ? error.code : 'INTERNAL';
    const isRefusal = code === 'PERMISSION_DENIED' || code === 'UNAUTHENTICATED';
    const isWanted =
      this.isNoted(kind) || (isRefusal && this.#options.rule()?.record.includes('refusals') === true);
    if (isWanted) this.#note(call, request, error instanceof Refused ? error.rejection.reason : code);
  }

  refused(call: Call, forest: string, { reason, metadata }: Rejection): void {
    if (this.#options.rule()?.record.includes('refusals') !== true) return;
    const places = metadata.path === undefined ? [] : [metadata.path];
    this.#add({ ...whoOf(call), forest: forestNameOf(forest), places, outcome: reason });
  }

  notAdmitted({ method, peer }: Visitor, { reason }: Rejection): void {
    if (this.#options.rule()?.record.includes('refusals') !== true) return;
    // Ports of callers change with each connection, and would keep equal records apart.
    this.#add({ principal: '', peer: hostOf(peer), method, forest: '', places: [], outcome: reason });
  }

  /** Writes what is gathered, and resolves when it is durable. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#flush();
    await this.#writing;
  }

  #note(call: Call, request: MessageShape<DescMessage> | undefined, outcome: string): void {
    const fields = (request ?? {}) as Readonly<Record<string, unknown>>;
    const forest = typeof fields.forest === 'string' ? forestNameOf(fields.forest) : nameIn(fields);
    this.#add({ ...whoOf(call), forest, places: placesIn(fields), outcome });
  }

  #add(record: AuditRecord): void {
    const key = JSON.stringify(record);
    const known = this.#gathered.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#gathered.size < auditRecordsPerGatherMax) this.#gathered.set(key, { record, count: 1 });
    else this.#leftOut += 1;
    this.#timer ??= this.#options.clock.setTimer(auditGatherMs, () => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    const rule = this.#options.rule();
    const records = [...this.#gathered.values()].map(({ record, count }) => ({ ...record, count }));
    const leftOut = this.#leftOut;
    this.#gathered.clear();
    this.#leftOut = 0;
    if (rule === null || records.length === 0) return;
    const time = new Date(this.#options.clock.nowMs()).toISOString();
    const told = leftOut === 0 ? records : [...records, { left_out: leftOut }];
    this.#writing = this.#writing
      .then(() => this.#write(rule, time, told))
      .catch((error: unknown) =>
        this.#options.onFailure(error instanceof Error ? error.message : String(error)),
      );
  }

  async #write(rule: AuditRule, time: string, records: readonly object[]): Promise<void> {
    const forest = await this.#forest(rule.forest);
    const [day = '', rest = ''] = time.split('T');
    this.#nodes += 1;
    const data = JSON.stringify(records);
    const operation: Operation = {
      kind: 'put',
      path: [day, `${rest.slice(0, -1)}-${this.#nodes}`],
      value: { kind: 'json', data, bytes: utf8Length(data), type: '' },
    };
    const isNewDay = day !== this.#sweptDay;
    const gone = isNewDay ? outdated(forest, Date.parse(day) - rule.keepDays * dayMs) : [];
    this.#sweptDay = day;
    await publish(forest, [operation, ...gone]);
    if (gone.length > 0) await forest.compact(0, null);
  }

  async #forest(name: string): Promise<Forest> {
    const { forests } = this.#options;
    const found = forests.get(name);
    if (!('reason' in found)) return found;
    await forests.create(name, null);
    const made = forests.get(name);
    if ('reason' in made) throw new Error(made.message);
    return made;
  }
}

/** Days that are kept no longer. */
function outdated(forest: Forest, beforeMs: number): Operation[] {
  const gone: Operation[] = [];
  for (const { segment } of childrenOf(forest.view().root))
    if (Date.parse(segment) < beforeMs) gone.push({ kind: 'delete', path: [segment], scope: 'subtree' });
  return gone;
}

async function publish(forest: Forest, operations: readonly Operation[]): Promise<void> {
  const { outcome } = await forest.propose({
    kind: 'publish',
    author: auditor,
    ghostId: '',
    operations,
    preconditions: [],
    basis: [],
    label: '',
    request: null,
  });
  if (outcome.kind === 'rejected') throw new Error(outcome.message);
}

function whoOf({ caller, peer, method }: Call): Pick<AuditRecord, 'principal' | 'peer' | 'method'> {
  return { principal: caller.name, peer: hostOf(peer), method };
}

function hostOf(peer: string): string {
  return peer.replace(/:\d+$/, '');
}

function nameIn({ name }: Readonly<Record<string, unknown>>): string {
  return typeof name === 'string' ? name : '';
}

const placeCharactersMax = 300;

/** What a request names as the place that it is about. */
function placesIn(fields: Readonly<Record<string, unknown>>): string[] {
  const found: string[] = [];
  const add = (value: unknown): void => {
    if (typeof value === 'string' && value !== '' && found.length < auditPlacesMax)
      found.push(value.slice(0, placeCharactersMax).toWellFormed());
  };
  for (const name of ['path', 'scope', 'ghostId', 'leaseId', 'lockId']) add(fields[name]);
  for (const name of ['paths', 'patterns', 'operations', 'targets', 'parts']) {
    const list = fields[name];
    if (!Array.isArray(list)) continue;
    for (const item of list as readonly unknown[])
      add(typeof item === 'object' && item !== null ? placeOf(item) : item);
  }
  return found;
}

function placeOf(item: object): unknown {
  if ('path' in item) return item.path;
  return 'pattern' in item ? item.pattern : undefined;
}
