/** Gates: what must be fulfilled before a ghost's work reaches the trunk or its parent. And races: ghosts as alternatives. */
import { create } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import {
  GateSchema,
  GateState as WireState,
  ViolationAction as WireAction,
  type Gate as WireGate,
  type GateStanding as WireStanding,
  type RaceStanding as WireRaceStanding,
} from './gen/hyperloom/v1/gate_pb.ts';

/** One condition. Made by the builders in {@link gate}; immutable. */
export type Gate =
  | {
      readonly kind: 'limit';
      readonly patterns: readonly string[];
      readonly operationsMax: number;
      readonly bytesMax: number;
    }
  | { readonly kind: 'review'; readonly reviewer: string }
  | { readonly kind: 'schema'; readonly onViolation: ViolationAction };

/** What is done about values that do not fit their schemas: the ghost goes back at the first, or they are collected until they are put right. */
export type ViolationAction = 'revert' | 'collect';

/** What a ghost may touch. */
export interface GateLimits {
  /** Patterns of paths, as in a subscription. Default: all of the ghost's scope. */
  readonly patterns?: readonly string[] | undefined;
  /** Staged operations. Default: no such limit. */
  readonly operationsMax?: number | undefined;
  /** Staged bytes. Default: no such limit. */
  readonly bytesMax?: number | undefined;
}

/** Builds gates for `client.ghost({ gates })`. */
export const gate = {
  /** What the ghost may touch. A diff beyond it is refused when it is staged, with {@link GateLimitError}. */
  limit({ patterns = [], operationsMax = 0, bytesMax = 0 }: GateLimits): Gate {
    return { kind: 'limit', patterns: [...patterns], operationsMax, bytesMax };
  },
  /** A program or a person who must approve, by the name that it knows itself by. `commit` waits for it. */
  review(reviewer: string): Gate {
    return { kind: 'review', reviewer };
  },
  /**
   * What becomes of values that do not fit their schemas, which are refused without this gate. `revert`: the ghost goes back to its newest
   * checkpoint at once, with {@link GateRevertedError}; `speculate` does the work again. `collect`: they are staged, and the commit is refused with all
   * of them until later diffs have put them right.
   */
  schema(onViolation: ViolationAction): Gate {
    return { kind: 'schema', onViolation };
  },
} as const;

/** A gate of a ghost, and where it stands. */
export interface GateStanding {
  readonly gate: Gate;
  /**
   * `open`: it lets the ghost as it is pass. `pending`: a reviewer has not decided on it. `closed`: values do not fit. `unchecked`: nobody has
   * looked whether they do; `ghost.state()` does.
   */
  readonly state: 'open' | 'pending' | 'closed' | 'unchecked';
  /** Who decided. Empty while nobody has. */
  readonly author: string;
  /** What was said. Empty while nobody has. */
  readonly reason: string;
  readonly decisionTime: Date | undefined;
  /** Of a schema gate that is closed: what does not fit. The first 100. */
  readonly violations: readonly StagedViolation[];
}

/** A staged value that does not fit its schema. */
export interface StagedViolation {
  readonly path: string;
  /** The field in the value; empty: all of it. */
  readonly field: string;
  /** Which rule, such as `string.min_len`; empty where no schema is about the path. */
  readonly rule: string;
  readonly message: string;
}

/** Makes ghosts alternatives: of those that name the same race, the first to be committed wins, and the others are reverted. */
export interface RaceMembership {
  /** 1 to 128 bytes, unique in the forest. */
  readonly id: string;
  /**
   * Attempts that all its ghosts have together; each beginning of one and each return to a checkpoint is one. The first ghost
   * sets it. Default and most: 1,000.
   */
  readonly attemptsMax?: number | undefined;
}

/** Where a race stands. */
export interface RaceStanding {
  readonly id: string;
  readonly attemptsMax: number;
  readonly attempts: number;
  /** Empty while none was committed. */
  readonly winnerGhostId: string;
}

/** The gate's message. */
export function wireGate(from: Gate): WireGate {
  if (from.kind === 'review')
    return create(GateSchema, { kind: { case: 'review', value: { reviewer: from.reviewer } } });
  if (from.kind === 'schema') {
    const onViolation = from.onViolation === 'revert' ? WireAction.REVERT : WireAction.COLLECT;
    return create(GateSchema, { kind: { case: 'schema', value: { onViolation } } });
  }
  const { patterns, operationsMax, bytesMax } = from;
  const value = {
    patterns: [...patterns],
    operationsMax: BigInt(operationsMax),
    bytesMax: BigInt(bytesMax),
  };
  return create(GateSchema, { kind: { case: 'limit', value } });
}

/** Reads a standing; `undefined` for a gate of a newer broker that this version does not know. */
export function readGateStanding(standing: WireStanding): GateStanding | undefined {
  const read = readGate(standing.gate);
  if (read === undefined) return undefined;
  const { author, reason, decisionTime, violations } = standing;
  return {
    gate: read,
    state: stateNames[standing.state] ?? 'pending',
    author,
    reason,
    decisionTime: decisionTime === undefined ? undefined : timestampDate(decisionTime),
    violations: violations.map(({ path, field, rule, message }) => ({ path, field, rule, message })),
  };
}

const stateNames: Readonly<Record<number, GateStanding['state']>> = {
  [WireState.OPEN]: 'open',
  [WireState.CLOSED]: 'closed',
  [WireState.UNCHECKED]: 'unchecked',
};

function readGate(from: WireGate | undefined): Gate | undefined {
  const kind = from?.kind;
  if (kind?.case === 'review') return gate.review(kind.value.reviewer);
  if (kind?.case === 'schema')
    return gate.schema(kind.value.onViolation === WireAction.REVERT ? 'revert' : 'collect');
  if (kind?.case !== 'limit') return undefined;
  const { patterns, operationsMax, bytesMax } = kind.value;
  return gate.limit({ patterns, operationsMax: Number(operationsMax), bytesMax: Number(bytesMax) });
}

/** Reads where a race stands. */
export function readRaceStanding(standing: WireRaceStanding): RaceStanding {
  return {
    id: standing.race?.id ?? '',
    attemptsMax: standing.race?.attemptsMax ?? 0,
    attempts: standing.attempts,
    winnerGhostId: standing.winnerGhostId,
  };
}
