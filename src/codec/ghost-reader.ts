/** `SnapshotGhost`, `SnapshotStaged` and `SnapshotRequest` → plain data. What ghosts are made of again is in `ghost-builder.ts`. */
import type { GhostState, StagedDiff } from '../state/ghosts/ghost.ts';
import type { GateStanding } from '../state/ghosts/gate.ts';
import type { Attempt, Outcome } from '../state/outcome.ts';
import type { PendingCommitInfo } from '../state/ghosts/pending-commit.ts';
import type { RememberedRequest } from '../state/requests.ts';
import type { RevertedBasis } from '../state/cascades/cascade-parts.ts';
import type { Migration } from '../state/schemas/schema.ts';
import type { Path } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import { readPending, readStanding } from './gate-items.ts';
import { readRevertedBasis } from './reverted-basis.ts';
import { readMigration, readMigrationName } from './schema-command.ts';
import { readStagedDiff } from './staged-diff.ts';
import type { WireReader } from './wire-reader.ts';

/** A checkpoint as it is written. */
export interface CheckpointItem {
  readonly name: string;
  readonly sequence: number;
  readonly stagedDiffs: number;
  readonly stagedOperations: number;
}

/** A ghost as it is written. */
export interface GhostItem {
  id: string;
  scope: Path;
  baseRevision: number;
  parentId: string;
  label: string;
  author: string;
  ttlMs: number;
  sequence: number;
  firstSequence: number;
  readonly checkpoints: CheckpointItem[];
  readonly attempts: Attempt[];
  beginPosition: number;
  beginTimeMs: number;
  state: GhostState;
  committedRevision: number;
  stagedOperations: number;
  stagedBytes: number;
  referenceId: string;
  referenceView: boolean;
  edition: number;
  readonly gates: GateStanding[];
  pendingCommit: PendingCommitInfo | null;
  raceId: string;
  leaseId: string;
  run: number;
  readonly earlierEditions: number[];
  /** Of a live ghost. */
  migration: Migration | null;
  /** Of one that is over. */
  migrationName: string;
  readonly revertedBasis: RevertedBasis[];
}

const states: readonly (GhostState | undefined)[] = [undefined, 'live', 'committed', 'reverted', 'expired'];

export function readGhost(reader: WireReader): GhostItem {
  const ghost: GhostItem = {
    id: '',
    scope: [],
    baseRevision: 0,
    parentId: '',
    label: '',
    author: '',
    ttlMs: 0,
    sequence: 0,
    firstSequence: 0,
    checkpoints: [],
    attempts: [],
    beginPosition: 0,
    beginTimeMs: 0,
    state: 'live',
    committedRevision: 0,
    stagedOperations: 0,
    stagedBytes: 0,
    referenceId: '',
    referenceView: false,
    edition: 0,
    gates: [],
    pendingCommit: null,
    raceId: '',
    leaseId: '',
    run: 0,
    earlierEditions: [],
    migration: null,
    migrationName: '',
    revertedBasis: [],
  };
  for (let field = reader.next(); field !== 0; field = reader.next()) readGhostField(reader, field, ghost);
  if (ghost.id === '') throw new CodecDamage('a ghost without an id');
  return ghost;
}

function readGhostField(reader: WireReader, field: number, ghost: GhostItem): void {
  switch (field) {
    case 1:
      ghost.id = reader.text();
      break;
    case 2:
      ghost.scope = reader.path();
      break;
    case 3:
      ghost.baseRevision = reader.uint();
      break;
    case 4:
      ghost.parentId = reader.text();
      break;
    case 5:
      ghost.label = reader.text();
      break;
    case 6:
      ghost.author = reader.repeatedText();
      break;
    case 7:
      ghost.ttlMs = reader.uint();
      break;
    case 8:
      ghost.sequence = reader.uint();
      break;
    case 9:
      ghost.firstSequence = reader.uint();
      break;
    case 10:
      ghost.checkpoints.push(readCheckpoint(reader));
      break;
    case 11:
      ghost.attempts.push(readAttempt(reader));
      break;
    case 12:
      ghost.beginPosition = reader.uint();
      break;
    case 13:
      ghost.beginTimeMs = reader.uint();
      break;
    case 14:
      ghost.state = states[reader.uint()] ?? unknownState();
      break;
    case 15:
      ghost.committedRevision = reader.uint();
      break;
    case 16:
      ghost.stagedOperations = reader.uint();
      break;
    case 17:
      ghost.stagedBytes = reader.uint();
      break;
    case 18:
      ghost.referenceId = reader.text();
      break;
    case 19:
      ghost.referenceView = reader.boolean();
      break;
    default:
      readGatedField(reader, field, ghost);
  }
}

function readGatedField(reader: WireReader, field: number, ghost: GhostItem): void {
  switch (field) {
    case 20:
      ghost.edition = reader.uint();
      break;
    case 21:
      ghost.gates.push(readStanding(reader));
      break;
    case 22:
      ghost.pendingCommit = readPending(reader);
      break;
    case 23:
      ghost.raceId = reader.repeatedText();
      break;
    case 24:
      ghost.leaseId = reader.text();
      break;
    case 25:
      ghost.run = reader.uint();
      break;
    case 26:
      reader.uints(ghost.earlierEditions);
      break;
    case 27:
      // Its state came before: fields stand in the order of their numbers.
      if (ghost.state === 'live') ghost.migration = readMigration(reader);
      else ghost.migrationName = readMigrationName(reader);
      break;
    case 28:
      ghost.revertedBasis.push(readRevertedBasis(reader));
      break;
    default:
      reader.unknown('SnapshotGhost');
  }
}

/** How many attempts a ghost has made, which is not written where it remembers them all. */
export function attemptsMadeOf({ edition, sequence, attempts }: GhostItem): number {
  const made = edition === 0 ? attempts.length : edition - 1 - sequence;
  if (made < attempts.length) throw new CodecDamage('a ghost with more attempts than its edition tells of');
  return made;
}

function unknownState(): never {
  throw new CodecDamage('a ghost in an unknown state');
}

function readCheckpoint(reader: WireReader): CheckpointItem {
  const outer = reader.enter();
  let name = '';
  let sequence = 0;
  let stagedDiffs = 0;
  let stagedOperations = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) name = reader.repeatedText();
    else if (field === 2) sequence = reader.uint();
    else if (field === 3) stagedDiffs = reader.uint();
    else if (field === 4) stagedOperations = reader.uint();
    else reader.unknown('SnapshotCheckpoint');
  }
  reader.leave(outer);
  return { name, sequence, stagedDiffs, stagedOperations };
}

function readAttempt(reader: WireReader): Attempt {
  const outer = reader.enter();
  let reason = '';
  let checkpoint = '';
  let droppedOperations = 0;
  let author = '';
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) reason = reader.text();
    else if (field === 2) checkpoint = reader.repeatedText();
    else if (field === 3) droppedOperations = reader.uint();
    else if (field === 4) author = reader.repeatedText();
    else reader.unknown('SnapshotAttempt');
  }
  reader.leave(outer);
  return { reason, checkpoint, droppedOperations, author };
}

export function readStaged(reader: WireReader): { diff: StagedDiff; bytes: number } {
  let diff: StagedDiff | undefined;
  let bytes = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) diff = readStagedDiff(reader);
    else if (field === 2) bytes = reader.uint();
    else reader.unknown('SnapshotStaged');
  }
  if (diff === undefined) throw new CodecDamage('a staged diff without its diff');
  return { diff, bytes };
}

export function readRequest(reader: WireReader): RememberedRequest {
  let id = '';
  let fingerprint = 0;
  let timeMs = 0;
  let outcome: Outcome | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) id = reader.text();
    else if (field === 2) fingerprint = reader.fixed32();
    else if (field === 3) timeMs = reader.uint();
    else if (field === 4) outcome = parseOutcome(reader.text());
    else reader.unknown('SnapshotRequest');
  }
  if (id === '' || outcome === undefined) throw new CodecDamage('a request without its id or its outcome');
  return { id, fingerprint, timeMs, outcome };
}

const outcomeKinds: ReadonlySet<unknown> = new Set<Outcome['kind']>([
  'published',
  'ghost_begun',
  'checkpointed',
  'committed',
  'ghost_reverted',
  'revision_reverted',
  'compacted',
  'commit_pending',
  'reviewed',
  'lease_granted',
  'lease_ended',
  'lock_granted',
  'lock_waiting',
  'lock_released',
  'lock_delay_ended',
  'schema_registered',
  'unbound_paths_set',
  'rejected',
]);

/** Reads an outcome out of its JSON. */
export function parseOutcome(json: string): Outcome {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new CodecDamage('an outcome that is not JSON');
  }
  const isKnown =
    typeof parsed === 'object' && parsed !== null && 'kind' in parsed && outcomeKinds.has(parsed.kind);
  if (!isKnown) throw new CodecDamage('an outcome of no known kind');
  return parsed as Outcome;
}
