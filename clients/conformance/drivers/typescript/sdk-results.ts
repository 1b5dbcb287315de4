/** What the SDK returns and throws, as JSON in the words that all SDKs share. */
import {
  ConflictError,
  DeadlockError,
  GateRevertedError,
  HyperloomError,
  RaceFailed,
  RevisionError,
  SchemaViolationError,
  SpeculationFailed,
  stringifyJson,
  type Change,
  type Event,
  type GhostInfo,
  type InspectedLock,
  type LockInfo,
  type Node,
  type NodeDifference,
  type Reverted,
  type ReviewItem,
  type SubscriptionItem,
  TypedMessage,
  type Value,
  type ValueKind,
} from '../../../typescript/src/index.ts';

/** Anything that `JSON.stringify` takes. */
export type Result = unknown;

interface Read {
  readonly kind: ValueKind;
  readonly value: Value | undefined;
  readonly json: string | undefined;
}

/** `json` is the exact text, `native` the parsed value, written again. */
export function tellValue({ kind, value, json }: Read): Result {
  switch (kind) {
    case 'none':
      return { kind };
    case 'text':
      return { kind, text: value };
    case 'bytes':
      return { kind, bytes: base64(value) };
    case 'json':
      return { kind, json, native: stringifyJson(value) };
    case 'message':
      return { kind, typeUrl: value instanceof TypedMessage ? value.typeUrl : '' };
  }
}

function base64(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : '';
}

export function tellNode(node: Node | undefined): Result {
  if (node === undefined) return null;
  const { kind: _kind, value: _value, json: _json, ...rest } = node;
  return { ...rest, formProblem: node.formProblem ?? null, value: tellValue(node) };
}

export function tellNodes(nodes: readonly Node[]): Result {
  return nodes.map(tellNode);
}

export function tellGhost(info: GhostInfo): Result {
  const gates = info.gates.map(({ gate, state, author, reason, violations }) => ({
    kind: gate.kind,
    reviewer: gate.kind === 'review' ? gate.reviewer : '',
    onViolation: gate.kind === 'schema' ? gate.onViolation : '',
    state,
    author,
    reason,
    violations,
  }));
  return { ...info, gates, race: info.race ?? null, beginTime: undefined };
}

export function tellReverted(reverted: Reverted): Result {
  return { ...reverted, checkpoint: reverted.checkpoint ?? null, brokerTimeMs: undefined };
}

export function tellLock(lock: LockInfo | InspectedLock): Result {
  return { ...lock, requestTime: undefined, grantTime: undefined };
}

export function tellDifference({ path, before, after }: NodeDifference): Result {
  return { path, before: tellNode(before), after: tellNode(after) };
}

export function tellEvent(event: Event): Result {
  return {
    ...event,
    time: undefined,
    transition: event.transition === undefined ? null : { ...event.transition, ghost: undefined },
    basisReverted: event.basisReverted ?? [],
    traceParent: event.traceParent ?? '',
    changes: event.changes.map(tellChange),
  };
}

function tellChange(change: Change): Result {
  const { path, author, action } = change;
  const nodes = { result: tellNode(change.result), previous: tellNode(change.previous) };
  return { path, author, action, ...nodes, ...tellAction(change) };
}

function tellAction(change: Change): Readonly<Record<string, Result>> {
  switch (change.action) {
    case 'put':
      return { value: tellValue(change) };
    case 'append':
      return { value: tellAddition(change.addition) };
    case 'merge':
      return { value: { native: stringifyJson(change.patch) } };
    case 'increment':
      return { amount: String(change.amount), sum: stringifyJson(change.sum) };
    case 'delete':
      return { scope: change.scope };
    case 'copy':
      return { source: change.source, sourceRevision: change.sourceRevision };
  }
}

function tellAddition(addition: Extract<Change, { action: 'append' }>['addition']): Result {
  if (typeof addition === 'string') return { text: addition };
  if (addition instanceof Uint8Array) return { bytes: base64(addition) };
  if (addition instanceof TypedMessage) return { typeUrl: addition.typeUrl };
  return { items: addition.map(stringifyJson) };
}

export function tellItem(item: SubscriptionItem | undefined): Result {
  switch (item?.kind) {
    case 'snapshot':
      return { snapshot: { revision: item.revision, nodes: tellNodes(item.nodes) } };
    case 'event':
      return { event: tellEvent(item.event) };
    case 'bookmark':
      return { bookmark: { revision: item.revision } };
    case undefined:
      return { end: true };
  }
}

export function tellReview(item: ReviewItem): Result {
  if (item.kind === 'settled') return { settled: item };
  const { ghost, reviewer, label } = item.review;
  return { requested: { ghostId: ghost.id, reviewer, label } };
}

/** The class's own name says the kind, so that a class that is called otherwise than elsewhere is found. */
export function tellError(error: unknown): Result {
  if (!(error instanceof Error)) return { kind: 'UNKNOWN', message: String(error) };
  const { message } = error;
  if (error.name === 'AbortError') return { kind: 'CANCELLED', message };
  const [kind = 'OTHER', ...wider] = kindsOf(error);
  if (error instanceof SpeculationFailed) return { kind, message, reasons: error.reasons };
  if (error instanceof RaceFailed) return { kind, message, errors: error.errors.map(tellError) };
  if (!(error instanceof HyperloomError)) return { kind, message };
  const { code, reason, metadata } = error;
  const kinds = [kind, ...wider];
  const violations = error.violations.map(({ field }) => field);
  return { kind, kinds, code, reason, metadata, violations, message, ...tellMore(error) };
}

/** The narrowest first; that of all errors is left out. */
function kindsOf(error: Error): string[] {
  const kinds: string[] = [];
  for (
    let of: unknown = error.constructor;
    of !== HyperloomError && of !== Error && typeof of === 'function';
    of = Object.getPrototypeOf(of)
  )
    kinds.push(
      of.name
        .replace(/Error$/, '')
        .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
        .toUpperCase(),
    );
  return kinds;
}

function tellMore(error: HyperloomError): Readonly<Record<string, Result>> {
  if (error instanceof ConflictError) {
    const conflicts = error.conflicts.map(({ path, kind, base, trunk, ghost }) => ({
      path,
      kind,
      base: tellNode(base),
      trunk: tellNode(trunk),
      ghost: tellNode(ghost),
    }));
    return { conflicts, conflictsTotal: error.total };
  }
  if (error instanceof DeadlockError) return { circle: error.circle.map(({ author }) => ({ author })) };
  if (error instanceof SchemaViolationError || error instanceof GateRevertedError)
    return { problems: error.problems.map(({ field, rule }) => ({ field, rule })) };
  if (error instanceof RevisionError)
    return { oldestRevision: error.oldestRevision ?? 0, newestRevision: error.newestRevision ?? 0 };
  return {};
}
