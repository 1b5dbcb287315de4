/** The events of a command, made from the command and its effects: the same live as when read back from the journal. */
import type { Path } from '../trie/path.ts';
import type {
  CommitGhost,
  ExpireGhost,
  Operation,
  Proposal,
  Publish,
  RevertCascade,
  RevertGhost,
  ReviewGhost,
  RewindGhost,
} from './command.ts';
import type { Change, EventRoots, ForestEvent, Transition, TransitionKind } from './event.ts';
import type { Effects } from './forest.ts';
import type { EndLease, ExpireLease } from './locks/lock-command.ts';
import { violationReason } from './schemas/violation-reason.ts';

/** Describes what a proposal did. Empty for refusals and for commands that nobody watches. */
export function eventsOf(proposal: Proposal, effects: Effects, roots: EventRoots | null): ForestEvent[] {
  if (effects.rejected) return [];
  const own = tracedEvent(proposal, effects, roots);
  if (own === null) return endedWithLease(proposal, effects);
  const first = effects.parentId === '' ? [own] : [own, stagedInParent(own, effects)];
  if (effects.endedGhostIds.length === 0) return first;
  if (own.leaseId !== '') return [own, ...endedWithLease(proposal, effects)];
  const others = effects.endedGhostIds.filter((ghostId) => ghostId !== own.ghostId);
  const isRace = proposal.command.kind === 'commit_ghost' && effects.refusal === null;
  return [...first, ...others.map((ghostId) => endedAlong(proposal, own.ghostId, ghostId, isRace))];
}

function tracedEvent(proposal: Proposal, effects: Effects, roots: EventRoots | null): ForestEvent | null {
  const event = ownEvent(proposal, effects, roots);
  const { traceParent } = proposal.command;
  return traceParent === undefined || event === null ? event : { ...event, traceParent };
}

/** What the end of a lease did to the ghosts that lived with it. */
function endedWithLease(proposal: Proposal, effects: Effects): ForestEvent[] {
  const { command } = proposal;
  if (command.kind !== 'end_lease' && command.kind !== 'expire_lease') return [];
  const told = transition(command.kind === 'expire_lease' ? 'expired' : 'reverted', {
    reason: leaseReason(command),
  });
  const event = base(proposal, noEffects, null);
  return effects.endedGhostIds.map((ghostId) => ({ ...event, ghostId, transition: told }));
}

/** What the end of a lease did to the trunk, as operations. */
export function deletions(paths: readonly Path[]): Operation[] {
  return paths.map((path) => ({ kind: 'delete', path, scope: 'node' }));
}

/** For the parent, a child's commit is one more staged diff. */
function stagedInParent(own: ForestEvent, { parentId, committed }: Effects): ForestEvent {
  const sequence = committed[0]?.sequence ?? 0;
  return { ...own, ghostId: parentId, transition: transition('staged', { sequence }) };
}

function ownEvent(proposal: Proposal, effects: Effects, roots: EventRoots | null): ForestEvent | null {
  const { command } = proposal;
  if (command.kind === 'publish') return publishEvent(proposal, command, effects, roots);
  if (command.kind === 'acquire_lock' || command.kind === 'release_lock') return null;
  const event = base(proposal, effects, roots);
  switch (command.kind) {
    case 'begin_ghost': {
      const { scope, baseRevision, parentId, ttlMs, ghostId, label } = command;
      const { gates = [], raceId = '', leaseId = '' } = command;
      const more = { gates, raceId, leaseId, migration: command.migration?.name ?? '' };
      const begun = { scope, baseRevision, parentId, ttlMs, run: proposal.run ?? 0, ...more };
      return {
        ...event,
        label,
        ghostId,
        transition: transition('begun', { begun, sequence: effects.sequence }),
      };
    }
    case 'checkpoint_ghost': {
      const told = transition('checkpointed', { checkpoint: command.name, sequence: effects.sequence });
      return { ...event, ghostId: command.ghostId, transition: told };
    }
    case 'commit_ghost':
      return effects.refusal === null
        ? commitEvent(event, command, effects)
        : {
            ...event,
            label: command.label,
            ghostId: command.ghostId,
            transition: revertedAt(command, effects),
          };
    case 'review_ghost':
      return { ...event, ghostId: command.ghostId, transition: reviewedBy(command, effects) };
    case 'rewind_ghost':
    case 'revert_ghost':
    case 'expire_ghost':
      return { ...event, ghostId: command.ghostId, transition: droppedBy(command, effects) };
    case 'revert_revision':
      return {
        ...event,
        label: command.reason,
        changes: changesOf(command.operations, effects.sums, ''),
        revertedRevision: command.revision,
      };
    case 'revert_cascade':
      return cascadeEvent(event, command, effects);
    case 'end_lease':
    case 'expire_lease': {
      if (effects.revision === 0) return null;
      const operations = deletions(effects.deletedPaths);
      return { ...event, changes: changesOf(operations, [], ''), leaseId: command.leaseId };
    }
    case 'register_schema':
      return effects.revision === 0 ? null : { ...event, label: `schema ${command.name}` };
    case 'set_unbound_paths': {
      const label = `paths of no schema are ${command.refused ? 'refused' : 'free'}`;
      return effects.revision === 0 ? null : { ...event, label };
    }
    case 'compact':
    case 'grant_lease':
    case 'end_lock_delay':
      return null;
  }
}

function commitEvent(event: ForestEvent, command: CommitGhost, effects: Effects): ForestEvent {
  const kind = effects.commitPending ? 'commit_requested' : 'committed';
  return {
    ...event,
    label: command.label,
    ghostId: command.ghostId,
    transition: transition(kind, { sequence: effects.sequence }),
    changes: effects.committed.flatMap((diff) =>
      changesOf(diff.operations, diff.sums, diff.author === command.author ? '' : diff.author),
    ),
    basis: [...effects.committed.flatMap((diff) => diff.basis), ...(command.basis ?? [])],
  };
}

function cascadeEvent(event: ForestEvent, command: RevertCascade, effects: Effects): ForestEvent {
  const { reason, revision, operations, agents } = command;
  const changes = changesOf(operations, effects.sums, '');
  const told = { ...event, label: reason, changes, revertedRevision: revision };
  return agents.length === 0 ? told : { ...told, basisReverted: { agents, reason } };
}

/** What a reviewer's decision did to a ghost. A rejection ends it only where its race has no attempt left. */
function reviewedBy({ ghostId, approved, reason, reviewer }: ReviewGhost, effects: Effects): Transition {
  const { droppedOperations, checkpoint, sequence } = effects;
  if (approved) return transition('approved', { reason, sequence, reviewer });
  const kind = effects.endedGhostIds.includes(ghostId) ? 'reverted' : 'rewound';
  return transition(kind, { reason, droppedOperations, checkpoint, sequence, reviewer });
}

/** What going back, or ending without a commit, did to a ghost. */
function droppedBy(command: RewindGhost | RevertGhost | ExpireGhost, effects: Effects): Transition {
  const kind = ({ rewind_ghost: 'rewound', revert_ghost: 'reverted', expire_ghost: 'expired' } as const)[
    command.kind
  ];
  const reason =
    command.kind === 'expire_ghost' ? 'its ttl passed without a sign of its owner' : command.reason;
  const { droppedOperations, checkpoint, sequence } = effects;
  return transition(kind, { reason, droppedOperations, checkpoint, sequence });
}

/** What a schema gate did to a ghost when values did not fit. */
function revertedAt({ ghostId }: Publish | CommitGhost, effects: Effects): Transition {
  const { refusal, endedGhostIds, droppedOperations, checkpoint, sequence } = effects;
  const kind = endedGhostIds.includes(ghostId) ? 'reverted' : 'rewound';
  const reason = refusal === null ? '' : violationReason(refusal);
  return transition(kind, { reason, droppedOperations, checkpoint, sequence });
}

/** Written out, for there are more of these than of all others together. */
function publishEvent(
  proposal: Proposal,
  command: Publish,
  effects: Effects,
  roots: EventRoots | null,
): ForestEvent {
  const { position, timeMs } = proposal;
  const { author, label, ghostId, request, operations, basis } = command;
  if (effects.refusal !== null) {
    const event = base(proposal, effects, roots);
    return { ...event, label, ghostId, transition: revertedAt(command, effects) };
  }
  return {
    position,
    timeMs,
    revision: effects.revision,
    author,
    label,
    ghostId,
    requestId: request === null ? '' : request.id,
    transition: ghostId === '' ? null : transition('staged', { sequence: effects.sequence }),
    changes: changesOf(operations, effects.sums, ''),
    basis,
    revertedRevision: 0,
    leaseId: '',
    roots,
  };
}

function base(proposal: Proposal, effects: Effects, roots: EventRoots | null): ForestEvent {
  return {
    position: proposal.position,
    timeMs: proposal.timeMs,
    revision: effects.revision,
    author: proposal.command.author,
    label: '',
    ghostId: '',
    requestId: proposal.command.request?.id ?? '',
    transition: null,
    changes: [],
    basis: [],
    revertedRevision: 0,
    leaseId: '',
    roots,
  };
}

function endedAlong(proposal: Proposal, outerId: string, ghostId: string, isRace: boolean): ForestEvent {
  const reason = isRace
    ? `ghost ${outerId} won the race that it was in, or that the ghost around it was in`
    : `the ghost around it, ${outerId}, ended or went back`;
  const event = base(proposal, { ...noEffects, sequence: 0 }, null);
  return { ...event, ghostId, transition: transition('reverted', { reason }) };
}

function changesOf(operations: readonly Operation[], sums: readonly string[], author: string): Change[] {
  let next = 0;
  return operations.map((operation) => {
    const { kind } = operation;
    const sum = kind === 'increment' || kind === 'increment_field' ? (sums[next++] ?? '') : '';
    return { operation, author, sum };
  });
}

function transition(kind: TransitionKind, told: Partial<Transition>): Transition {
  return {
    kind,
    checkpoint: '',
    reason: '',
    droppedOperations: 0,
    sequence: 0,
    begun: null,
    reviewer: '',
    ...told,
  };
}

/** The reason that ghosts of a lease are told to have ended for. */
export function leaseReason({ kind, leaseId }: EndLease | ExpireLease): string {
  return `the lease ${leaseId} that it lived with ${kind === 'expire_lease' ? 'has expired' : 'was ended'}`;
}

/** Effects of a command that changed nothing. */
export const noEffects: Effects = {
  rejected: false,
  revision: 0,
  sequence: 0,
  sums: [],
  committed: [],
  parentId: '',
  endedGhostIds: [],
  droppedOperations: 0,
  checkpoint: '',
  lockChanges: [],
  deletedPaths: [],
  commitPending: false,
  refusal: null,
};
