/** What scenarios give with the verbs of an SDK, and how it becomes the SDK's own values. */
import {
  gate,
  json,
  messageJson,
  operation,
  parseJson,
  precondition,
  type Addition,
  type Cascade,
  type Gate,
  type JsonValue,
  type LeaseReference,
  type LoadBalancing,
  type Operation,
  type Precondition,
  type PutValue,
  type SchemaMigration,
  type UnboundPaths,
  type ValueForm,
  type ViolationAction,
} from '../../../typescript/src/index.ts';
import type { GivenMapping } from './sdk-schemas.ts';

/** A value to write: of each kind one way; `json` is given as the language's own value, `exact` as JSON text. */
export interface GivenValue {
  readonly text?: string;
  readonly bytes?: string;
  readonly json?: string;
  readonly exact?: string;
  readonly items?: readonly string[];
  /** A message as JSON. */
  readonly messageJson?: string;
}

/** The version of a JSON Schema that a ghost brings. */
export interface GivenMigration {
  readonly name: string;
  readonly json: string;
  readonly path: string;
  readonly expectedVersion?: number;
}

/** One operation: the verb with its arguments. */
export type GivenOperation = Readonly<Record<string, Arguments>>;

/** An attempt of a speculation: what it writes, and what its verifier says of it. */
export interface GivenAttempt {
  /** It begins when `proceed` has said this name. */
  readonly after?: string;
  readonly operations: readonly GivenOperation[];
  /** Of an alternative in a race: what it is called. */
  readonly label?: string;
  /** A reason, or false: it is refused. */
  readonly verdict?: string | boolean;
  /** The work fails with this message. */
  readonly failure?: string;
  /** Written to the trunk meanwhile, by somebody else. */
  readonly meanwhile?: readonly GivenOperation[];
}

/** Arguments by name; each verb takes its own. */
export interface Arguments {
  readonly path?: string;
  readonly paths?: readonly string[];
  readonly value?: GivenValue;
  readonly lease?: string;
  readonly amount?: string;
  readonly real?: number;
  readonly scope?: string;
  readonly source?: string;
  readonly target?: string;
  readonly revision?: number;
  readonly version?: number;
  readonly operations?: readonly GivenOperation[];
  readonly preconditions?: readonly GivenOperation[];
  readonly diffs?: readonly (readonly GivenOperation[])[];
  readonly label?: string;
  readonly requestId?: string;
  readonly traceParent?: string;
  readonly basis?: readonly { readonly path: string; readonly revision: number; readonly extent: string }[];
  readonly atRevision?: number;
  readonly depth?: number;
  readonly keysOnly?: boolean;
  readonly pageSize?: number;
  readonly timeoutMs?: number;
  readonly lockWaitMs?: number;
  readonly patterns?: readonly string[];
  readonly start?: string;
  readonly afterRevision?: number;
  readonly everything?: boolean;
  readonly results?: boolean;
  readonly previous?: boolean;
  readonly withBasis?: boolean;
  readonly bookmarks?: boolean;
  readonly name?: string;
  readonly checkpoint?: string;
  readonly reason?: string;
  readonly serializable?: boolean;
  readonly id?: string;
  readonly ids?: readonly string[];
  readonly agent?: string;
  readonly ttlMs?: number;
  readonly limit?: {
    readonly patterns?: readonly string[];
    readonly operationsMax?: number;
    readonly bytesMax?: number;
  };
  readonly reviewers?: readonly string[];
  readonly race?: string;
  readonly attemptsMax?: number;
  readonly attempts?: readonly GivenAttempt[];
  readonly alternatives?: readonly GivenAttempt[];
  readonly retries?: number;
  readonly mode?: string;
  readonly targets?: readonly { readonly path: string; readonly mode: string }[];
  readonly waitMs?: number;
  readonly noWait?: boolean;
  readonly state?: string;
  readonly reviewer?: string;
  readonly author?: string;
  readonly forest?: string;
  readonly trackBasis?: boolean;
  readonly addresses?: readonly string[];
  readonly query?: string;
  readonly cascade?: Cascade;
  readonly hops?: number;
  readonly sequence?: number;
  readonly meters?: boolean;
  readonly tokenBudget?: number;
  readonly changeTokenBudget?: number;
  readonly baseRevision?: number;
  readonly sinceRevision?: number;
  readonly sinceSequence?: number;
  readonly format?: string;
  readonly rebaseFactor?: number;
  readonly loadBalancing?: LoadBalancing;
  readonly token?: string;
  readonly newestFirst?: boolean;
  readonly from?: number;
  readonly to?: number;
  readonly form?: ValueForm;
  readonly pins?: Readonly<Record<string, number>>;
  readonly schemaGate?: ViolationAction;
  readonly migration?: GivenMigration;
  /** A descriptor set, in base64. */
  readonly set?: string;
  readonly json?: string;
  readonly expectedVersion?: number;
  readonly mapping?: readonly GivenMapping[];
  readonly unboundPaths?: UnboundPaths;
  /** Of typed handles: variables of the path, the message as JSON, a field of it and what that is. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly message?: string;
  readonly mask?: readonly string[];
  readonly field?: string;
  readonly equals?: JsonValue;
  readonly isSet?: boolean;
}

/** Where leases are looked up by the names of their handles. */
export type LeaseOf = (name: string | undefined) => LeaseReference | undefined;

export function valueOf(given: GivenValue = {}): PutValue {
  if (given.text !== undefined) return given.text;
  if (given.bytes !== undefined) return new Uint8Array(Buffer.from(given.bytes, 'base64'));
  if (given.messageJson !== undefined) return messageJson(parseJson(given.messageJson));
  return given.exact === undefined ? parseJson(given.json ?? 'null') : json(given.exact);
}

export function additionOf(given: GivenValue = {}): Addition {
  if (given.text !== undefined) return given.text;
  if (given.bytes !== undefined) return new Uint8Array(Buffer.from(given.bytes, 'base64'));
  return (given.items ?? []).map(parseJson);
}

export function patchOf(given: GivenValue = {}): JsonValue {
  return parseJson(given.json ?? '{}');
}

export function amountOf({ amount, real }: Arguments): bigint | { readonly real: number } {
  return real === undefined ? BigInt(amount ?? '1') : { real };
}

export function scopeOf(scope: string | undefined): 'subtree' | 'node' {
  return scope === 'node' ? 'node' : 'subtree';
}

export function operationsOf(given: readonly GivenOperation[] = [], leaseOf: LeaseOf): Operation[] {
  return given.flatMap((each) =>
    Object.entries(each).map(([verb, args]) => operationOf(verb, args, leaseOf)),
  );
}

function operationOf(verb: string, args: Arguments, leaseOf: LeaseOf): Operation {
  const { path = '', lease } = args;
  switch (verb) {
    case 'put':
      return operation.put(path, valueOf(args.value), leaseOf(lease));
    case 'append':
      return operation.append(path, additionOf(args.value));
    case 'merge':
      return operation.merge(path, patchOf(args.value));
    case 'increment':
      return operation.increment(path, amountOf(args));
    case 'delete':
      return operation.delete(path, scopeOf(args.scope));
    case 'copy':
      return operation.copy(args.source ?? '', args.target ?? '', args.revision);
    default:
      throw new Error(`no operation ${verb}`);
  }
}

export function preconditionsOf(given: readonly GivenOperation[] = []): Precondition[] {
  return given.flatMap((each) => Object.entries(each).map(([kind, args]) => preconditionOf(kind, args)));
}

function preconditionOf(kind: string, { path = '', revision = 0, version = 0 }: Arguments): Precondition {
  switch (kind) {
    case 'present':
      return precondition.present(path);
    case 'absent':
      return precondition.absent(path);
    case 'modifiedRevision':
      return precondition.modifiedRevision(path, revision);
    case 'version':
      return precondition.version(path, version);
    case 'subtreeUnchangedSince':
      return precondition.subtreeUnchangedSince(path, revision);
    default:
      throw new Error(`no precondition ${kind}`);
  }
}

export function gatesOf({ limit, reviewers = [], schemaGate }: Arguments): Gate[] {
  return [
    ...(limit === undefined ? [] : [gate.limit(limit)]),
    ...reviewers.map((name) => gate.review(name)),
    ...(schemaGate === undefined ? [] : [gate.schema(schemaGate)]),
  ];
}

export function migrationOf({ migration }: Arguments): SchemaMigration | undefined {
  if (migration === undefined) return undefined;
  const { name, json, path, expectedVersion } = migration;
  return { name, definition: { kind: 'json_schema', json, path }, expectedVersion };
}
