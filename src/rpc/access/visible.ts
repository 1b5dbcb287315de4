/** What a caller sees of what it asks for. Whoever may read all of a forest costs nothing. */
import type { ForestRights } from '../../access/forest-rights.ts';
import { visiblePatternsMax } from '../../base/limits.ts';
import type { Forest } from '../../sequencer/forest.ts';
import type { BasisEntry } from '../../state/command.ts';
import type { Change, ForestEvent } from '../../state/event.ts';
import type { Entry } from '../../state/values/value.ts';
import type { Delivery } from '../../subscriptions/delivery.ts';
import { reachesBelow, tellsAgent } from '../../subscriptions/filter.ts';
import { findChild } from '../../trie/children.ts';
import type { TrieNode } from '../../trie/node.ts';
import { intersectPatterns } from '../../trie/pattern-intersection.ts';
import type { Pattern } from '../../trie/pattern.ts';
import type { Path } from '../../trie/path.ts';
import type { CountChildren } from '../convert/node.ts';
import { refuse } from '../errors.ts';
import type { Call } from '../transport.ts';
import { isGhostVisible } from './ghost-rights.ts';
import { visibleTransition } from './visible-ghost.ts';

/** What of an event is told. */
export type SeenEvent = Pick<Delivery, 'event' | 'changes'>;

/** Of the state and history of a forest, that which a call may be told. */
export class Sight {
  readonly isWhole: boolean;
  /** Equal for all that see the same. */
  readonly key: string;
  /** `undefined`: everything is shown. */
  readonly shows: ((path: Path) => boolean) | undefined;
  /** Below which nodes something may be seen; `undefined`: below all. */
  readonly enters: ((path: Path) => boolean) | undefined;
  /** Counts the children of a node that may be seen; `undefined`: all count. */
  readonly countChildren: CountChildren | undefined;
  readonly #call: Call;
  readonly #forest: Forest;
  readonly #rights: ForestRights;

  constructor(call: Call, forest: Forest) {
    this.#call = call;
    this.#forest = forest;
    this.#rights = call.caller.in(forest.name);
    this.isWhole = this.#rights.isEverywhere('read');
    this.key = this.isWhole ? '' : call.caller.fingerprint;
    this.shows = this.isWhole ? undefined : (path) => this.sees(path);
    this.countChildren = this.isWhole ? undefined : (path, node) => this.#seenChildren(path, node);
    this.enters = this.isWhole ? undefined : (path) => this.#rights.maySome('read', path);
  }

  get forestName(): string {
    return this.#forest.name;
  }

  sees(path: Path): boolean {
    return this.isWhole || this.#rights.may('read', path);
  }

  /** Of patterns, the part that may be seen. */
  patterns(asked: readonly Pattern[], field: string): readonly Pattern[] {
    if (this.isWhole) return asked;
    const common = intersectPatterns(asked, this.#rights.patterns('read'), visiblePatternsMax);
    if (common !== null) return common;
    return refuse(
      'LIMIT_EXCEEDED',
      `${field}: what you may see of this takes more than ${visiblePatternsMax} patterns; ask for something narrower`,
      { limit: 'visiblePatternsMax', maximum: visiblePatternsMax },
    );
  }

  /** What of an event may be told; `null` for nothing. */
  event(event: ForestEvent): ForestEvent | null {
    if (this.isWhole) return event;
    const changes = this.#seenChanges(event.changes);
    if (changes.length === 0 && (event.changes.length > 0 || !this.#seesGhost(event))) return null;
    const { basisReverted: _, ...rest } = event;
    return { ...rest, changes, ...this.head(event) };
  }

  /** The same of what a subscriber is handed, who may be told what was reverted of what `agent` had read. */
  delivery(delivery: SeenEvent, agent: string): SeenEvent | null {
    if (this.isWhole) return delivery;
    const { event } = delivery;
    const changes = this.#seenChanges(delivery.changes);
    const isTold = changes.length > 0 || tellsAgent(event, agent) || this.#seesGhost(event);
    return isTold ? { event: { ...event, ...this.head(event) }, changes } : null;
  }

  /** What of an event beside its changes is told in part. */
  head({ basis, transition }: ForestEvent): Pick<ForestEvent, 'basis' | 'transition'> {
    if (this.isWhole || transition === null) return { basis: this.basis(basis), transition };
    return { basis: this.basis(basis), transition: visibleTransition(transition, this.#rights) };
  }

  basis(entries: readonly BasisEntry[]): readonly BasisEntry[] {
    return this.isWhole ? entries : entries.filter(({ path }) => this.sees(path));
  }

  #seenChildren(path: Path, { children }: TrieNode<Entry>): number {
    if (children === null) return 0;
    const names = this.#rights.children('read', path);
    if (names === 'all') return children.size;
    let count = 0;
    for (const name of names) if (findChild(children, name) !== undefined) count += 1;
    return count;
  }

  /** The event is one of a ghost that is there to be seen. */
  #seesGhost({ ghostId }: ForestEvent): boolean {
    if (ghostId === '') return false;
    const ghost = this.#forest.ghost(ghostId);
    return !('reason' in ghost) && isGhostVisible(this.#call.caller, this.#forest, ghost);
  }

  /**
   * Whoever may see something below a place that was removed or copied to is told of it, and of a copy not where it came from: as a
   * removal, behind which a subscription has those of the copied nodes that may be seen.
   */
  #seenChanges(changes: readonly Change[]): readonly Change[] {
    return changes.flatMap((change) => {
      const { operation } = change;
      const { path } = operation;
      if (this.sees(path)) return change;
      if (!reachesBelow(operation) || !this.#rights.maySome('read', path)) return [];
      return { ...change, operation: { kind: 'delete', path, scope: 'subtree' } };
    });
  }
}
