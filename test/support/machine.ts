/** The state machine without a journal: commands in, outcomes out, past roots at hand. */
import { apply } from '../../src/state/apply.ts';
import type { Command, CommitGhost, Operation, RequestKey } from '../../src/state/command.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { Applied, ForestState } from '../../src/state/forest.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import type { Outcome } from '../../src/state/outcome.ts';
import { standingOf } from '../../src/state/values/standing.ts';
import { jsonText } from '../../src/state/values/value.ts';
import { path, publish } from './forests.ts';

export const common = { author: 'agent', request: null } as const;

export class Machine {
  readonly state: ForestState;
  readonly #roots: Root[] = [];
  timeMs = 0;
  /** Which run of the broker this is. */
  run = 0;

  constructor(state: ForestState = emptyForest()) {
    this.state = state;
    this.#roots[state.revision] = state.root;
  }

  applied(command: Command): Applied {
    const proposal = { position: this.state.position + 1, timeMs: this.timeMs, run: this.run, command };
    const applied = apply(this.state, proposal, (revision) => {
      const root = this.#roots[revision];
      if (root === undefined) throw new Error(`no root of revision ${revision}`);
      return root;
    });
    this.#roots[this.state.revision] = this.state.root;
    return applied;
  }

  apply(command: Command): Outcome {
    return this.applied(command).outcome;
  }

  /** The reason of the refusal, or what came of it. */
  told(command: Command): string {
    const outcome = this.apply(command);
    return outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
  }

  publish(operations: readonly Operation[], ghostId = '', request: RequestKey | null = null): Outcome {
    return this.apply({ ...publish(operations, { ghostId }), request });
  }

  begin(ghostId: string, more: { parentId?: string; baseRevision?: number; scope?: string } = {}): Outcome {
    const { parentId = '', baseRevision = this.state.revision, scope = '/' } = more;
    const ghost = { scope: path(scope), baseRevision, parentId, ttlMs: 60_000, label: '' };
    return this.apply({ kind: 'begin_ghost', ghostId, ...ghost, ...common });
  }

  commit(
    ghostId: string,
    isolation: 'writes' | 'serializable' = 'writes',
    more: Pick<CommitGhost, 'readsInViews'> = {},
  ): Outcome {
    return this.apply({ kind: 'commit_ghost', ghostId, isolation, label: '', ...more, ...common });
  }

  revert(ghostId: string, reason = 'wrong'): Outcome {
    return this.apply({ kind: 'revert_ghost', ghostId, reason, ...common });
  }

  /** The text of a value, on the trunk or in a ghost's view. */
  at(text: string, ghostId = ''): string | undefined {
    const root = ghostId === '' ? this.state.root : this.state.ghosts.get(ghostId)?.root;
    const entry = root === undefined ? null : standingOf(root, path(text)).entry;
    return entry === null ? undefined : jsonText(entry);
  }
}
