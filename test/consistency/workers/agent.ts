/** What the agents of a worker have in common: a client of the SDK that is shipped, chance from the seed, and the record of all calls. */
import { HyperloomError, operation } from '../../../clients/typescript/src/index.ts';
import type {
  Client,
  ConnectOptions,
  JsonValue,
  Node,
  Operation,
  Value,
  ValueKind,
} from '../../../clients/typescript/src/index.ts';
import type { Random } from '../../../src/base/random.ts';
import { canonicalJson } from '../canonical.ts';
import { nowNs, padded, unpadded } from '../record.ts';
import type { Answer, LineWriter, Shown, Step, Wants } from '../record.ts';

/** What a call told, beside that it went well. */
export type Told = Partial<Pick<Answer, 'revision' | 'nodes' | 'token' | 'givenId'>>;

/** How a call ended: its id, and what the client got where it went well. */
export interface Called<Result> {
  readonly id: string;
  readonly answer: Answer;
  readonly result: Result | undefined;
}

/** What a client says that is asked for what it has lost or given back. */
export class NotHeld extends Error {
  override readonly name = 'NotHeld';
}

/** The option for a client that trusts an authority; none without one. */
export function tlsOf(authority: string | undefined): Pick<ConnectOptions, 'tls'> {
  return authority === undefined ? {} : { tls: { authority } };
}

/** How long new nodes are in use: short, so that writes without an answer are few on each. */
const epochNs = 4_000_000_000;

/** Codes after which nobody knows whether the call took effect. */
const unknownCodes: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'CANCELLED',
  'UNKNOWN',
  'INTERNAL',
]);

export class Agent {
  readonly name: string;
  readonly client: Client;
  readonly random: Random;
  readonly #lines: LineWriter;
  readonly #isOpen: () => boolean;
  #count = 0;

  constructor(name: string, client: Client, random: Random, lines: LineWriter, isOpen: () => boolean) {
    this.name = name;
    this.client = client;
    this.random = random;
    this.#lines = lines;
    this.#isOpen = isOpen;
  }

  /** False once no new work is to be begun. */
  get isOpen(): boolean {
    return this.#isOpen();
  }

  get lines(): LineWriter {
    return this.#lines;
  }

  /** An id, and a text that nobody else writes. */
  token(): string {
    this.#count += 1;
    return `${this.name}.${this.#count}`;
  }

  below(bound: number): number {
    return this.random.below(bound);
  }

  /** One of a few places of its kind that are in use now. */
  place(kind: string, count: number): string {
    return `/${kind}/${Math.floor(nowNs() / epochNs)}-${this.below(count)}`;
  }

  /** Short ones end while the broker is away, and leave an unknown outcome. */
  timeoutMs(): number {
    return [700, 1_500, 4_000, 8_000][this.below(4)] ?? 0;
  }

  sleep(msMax: number): Promise<void> {
    const ms = this.below(msMax) + 1;
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Makes a call and records what came of it. Never rejects. */
  async call<Result>(
    wants: Wants,
    act: (id: string) => Promise<Result>,
    told: (result: Result) => Told = () => ({}),
  ): Promise<Called<Result>> {
    const id = this.token();
    const { forest } = this.client;
    this.#lines.write({ kind: 'call', id, client: this.name, forest, ns: nowNs(), wants });
    let result: Result | undefined;
    let answer: Answer;
    try {
      result = await act(id);
      const ns = nowNs();
      answer = { outcome: 'ok', reason: '', revision: 0, ...told(result) };
      this.#lines.write({ kind: 'answer', id, ns, ...answer });
    } catch (error) {
      answer = this.#failed(error);
      this.#lines.write({ kind: 'answer', id, ns: nowNs(), ...answer });
    }
    return { id, answer, result };
  }

  #failed(error: unknown): Answer {
    if (error instanceof NotHeld) return { outcome: 'refused', reason: error.name, revision: 0 };
    if (!(error instanceof HyperloomError)) {
      this.bug(`a call threw ${String(error)}`);
      return { outcome: 'unknown', reason: String(error), revision: 0 };
    }
    if (error.code === 'INTERNAL' || error.code === 'DATA_LOSS') this.bug(`${error.code}: ${error.message}`);
    // Where the client gives up because a lease is lost, what was under way may have taken effect.
    const isUnknown = unknownCodes.has(error.code) || error.reason === 'LEASE_NOT_FOUND';
    const reason = error.reason === '' ? error.code : error.reason;
    return { outcome: isUnknown ? 'unknown' : 'refused', reason, revision: 0 };
  }

  /** Something that must never be seen. */
  bug(what: string): void {
    this.#lines.write({ kind: 'bug', client: this.name, what });
  }
}

/** The operation for a step. */
export function operationOf({ action, path, text }: Step): Operation {
  switch (action) {
    case 'put':
      return operation.put(path, padded(path, text));
    case 'append':
      return operation.append(path, text);
    case 'increment':
      return operation.increment(path, BigInt(text));
    case 'merge':
      return operation.merge(path, JSON.parse(text) as Record<string, string | null>);
    case 'delete':
      return operation.delete(path);
    default:
      throw new TypeError(`no such action: ${String(action)}`);
  }
}

/** A value as histories hold it. */
export function textOf(kind: ValueKind, value: Value | undefined): string {
  if (kind === 'json') return canonicalJson(value as JsonValue);
  if (typeof value !== 'string') throw new TypeError(`the workload writes no ${kind}`);
  return unpadded(value);
}

function shownOf({ kind, value, modifiedRevision, version }: Node): Shown {
  return { text: textOf(kind, value), revision: modifiedRevision, version };
}

/** The nodes of a read, those that are not there included. */
export function nodesOf(paths: readonly string[], nodes: readonly Node[]): Record<string, Shown | null> {
  const shown: Record<string, Shown | null> = {};
  for (const path of paths) shown[path] = null;
  for (const node of nodes) if (node.kind !== 'none') shown[node.path] = shownOf(node);
  return shown;
}
