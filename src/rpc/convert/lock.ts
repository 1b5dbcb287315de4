/** Leases and locks as clients see them. */
import { create } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { type Lease as LeaseMessage, LeaseSchema } from '../../gen/hyperloom/v1/lease_pb.ts';
import {
  type DeadlockMember as MemberMessage,
  DeadlockMemberSchema,
  type Lock as LockMessage,
  LockMode,
  LockSchema,
  LockState,
  type LockTarget as TargetMessage,
  LockTargetSchema,
} from '../../gen/hyperloom/v1/lock_pb.ts';
import type { DeadlockMember, Lease, Lock, LockTarget } from '../../state/locks/lock.ts';
import { formatPath } from '../../trie/path.ts';

export function leaseMessage(lease: Lease): LeaseMessage {
  return create(LeaseSchema, {
    id: lease.id,
    ttl: durationFromMs(lease.ttlMs),
    author: lease.author,
    label: lease.label,
    grantTime: timestampFromMs(lease.timeMs),
    locks: BigInt(lease.locks),
    nodes: BigInt(lease.nodes.size),
    ghosts: BigInt(lease.ghostIds.size),
  });
}

const states = { waiting: LockState.WAITING, held: LockState.HELD, delayed: LockState.DELAYED } as const;

export function lockMessage(lock: Lock): LockMessage {
  return create(LockSchema, {
    id: lock.id,
    leaseId: lock.leaseId,
    targets: lock.targets.map(targetMessage),
    state: states[lock.state],
    fencingToken: BigInt(lock.fencingToken),
    author: lock.author,
    label: lock.label,
    requestTime: timestampFromMs(lock.requestTimeMs),
    ...(lock.state === 'waiting' ? {} : { grantTime: timestampFromMs(lock.grantTimeMs) }),
    delay: durationFromMs(lock.delayMs),
    position: BigInt(lock.position),
  });
}

/** The rights of writes that wait are told as the weakest that a client can ask for and that includes them. */
const told = {
  is: LockMode.SHARED,
  ix: LockMode.EXCLUSIVE,
  s: LockMode.SHARED,
  six: LockMode.SHARED_INTENT_EXCLUSIVE,
  x: LockMode.EXCLUSIVE,
} as const;

export function targetMessage({ path, mode }: LockTarget): TargetMessage {
  return create(LockTargetSchema, { path: formatPath(path), mode: told[mode] });
}

export function memberMessage({ leaseId, lockId, author, targets }: DeadlockMember): MemberMessage {
  return create(DeadlockMemberSchema, { leaseId, lockId, author, targets: targets.map(targetMessage) });
}
