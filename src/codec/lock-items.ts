/** Leases and locks ↔ `SnapshotLease` and `SnapshotLock` items. */
import { noGhosts, noNodes } from '../state/locks/lease-table.ts';
import type { Lease, Lock } from '../state/locks/lock.ts';
import { formatPath, parsePath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import { readRequest, writeRequest } from './lock-command.ts';
import type { LockRequest } from './lock-command.ts';
import { itemField } from './snapshot-items.ts';
import type { SnapshotItems } from './snapshot-items.ts';
import type { FrozenLease } from './snapshot-source.ts';
import type { WireReader } from './wire-reader.ts';

export function writeLease(items: SnapshotItems, lease: FrozenLease): void {
  const { writer } = items;
  items.open(itemField.lease, 64 + lease.nodes.length * 48);
  writer.text(1, lease.id);
  writer.uint(2, lease.ttlMs);
  writer.text(3, lease.label);
  writer.text(4, lease.author);
  writer.uint(5, lease.timeMs);
  writer.uint(6, lease.position);
  for (const [path, revision] of lease.nodes) {
    const mark = writer.open(7, path.length + 8);
    writer.text(1, path);
    writer.uint(2, revision);
    writer.close(mark);
  }
  items.close();
}

export function writeLock(items: SnapshotItems, lock: Readonly<Lock>): void {
  const { writer } = items;
  items.open(itemField.lock, 128);
  const mark = writer.open(1, 96);
  writeRequest(writer, { ...lock, lockId: lock.id, ttlMs: 0, noWait: false });
  writer.close(mark);
  writer.text(2, lock.author);
  writer.uint(3, lock.requestTimeMs);
  writer.uint(4, lock.position);
  writer.uint(5, lock.fencingToken);
  writer.uint(6, lock.grantTimeMs);
  writer.boolean(7, lock.state === 'delayed');
  items.close();
}

/** A lease as it is written: without its locks and ghosts. */
export function readLease(reader: WireReader): Lease {
  const read = { id: '', ttlMs: 0, label: '', author: '', timeMs: 0, position: 0 };
  const nodes = new Map<string, number>();
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        read.id = reader.text();
        break;
      case 2:
        read.ttlMs = reader.uint();
        break;
      case 3:
        read.label = reader.repeatedText();
        break;
      case 4:
        read.author = reader.repeatedText();
        break;
      case 5:
        read.timeMs = reader.uint();
        break;
      case 6:
        read.position = reader.uint();
        break;
      case 7:
        readBinding(reader, nodes);
        break;
      default:
        reader.unknown('SnapshotLease');
    }
  }
  if (read.id === '') throw new CodecDamage('a lease without an id');
  return { ...read, locks: 0, ghostIds: noGhosts, nodes: nodes.size === 0 ? noNodes : nodes };
}

function readBinding(reader: WireReader, nodes: Map<string, number>): void {
  const outer = reader.enter();
  let path: Path | undefined;
  let revision = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.path();
    else if (field === 2) revision = reader.uint();
    else reader.unknown('SnapshotBinding');
  }
  reader.leave(outer);
  if (path === undefined || 'problem' in parsePath(formatPath(path)))
    throw new CodecDamage('a bound node without a path');
  nodes.set(formatPath(path), revision);
}

export function readLock(reader: WireReader): Lock {
  let request: LockRequest | undefined;
  const read = { author: '', requestTimeMs: 0, position: 0, fencingToken: 0, grantTimeMs: 0 };
  let isDelayed = false;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1: {
        const outer = reader.enter();
        request = readRequest(reader);
        reader.leave(outer);
        break;
      }
      case 2:
        read.author = reader.repeatedText();
        break;
      case 3:
        read.requestTimeMs = reader.uint();
        break;
      case 4:
        read.position = reader.uint();
        break;
      case 5:
        read.fencingToken = reader.uint();
        break;
      case 6:
        read.grantTimeMs = reader.uint();
        break;
      case 7:
        isDelayed = reader.boolean();
        break;
      default:
        reader.unknown('SnapshotLock');
    }
  }
  if (request === undefined || request.lockId === '') throw new CodecDamage('a lock without its request');
  const { lockId: id, leaseId, targets, delayMs, label } = request;
  const state = isDelayed ? 'delayed' : read.fencingToken === 0 ? 'waiting' : 'held';
  return { id, leaseId, targets, delayMs, label, ...read, state };
}
