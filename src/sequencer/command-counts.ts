/** How many commands have taken effect, by kind. */
import type { Command } from '../state/command.ts';
import type { Applied } from '../state/forest.ts';

export class CommandCounts extends Map<Command['kind'], number> {
  onApplied({ kind }: Command, { outcome, repeated }: Applied): void {
    if (outcome.kind !== 'rejected' && !repeated) this.set(kind, (this.get(kind) ?? 0) + 1);
  }
}
