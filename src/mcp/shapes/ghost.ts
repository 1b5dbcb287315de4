/** Ghosts as tools tell them. */
import * as z from 'zod';

import type { GhostInfo } from '../../../clients/typescript/src/index.ts';

export const attemptShape = z.object({
  reason: z.string(),
  checkpoint: z.string().describe('What was gone back to; empty: the beginning.'),
  author: z.string(),
});

export const ghostShape = z.object({
  ghost_id: z.string(),
  state: z.enum(['live', 'committed', 'reverted', 'expired']),
  label: z.string(),
  author: z.string(),
  scope: z.string().describe('What it may write to; empty or /: everything.'),
  base_revision: z.int(),
  staged_operations: z.int(),
  checkpoints: z.array(z.string()).describe('Oldest first.'),
  attempts: z.array(attemptShape).describe('Reverted ones, oldest first.'),
  gates: z.array(z.string()).describe('What a commit has to fulfil.'),
  commit_pending: z.boolean().describe('It waits for reviewers.'),
  ttl_seconds: z.number().describe('Idle for this long, it is reverted.'),
});
export type ToldGhost = z.output<typeof ghostShape>;

export function tellGhost(ghost: GhostInfo): ToldGhost {
  return {
    ghost_id: ghost.id,
    state: ghost.state,
    label: ghost.label,
    author: ghost.author,
    scope: ghost.scope,
    base_revision: ghost.baseRevision,
    staged_operations: ghost.stagedOperations,
    checkpoints: ghost.checkpoints.map(({ name }) => name),
    attempts: ghost.attempts.map(({ reason, checkpoint, author }) => ({ reason, checkpoint, author })),
    gates: ghost.gates.map(({ gate, state }) => `${gateText(gate)}: ${state}`),
    commit_pending: ghost.commitPending,
    ttl_seconds: ghost.ttlMs / 1_000,
  };
}

function gateText(gate: GhostInfo['gates'][number]['gate']): string {
  switch (gate.kind) {
    case 'review':
      return `approval of reviewer ${gate.reviewer}`;
    case 'limit':
      return 'limits on what it touches';
    case 'schema':
      return 'all values fit their schemas';
  }
}
