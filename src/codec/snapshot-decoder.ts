/** Snapshots → states, chunk by chunk. Beside the state it holds what is left of a chunk and one item. */
import { snapshotItemBytesMax } from '../base/limits.ts';
import { emptyForest } from '../state/forest.ts';
import type { ForestState } from '../state/forest.ts';
import type { Ghost, GhostInfo, Root } from '../state/ghosts/ghost.ts';
import { hangGhost } from '../state/locks/lease-table.ts';
import { parsePath } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import { readRace } from './gate-items.ts';
import { GhostBuilder } from './ghost-builder.ts';
import { attemptsMadeOf, readGhost, readRequest, readStaged } from './ghost-reader.ts';
import type { GhostItem } from './ghost-reader.ts';
import { readLease, readLock } from './lock-items.ts';
import { readNode } from './node-reader.ts';
import type { NodeItem } from './node-reader.ts';
import { readSchema, readUnboundRule } from './schema-command.ts';
import { snapshotFormat } from './snapshot-encoder.ts';
import { itemField } from './snapshot-items.ts';
import { ItemSplitter } from './item-splitter.ts';
import { TreeBuilder } from './tree-builder.ts';
import { WireReader } from './wire-reader.ts';

/** Parts of a snapshot in their order. An item of a part ends those before it. */
const parts = [
  'start',
  'trunk',
  'ghosts',
  'ended',
  'leases',
  'locks',
  'races',
  'schemas',
  'requests',
  'end',
] as const;
type Part = (typeof parts)[number];

/**
 * Takes a snapshot in chunks of any size and gives back the state. Throws {@link CodecDamage} at what is damaged, missing,
 * out of order or of an unknown format; the decoder is of no use then.
 */
export class SnapshotDecoder {
  readonly #splitter = new ItemSplitter(snapshotItemBytesMax, (bytes, start, end) =>
    this.#takeItem(bytes, start, end),
  );
  readonly #reader = new WireReader();
  readonly #node: NodeItem = {
    depth: 0,
    segment: '',
    touched: 0,
    grafted: 0,
    sameValue: false,
    removed: false,
    entry: null,
  };
  readonly #state = emptyForest();
  #part: Part = 'start';
  #items = 0;
  #stateHash = '';
  #lockPosition = 0;
  /** Live ghosts by lease and by race, made when all ghosts are there. */
  readonly #ghostsByKey: Partial<Record<'leaseId' | 'raceId', Map<string, Ghost[]>>> = {};
  /** The tree that is coming, and where it belongs. */
  #tree: TreeBuilder | null = null;
  /** The ghost that is coming: its item until its base is there, its builder then. */
  #ghostItem: GhostItem | null = null;
  #ghost: GhostBuilder | null = null;

  /** Takes the next bytes. They may be overwritten afterwards. */
  push(chunk: Uint8Array): void {
    this.#splitter.push(chunk);
  }

  /** The state, once all bytes have come. */
  finish(): ForestState {
    if (this.#part !== 'end' || this.#splitter.hasRest) throw new CodecDamage('the snapshot is cut off');
    this.#state.locks.restored();
    this.#checkRaces();
    return this.#state;
  }

  /** Of what moment it is, once its first bytes have come. */
  get moment(): Pick<ForestState, 'position' | 'revision' | 'timeMs'> | null {
    const { position, revision, timeMs } = this.#state;
    return this.#part === 'start' ? null : { position, revision, timeMs };
  }

  /** The state hash in the trailer; empty where none was computed. */
  get stateHash(): string {
    return this.#stateHash;
  }

  #takeItem(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    reader.reset(bytes, start, end);
    const field = reader.next();
    const outer = reader.enter();
    if (field === itemField.node) this.#takeNode(reader);
    else this.#takeOther(reader, field);
    reader.leave(outer);
    if (reader.next() !== 0) throw new CodecDamage('two things in one item');
    this.#items += 1;
  }

  #takeNode(reader: WireReader): void {
    if (this.#tree === null) throw new CodecDamage('a node outside a tree');
    readNode(reader, this.#node);
    this.#tree.add(this.#node);
  }

  #takeOther(reader: WireReader, field: number): void {
    this.#endTree();
    switch (field) {
      case itemField.header:
        return this.#takeHeader(reader);
      case itemField.ghost:
        return this.#takeGhost(readGhost(reader));
      case itemField.staged: {
        const { diff, bytes } = readStaged(reader);
        return this.#openGhost().add(diff, bytes);
      }
      case itemField.view:
        this.#tree = new TreeBuilder(this.#openGhost().view);
        return undefined;
      case itemField.endedGhost:
        return this.#takeEnded(readGhost(reader));
      case itemField.lease:
        return this.#takeLease(reader);
      case itemField.lock:
        return this.#takeLock(reader);
      case itemField.race:
        return this.#takeRace(reader);
      case itemField.schema:
        return this.#takeSchema(reader);
      case itemField.unboundPaths:
        this.#enter('schemas', 'trunk');
        return this.#state.schemas.setUnbound(readUnboundRule(reader));
      case itemField.request:
        return this.#takeRequest(reader);
      case itemField.trailer:
        return this.#takeTrailer(reader);
      default:
        return reader.unknown('SnapshotItem');
    }
  }

  #takeHeader(reader: WireReader): void {
    this.#enter('trunk', 'start');
    const state = this.#state;
    let format = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) format = reader.uint();
      // A newer format may have other fields: its number must be seen first.
      if (format !== snapshotFormat) throw unknownFormat(format);
      if (field === 2) state.position = reader.uint();
      else if (field === 3) state.revision = reader.uint();
      else if (field === 4) state.compactedRevision = reader.uint();
      else if (field === 5) state.timeMs = reader.uint();
      else if (field === 6) state.fencingToken = reader.uint();
      else if (field > 6) reader.unknown('SnapshotHeader');
    }
    if (format !== snapshotFormat) throw unknownFormat(format);
    this.#tree = new TreeBuilder(null);
  }

  #takeGhost(item: GhostItem): void {
    this.#enter('ghosts', 'trunk');
    if (item.state !== 'live')
      throw new CodecDamage(`ghost ${item.id} is ${item.state}, but among the live ones`);
    if (this.#state.ghosts.has(item.id)) throw new CodecDamage(`ghost ${item.id} is there twice`);
    this.#ghostItem = item;
    this.#tree = new TreeBuilder(this.#referenceOf(item));
  }

  #referenceOf(item: GhostItem): Root {
    if (item.referenceId === '') return this.#state.root;
    const other = this.#ghostOf(item.referenceId);
    return item.referenceView ? other.root : other.base;
  }

  #ghostOf(id: string): Ghost {
    const ghost = this.#state.ghosts.get(id);
    if (ghost === undefined) throw new CodecDamage(`ghost ${id} is referred to and did not come before`);
    return ghost;
  }

  #openGhost(): GhostBuilder {
    if (this.#ghost === null) throw new CodecDamage('a staged diff or a view outside a ghost');
    return this.#ghost;
  }

  #takeEnded(item: GhostItem): void {
    this.#enter('ended', 'trunk');
    if (item.state === 'live')
      throw new CodecDamage(`ghost ${item.id} is live, but among those that are over`);
    if (this.#state.ended.has(item.id)) throw new CodecDamage(`ghost ${item.id} is there twice`);
    this.#state.ended.set(item.id, endedGhost(item));
  }

  #takeLease(reader: WireReader): void {
    this.#enter('leases', 'trunk');
    const lease = readLease(reader);
    if (this.#state.leases.has(lease.id)) throw new CodecDamage(`lease ${lease.id} is there twice`);
    this.#state.leases.set(lease.id, lease);
    for (const ghost of this.#ghostsBy('leaseId', lease.id)) hangGhost(lease, ghost.id);
    for (const text of lease.nodes.keys()) {
      const path = parsePath(text);
      if (!('problem' in path)) this.#state.bindings.set(path, lease.id);
    }
  }

  #takeLock(reader: WireReader): void {
    this.#enter('locks', 'trunk');
    const lock = readLock(reader);
    const lease = this.#state.leases.get(lock.leaseId);
    if (this.#state.locks.get(lock.id) !== undefined) throw new CodecDamage(`lock ${lock.id} is there twice`);
    if (lease === undefined && lock.state !== 'delayed')
      throw new CodecDamage(`lock ${lock.id} is of a lease that is not there`);
    if (lock.position <= this.#lockPosition) throw new CodecDamage(`lock ${lock.id} is out of order`);
    this.#lockPosition = lock.position;
    if (lease !== undefined && lock.state !== 'delayed') lease.locks += 1;
    this.#state.locks.restore(lock, lease?.position ?? 0);
  }

  #takeRace(reader: WireReader): void {
    this.#enter('races', 'trunk');
    const { races, endedRaces } = this.#state;
    const race = readRace(reader);
    if (races.has(race.id) || endedRaces.has(race.id))
      throw new CodecDamage(`race ${race.id} is there twice`);
    for (const ghost of this.#ghostsBy('raceId', race.id)) race.members.add(ghost.id);
    (race.members.size > 0 ? races : endedRaces).set(race.id, race);
  }

  /** The live ghosts of a lease or a race, oldest first. */
  #ghostsBy(key: 'leaseId' | 'raceId', id: string): readonly Ghost[] {
    this.#ghostsByKey[key] ??= Map.groupBy(this.#state.ghosts.values(), (ghost) => ghost[key]);
    return this.#ghostsByKey[key].get(id) ?? [];
  }

  #checkRaces(): void {
    for (const { id, raceId } of this.#state.ghosts.values()) {
      if (raceId !== '' && !this.#state.races.has(raceId))
        throw new CodecDamage(`ghost ${id} is in a race that is not there`);
    }
  }

  #takeSchema(reader: WireReader): void {
    this.#enter('schemas', 'trunk');
    const schema = readSchema(reader);
    const { schemas } = this.#state;
    if (schema.version !== (schemas.newest(schema.name)?.version ?? 0) + 1)
      throw new CodecDamage(`version ${schema.version} of the schema ${schema.name} is out of order`);
    schemas.add(schema);
  }

  #takeRequest(reader: WireReader): void {
    this.#enter('requests', 'trunk');
    const request = readRequest(reader);
    if (this.#state.requests.find(request.id) !== undefined) {
      throw new CodecDamage(`request ${request.id} is there twice`);
    }
    this.#state.requests.remember(request);
    if (request.outcome.kind === 'commit_pending')
      this.#state.ghosts.get(request.outcome.ghostId)?.pendingCommit?.requestIds.add(request.id);
  }

  #takeTrailer(reader: WireReader): void {
    this.#enter('end', 'trunk');
    let items = 0;
    for (let field = reader.next(); field !== 0; field = reader.next()) {
      if (field === 1) items = reader.uint();
      else if (field === 2) this.#stateHash = reader.text();
      else reader.unknown('SnapshotTrailer');
    }
    if (items !== this.#items)
      throw new CodecDamage(`${this.#items} items came where the trailer says ${items}`);
  }

  /** Goes on to a part, or stays in it. Nothing may come before `earliest`, or after a later part. */
  #enter(part: Part, earliest: Part): void {
    const [now, next] = [parts.indexOf(this.#part), parts.indexOf(part)];
    const isRepeated = now === next && (part === 'start' || part === 'trunk' || part === 'end');
    if (now < parts.indexOf(earliest) || now > next || isRepeated) {
      throw new CodecDamage(`an item of the part "${part}" comes after the part "${this.#part}"`);
    }
    this.#endGhost();
    this.#part = part;
  }

  #endTree(): void {
    if (this.#tree === null) return;
    const root = this.#tree.finish();
    this.#tree = null;
    if (this.#ghost !== null) {
      this.#ghost.setView(root);
    } else if (this.#ghostItem !== null) {
      this.#ghost = new GhostBuilder(this.#ghostItem, root);
    } else {
      this.#state.root = root;
    }
  }

  #endGhost(): void {
    if (this.#ghost === null || this.#ghostItem === null) return;
    const { parentId } = this.#ghostItem;
    const parent = parentId === '' ? null : this.#ghostOf(parentId);
    const ghost = this.#ghost.finish(parent);
    this.#state.ghosts.set(ghost.id, ghost);
    parent?.children.add(ghost.id);
    this.#ghost = null;
    this.#ghostItem = null;
  }
}

function unknownFormat(format: number): CodecDamage {
  return new CodecDamage(
    `the snapshot has format ${format}; this version of Hyperloom reads format ${snapshotFormat} only`,
  );
}

function endedGhost(item: GhostItem): GhostInfo {
  const {
    id,
    scope,
    baseRevision,
    parentId,
    label,
    author,
    state,
    stagedOperations,
    stagedBytes,
    sequence,
    ttlMs,
  } = item;
  const { attempts, run, committedRevision, beginTimeMs, beginPosition, gates, raceId, leaseId } = item;
  const checkpoints = item.checkpoints.map(({ name, sequence, stagedOperations }) => ({
    name,
    sequence,
    stagedOperations,
  }));
  return {
    id,
    scope,
    baseRevision,
    parentId,
    label,
    author,
    state,
    stagedOperations,
    stagedBytes,
    sequence,
    ttlMs,
    checkpoints,
    attempts,
    attemptsMade: attemptsMadeOf(item),
    run,
    committedRevision,
    beginTimeMs,
    beginPosition,
    gates,
    commitPending: false,
    raceId,
    leaseId,
    migration: item.migrationName,
    revertedBasis: [],
  };
}
