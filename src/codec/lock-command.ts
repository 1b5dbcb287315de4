/** Commands about leases and locks ↔ the `command` of a `Record`, and what became of locks. */
import { unreachable } from '../base/assert.ts';
import type { LockCommand } from '../state/locks/lock-command.ts';
import type { LockChange, LockTarget } from '../state/locks/lock.ts';
import type { Path } from '../trie/path.ts';
import { CodecDamage } from './damage.ts';
import type { CommandBody } from './command-body.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

const modes = [undefined, 'is', 'ix', 's', 'six', 'x'] as const;
const modeNumber = { is: 1, ix: 2, s: 3, six: 4, x: 5 } as const satisfies Record<LockTarget['mode'], number>;

const changes = [undefined, 'granted', 'released', 'withdrawn', 'aborted', 'delayed'] as const;
const changeNumber = {
  granted: 1,
  released: 2,
  withdrawn: 3,
  aborted: 4,
  delayed: 5,
} as const satisfies Record<LockChange['kind'], number>;

export function writeLockCommand(writer: WireWriter, command: LockCommand): void {
  switch (command.kind) {
    case 'grant_lease':
      writer.text(1, command.leaseId);
      writer.uint(2, command.ttlMs);
      return writer.text(3, command.label);
    case 'end_lease':
    case 'expire_lease':
      return writer.text(1, command.leaseId);
    case 'acquire_lock':
      return writeRequest(writer, command);
    case 'release_lock':
      writer.text(1, command.lockId);
      writer.text(2, command.leaseId);
      return writer.boolean(3, command.endLease);
    case 'end_lock_delay':
      return writer.text(1, command.lockId);
    default:
      return unreachable(command);
  }
}

/** What `AcquireLock` says, in records and in snapshots. */
export interface LockRequest {
  readonly lockId: string;
  readonly leaseId: string;
  readonly ttlMs: number;
  readonly targets: readonly LockTarget[];
  readonly noWait: boolean;
  readonly delayMs: number;
  readonly label: string;
}

export function writeRequest(writer: WireWriter, request: LockRequest): void {
  writer.text(1, request.lockId);
  writer.text(2, request.leaseId);
  writer.uint(3, request.ttlMs);
  for (const { path, mode } of request.targets) {
    const mark = writer.open(4, path.length * 12 + 2);
    writer.path(1, path);
    writer.uint(2, modeNumber[mode]);
    writer.close(mark);
  }
  writer.boolean(5, request.noWait);
  writer.uint(6, request.delayMs);
  writer.text(7, request.label);
}

export function readLockCommand(reader: WireReader, kind: LockCommand['kind']): CommandBody {
  switch (kind) {
    case 'grant_lease': {
      const { leaseId, ttlMs, label } = readGrant(reader);
      return { kind, leaseId, ttlMs, label };
    }
    case 'end_lease':
    case 'expire_lease':
      return { kind, leaseId: readLockOrLease(reader, 'EndLease', 1).id };
    case 'acquire_lock':
      return { kind, ...readRequest(reader) };
    case 'release_lock': {
      const { id: lockId, leaseId, endLease } = readLockOrLease(reader, 'ReleaseLock', 3);
      return { kind, lockId, leaseId, endLease };
    }
    case 'end_lock_delay':
      return { kind, lockId: readLockOrLease(reader, 'ReleaseLock', 1).id };
    default:
      return unreachable(kind);
  }
}

function readGrant(reader: WireReader): { leaseId: string; ttlMs: number; label: string } {
  const grant = { leaseId: '', ttlMs: 0, label: '' };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) grant.leaseId = reader.text();
    else if (field === 2) grant.ttlMs = reader.uint();
    else if (field === 3) grant.label = reader.repeatedText();
    else reader.unknown('GrantLease');
  }
  return grant;
}

function readLockOrLease(
  reader: WireReader,
  message: string,
  fieldMax: number,
): { id: string; leaseId: string; endLease: boolean } {
  const read = { id: '', leaseId: '', endLease: false };
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field > fieldMax) reader.unknown(message);
    else if (field === 1) read.id = reader.text();
    else if (field === 2) read.leaseId = reader.text();
    else read.endLease = reader.boolean();
  }
  return read;
}

export function readRequest(reader: WireReader): LockRequest {
  const request = { lockId: '', leaseId: '', ttlMs: 0, noWait: false, delayMs: 0, label: '' };
  const targets: LockTarget[] = [];
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    switch (field) {
      case 1:
        request.lockId = reader.text();
        break;
      case 2:
        request.leaseId = reader.text();
        break;
      case 3:
        request.ttlMs = reader.uint();
        break;
      case 4:
        targets.push(readTarget(reader));
        break;
      case 5:
        request.noWait = reader.boolean();
        break;
      case 6:
        request.delayMs = reader.uint();
        break;
      case 7:
        request.label = reader.repeatedText();
        break;
      default:
        reader.unknown('AcquireLock');
    }
  }
  return { ...request, targets };
}

function readTarget(reader: WireReader): LockTarget {
  const outer = reader.enter();
  let path: Path | undefined;
  let mode: LockTarget['mode'] | undefined;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) path = reader.path();
    else if (field === 2) mode = modes[reader.uint()];
    else reader.unknown('LockTarget');
  }
  reader.leave(outer);
  if (path === undefined || mode === undefined)
    throw new CodecDamage('a target without its path or its mode');
  return { path, mode };
}

export function writeLockChange(writer: WireWriter, field: number, change: LockChange): void {
  const mark = writer.open(field, change.lockId.length + 12);
  writer.text(1, change.lockId);
  writer.uint(2, changeNumber[change.kind]);
  writer.uint(3, change.fencingToken);
  writer.close(mark);
}

export function readLockChange(reader: WireReader): LockChange {
  const outer = reader.enter();
  let lockId = '';
  let kind: LockChange['kind'] | undefined;
  let fencingToken = 0;
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) lockId = reader.text();
    else if (field === 2) kind = changes[reader.uint()];
    else if (field === 3) fencingToken = reader.uint();
    else reader.unknown('LockChange');
  }
  reader.leave(outer);
  if (kind === undefined) throw new CodecDamage('a change of a lock of no known kind');
  return { lockId, kind, fencingToken };
}
