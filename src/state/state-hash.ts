/** The hash of a forest's whole state: equal on every replica and after every restart. */
import { hashSteps } from '../trie/hash.ts';
import { Hasher, hexOf } from '../trie/hasher.ts';
import { formatPath } from '../trie/path.ts';
import { formatTemplate } from './schemas/path-template.ts';
import type { ForestState } from './forest.ts';
import { editionOf } from './ghosts/edition.ts';
import type { Entry } from './values/value.ts';

/** Nodes hashed between two pauses. */
const budget = 2_000;

/**
 * Hashes the state as it is at the call: the trunk, the live ghosts with their views, and the revisions. The state may move
 * on between the steps. Returns 32 hexadecimal digits.
 */
export function forestHashSteps(state: ForestState): Generator<void, string, void> {
  const { revision, compactedRevision, root } = state;
  const ghosts = Array.from(state.ghosts.values(), (ghost) => ({
    id: ghost.id,
    scope: formatPath(ghost.scope),
    baseRevision: ghost.baseRevision,
    parentId: ghost.parentId,
    sequence: ghost.sequence,
    staged: ghost.staged?.operations ?? 0,
    checkpoints: ghost.checkpoints.map(({ name }) => name),
    root: ghost.root,
  }));
  const owned = [...ownedThings(state), ...gatedThings(state), ...schemaThings(state)];
  return hashFrozen();

  function* hashFrozen(): Generator<void, string, void> {
    const trunk = yield* hashSteps(root, hashEntry, budget);
    const roots: string[] = [];
    for (const ghost of ghosts) roots.push(yield* hashSteps(ghost.root, hashEntry, budget));
    const hasher = new Hasher();
    hasher.reset();
    hasher.number(revision);
    hasher.number(compactedRevision);
    hasher.text(trunk);
    for (const [index, ghost] of ghosts.entries()) {
      for (const text of [ghost.id, ghost.scope, ghost.parentId, roots[index] ?? '', ...ghost.checkpoints])
        hasher.text(text);
      for (const number of [ghost.baseRevision, ghost.sequence, ghost.staged]) hasher.number(number);
    }
    for (const item of owned) {
      if (typeof item === 'string') hasher.text(item);
      else hasher.number(item);
    }
    return hexOf(hasher.finish());
  }
}

/** Leases and locks as a list of their parts; empty where there was never one, so that older hashes stay as they are. */
function ownedThings({ fencingToken, leases, locks }: ForestState): readonly (string | number)[] {
  if (fencingToken === 0 && leases.size === 0 && locks.size === 0) return [];
  const parts: (string | number)[] = [fencingToken, leases.size, locks.size];
  for (const { id, ttlMs, author, position, nodes } of leases.values()) {
    parts.push(id, ttlMs, author, position, nodes.size);
    for (const [path, revision] of nodes) parts.push(path, revision);
  }
  for (const lock of locks.list()) {
    parts.push(lock.id, lock.leaseId, lock.state, lock.position, lock.fencingToken, lock.grantTimeMs);
    parts.push(lock.author, lock.delayMs, lock.targets.length);
    for (const { path, mode } of lock.targets) parts.push(formatPath(path), mode);
  }
  return parts;
}

/** What has gates, races or leases, as a list of its parts; empty where nothing has, as above. */
function gatedThings({ ghosts, races, endedRaces }: ForestState): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  for (const ghost of ghosts.values()) {
    const { id, gates, pendingCommit, raceId, leaseId } = ghost;
    const { run, earlierEditions, parentId } = ghost;
    // Those in a ghost have what it has.
    const migration = parentId === '' ? ghost.migration : null;
    const isGated = gates.length > 0 || pendingCommit !== null || migration !== null;
    const isPlain = raceId === '' && leaseId === '' && run === 0 && ghost.revertedBasis.length === 0;
    if (!isGated && isPlain) continue;
    parts.push(
      id,
      editionOf(ghost),
      ...earlierEditions,
      pendingCommit?.timeMs ?? 0,
      raceId,
      leaseId,
      gates.length,
    );
    for (const { gate, approval } of gates) {
      parts.push(gate.kind, approval?.edition ?? 0);
      if (gate.kind === 'schema') parts.push(gate.onViolation);
    }
    for (const { basis, sequence, revertedRevision } of ghost.revertedBasis)
      parts.push(
        'reverted',
        formatPath(basis.path),
        basis.extent,
        basis.revision,
        sequence,
        revertedRevision,
      );
    if (migration !== null) {
      const { name, format, definition, expectedVersion = 0 } = migration;
      parts.push('migration', name, format, definition, expectedVersion);
    }
  }
  for (const race of [...endedRaces.values(), ...races.values()])
    parts.push(race.id, race.attemptsMax, race.attempts, race.winnerId, race.position, race.members.size);
  return parts;
}

/** Schemas and what becomes of values at other paths, as a list of their parts; empty where there is none, as above. */
function schemaThings({ schemas }: ForestState): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  for (const { name, version, format, definition, bindings, revision, author, timeMs } of schemas.versions) {
    parts.push('schema', name, version, format, definition, revision, author, timeMs, bindings.length);
    for (const { template, messageType } of bindings) parts.push(formatTemplate(template), messageType);
  }
  for (const { refused, revision } of schemas.rules) parts.push(refused ? 'strict' : 'free', revision);
  return parts;
}

/** The same at once. For tests and small states. */
export function forestHash(state: ForestState): string {
  const steps = forestHashSteps(state);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function hashEntry(entry: Entry, hasher: Hasher): void {
  // An array that is being appended to is the same value whether or not its text has its closing bracket already.
  hasher.text(entry.kind === 'items' ? 'json' : entry.kind);
  hasher.text(entry.kind === 'items' ? `${entry.data}]` : entry.data);
  hasher.text(entry.type);
  hasher.number(entry.created);
  hasher.number(entry.modified);
  hasher.number(entry.assigned);
  hasher.number(entry.version);
  hasher.text(entry.author);
}
