/**
 * What MCP tools tell, as the model takes it. Answers come through a host that is not ours: each is looked at before it is believed,
 * and what is no answer of ours is an error that says so.
 */
import type { Staged } from '../model/ghosts.ts';
import type { NodeFacts, TreeChange } from '../model/tree.ts';
import type { TrunkStep } from './facts.ts';

/** The structured answer of a tool. */
export type Told = Readonly<Record<string, unknown>>;

/** A live ghost, without what is staged in it. */
export interface ToldGhost {
  readonly id: string;
  readonly label: string;
  readonly author: string;
  readonly scope: string;
  readonly parentId: string;
  readonly stagedOperations: number;
  readonly commitPending: boolean;
}

/** What one event has changed on the trunk. */
export interface ToldEvent extends TrunkStep {
  readonly revision: number;
  /** False where more has changed than was told. */
  readonly isWhole: boolean;
  /** The ghost that was committed; empty: none. */
  readonly ghostId: string;
}

/** The value of a node, or the part of it that was told. */
export interface ToldValue {
  readonly kind: string;
  readonly text: string;
  readonly isCut: boolean;
  readonly author: string;
  readonly revision: number;
  readonly bytes: number;
}

export function factsOfTold(told: unknown): NodeFacts {
  const node = record(told);
  const revision = count(node['revision']);
  return {
    path: text(node['path']),
    hasValue: count(node['version']) > 0,
    author: text(node['author']),
    modifiedRevision: revision,
    subtreeRevision: revision,
    valueBytes: count(node['size_bytes']),
    childCount: count(node['children']),
    leased: node['lease_id'] !== undefined,
  };
}

export function ghostOfTold(told: unknown): ToldGhost {
  const ghost = record(told);
  return {
    id: text(ghost['ghost_id']),
    label: text(ghost['label']),
    author: text(ghost['author']),
    scope: text(ghost['scope']) || '/',
    parentId: text(ghost['parent_ghost_id'] ?? ''),
    stagedOperations: count(ghost['staged_operations']),
    commitPending: ghost['commit_pending'] === true,
  };
}

export function stagedOfTold(told: unknown): Staged {
  const { path, change, before, after } = record(told);
  const node = record(after ?? before ?? {});
  return {
    path: text(path),
    action: change === 'removed' ? 'delete' : 'set',
    author: text(node['author'] ?? ''),
  };
}

export function eventOfTold(told: unknown): ToldEvent {
  const event = record(told);
  const revision = count(event['revision']);
  const changes = list(event['changes']).map((each) =>
    changeOf(record(each), revision, text(event['author'])),
  );
  return {
    revision,
    changes,
    ghostId: text(event['ghost_id'] ?? ''),
    isWhole: count(event['changes_total']) === changes.length,
    kind:
      event['reverted_revision'] !== undefined
        ? 'reverted'
        : event['ghost_event'] === 'committed'
          ? 'committed'
          : 'published',
  };
}

function changeOf(change: Told, revision: number, author: string): TreeChange {
  const action = text(change['action']);
  return {
    path: text(change['path']),
    action:
      action === 'copy'
        ? 'replace'
        : action !== 'delete'
          ? 'set'
          : change['scope'] === 'node'
            ? 'delete_node'
            : 'delete_subtree',
    author: text(change['author'] ?? author),
    revision,
  };
}

export function valueOfTold(told: unknown): ToldValue {
  const node = record(told);
  const part = node['part'] === undefined ? undefined : record(node['part']);
  return {
    kind: text(node['kind']),
    text: part === undefined ? wholeText(node) : text(part['text']),
    isCut: part?.['next_offset'] !== undefined,
    author: text(node['author']),
    revision: count(node['revision']),
    bytes: count(node['size_bytes']),
  };
}

function wholeText({ exact_json: exact, base64, value }: Told): string {
  if (typeof exact === 'string') return exact;
  if (typeof base64 === 'string') return base64;
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

export function list(told: unknown): readonly unknown[] {
  if (!Array.isArray(told)) throw new NotTold('a list', told);
  return told as readonly unknown[];
}

export function record(told: unknown): Told {
  if (typeof told !== 'object' || told === null || Array.isArray(told)) throw new NotTold('an object', told);
  return told as Told;
}

export function count(told: unknown): number {
  if (typeof told !== 'number') throw new NotTold('a number', told);
  return told;
}

export function text(told: unknown): string {
  if (typeof told !== 'string') throw new NotTold('a text', told);
  return told;
}

/** The host has handed on something else than what the tools of this version tell. */
export class NotTold extends Error {
  override readonly name = 'NotTold';

  constructor(wanted: string, told: unknown) {
    super(`the host has told ${JSON.stringify(told)?.slice(0, 80) ?? 'nothing'} where ${wanted} was to be`);
  }
}
