/**
 * What a subscriber must be told, as a child would work it out: every event of the whole history is looked at, patterns are
 * regular expressions. Nothing here asks the hub or its filter.
 */
import type { Operation } from '../../src/state/command.ts';
import type { Change, ForestEvent } from '../../src/state/event.ts';
import type { Root } from '../../src/state/ghosts/ghost.ts';
import { jsonText } from '../../src/state/values/value.ts';
import type { Value } from '../../src/state/values/value.ts';
import type { Scope } from '../../src/subscriptions/subscription.ts';
import { walk } from '../../src/trie/iterate.ts';
import { formatPath } from '../../src/trie/path.ts';
import { isBelow, naiveMerge } from './naive-forest.ts';

/** An event as far as it concerns one subscriber. */
export interface Told {
  readonly position: number;
  readonly revision: number;
  readonly what: string;
  readonly changes: readonly string[];
}

const expressions = new Map<string, RegExp>();

export function patternMatches(pattern: string, path: string): boolean {
  const expression = expressions.get(pattern) ?? expressionOf(pattern);
  expressions.set(pattern, expression);
  return expression.test(path);
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.split('/').slice(1);
  const source = parts.map((part) => (part === '**' ? '(/[^/]+)*' : part === '*' ? '/[^/]+' : `/${part}`));
  return new RegExp(`^${source.join('')}$`);
}

/** Whether something at or below `path` could match. */
function mayMatchBelow(pattern: readonly string[], path: readonly string[]): boolean {
  const [wanted, ...others] = pattern;
  const [segment, ...rest] = path;
  if (segment === undefined || wanted === '**') return true;
  return (wanted === '*' || wanted === segment) && mayMatchBelow(others, rest);
}

export function inScope(scope: Scope, event: ForestEvent): boolean {
  if (scope.kind === 'trunk') return event.revision > 0;
  return scope.kind === 'everything' || event.ghostId === scope.ghostId;
}

export function isEnd(event: ForestEvent): boolean {
  return ['committed', 'reverted', 'expired'].includes(event.transition?.kind ?? '');
}

/** What is told of `event`, or `null` if nothing is. `nodes` are the trunk's values after it. */
export function toldOf(
  patterns: readonly string[],
  scope: Scope,
  event: ForestEvent,
  nodes: () => ReadonlyMap<string, string>,
): Told | null {
  if (!inScope(scope, event)) return null;
  const chosen = event.changes.filter(({ operation }) =>
    patterns.some((pattern) => concerns(pattern, operation)),
  );
  const told = { position: event.position, revision: event.revision, what: whatOf(event) };
  if (chosen.length === 0) {
    const begun = event.transition?.begun?.scope;
    const isTransition = scope.kind !== 'trunk' && event.changes.length === 0 && event.transition !== null;
    const isHere =
      begun === undefined || patterns.some((pattern) => mayMatchBelow(pattern.split('/').slice(1), begun));
    const mustKnow = scope.kind !== 'trunk' && isEnd(event);
    return (isTransition && isHere) || mustKnow ? { ...told, changes: [] } : null;
  }
  const copied = chosen.flatMap(({ operation }) =>
    operation.kind === 'copy' ? [formatPath(operation.path)] : [],
  );
  const puts: string[] = [];
  if (copied.length > 0 && event.revision > 0) {
    for (const [path, text] of nodes()) {
      const isCopied = copied.some((target) => isBelow(path, target));
      if (isCopied && patterns.some((pattern) => patternMatches(pattern, path)))
        puts.push(`put ${path} ${text}`);
    }
  }
  return { ...told, changes: [...chosen.map(changeText), ...puts] };
}

/** What happened, in one line that leaves nothing out but the changes. */
export function whatOf(event: ForestEvent): string {
  const { label, ghostId, author, requestId, timeMs, transition } = event;
  return JSON.stringify([label, ghostId, author, requestId, timeMs, transition]);
}

export function changeText({ operation, author, sum }: Change): string {
  const path = formatPath(operation.path);
  switch (operation.kind) {
    case 'put':
      return `put ${path} ${valueText(operation.value)}`;
    case 'append':
      return `append ${path} ${operation.addition.kind} ${operation.addition.data} ${author}`;
    case 'merge':
      return `merge ${path} ${operation.patch} ${author}`;
    case 'increment':
      return `increment ${path} ${operation.amount} ${sum} ${author}`;
    case 'delete':
      return `delete ${path} ${operation.scope} ${author}`;
    case 'copy':
      return `copy ${path} ${formatPath(operation.source)} ${operation.sourceRevision} ${author}`;
    case 'merge_message':
    case 'append_message':
      return `${operation.kind} ${path} ${operation.patch.data} ${operation.mask.join()} ${author}`;
    case 'increment_field':
      return `increment ${path} ${operation.field.name} ${operation.amount} ${sum} ${author}`;
  }
}

function concerns(pattern: string, operation: Operation): boolean {
  const isDeep = operation.kind === 'copy' || (operation.kind === 'delete' && operation.scope === 'subtree');
  if (isDeep) return mayMatchBelow(pattern.split('/').slice(1), operation.path);
  return patternMatches(pattern, formatPath(operation.path));
}

export function valueText(value: Value): string {
  return value.kind === 'text' ? `text ${value.data}` : `json ${JSON.stringify(JSON.parse(jsonText(value)))}`;
}

/** All values of a root, in order. */
export function valuesOf(root: Root): Map<string, string> {
  const values = new Map<string, string>();
  for (const { path, node } of walk(root, { within: [] })) {
    if (node.entry !== null) values.set(formatPath(path), valueText(node.entry));
  }
  return values;
}

/** What a client holds that begins with a snapshot and applies what it is told. */
export class Mirror {
  readonly values = new Map<string, string>();

  apply(changes: readonly Change[], patterns: readonly string[]): void {
    for (const { operation, sum } of changes) this.#operate(operation, sum);
    for (const path of [...this.values.keys()]) {
      if (!patterns.some((pattern) => patternMatches(pattern, path))) this.values.delete(path);
    }
  }

  #operate(operation: Operation, sum: string): void {
    const path = formatPath(operation.path);
    const old = this.values.get(path);
    switch (operation.kind) {
      case 'put':
        this.values.set(path, valueText(operation.value));
        return;
      case 'append':
        this.values.set(path, appended(old, operation.addition));
        return;
      case 'merge': {
        const target: unknown = old === undefined ? undefined : JSON.parse(old.slice(5));
        this.values.set(path, `json ${JSON.stringify(naiveMerge(target, JSON.parse(operation.patch)))}`);
        return;
      }
      case 'increment':
        this.values.set(path, `json ${sum}`);
        return;
      case 'merge_message':
      case 'append_message':
      case 'increment_field':
        throw new Error('there are no messages in this test');
      case 'delete':
      case 'copy': {
        const isDeep = operation.kind === 'copy' || operation.scope === 'subtree';
        for (const other of [...this.values.keys()]) {
          if (isDeep ? isBelow(other, path) : other === path) this.values.delete(other);
        }
      }
    }
  }
}

function appended(old: string | undefined, addition: Value): string {
  if (addition.kind === 'text') return `${old ?? 'text '}${addition.data}`;
  const items: unknown = JSON.parse(old?.slice(5) ?? '[]');
  const added: unknown = JSON.parse(`[${addition.data}]`);
  return `json ${JSON.stringify(Array.isArray(items) && Array.isArray(added) ? [...items, ...added] : null)}`;
}
