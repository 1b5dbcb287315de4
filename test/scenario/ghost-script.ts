/**
 * Scripts about ghosts with gates, reviewers and races. A line is a command, `# a comment`, or, indented, what the line before
 * led to:
 *
 *   begin G [in PARENT] [review:NAME…] [only:PATTERN] [operations:N] [race:R[/N]] [violations:revert|collect]
 *         [brings:WORD]
 *                                      begins a ghost; one that brings a word has it forbidden at /notes/{note} when it is committed
 *   put PATH [G] [#REQUEST]            puts a node, on the trunk or in a ghost
 *   write PATH WORD [G] [#REQUEST]     puts a text
 *   forbid WORD PATH                   registers a schema: no value at these paths may contain the word
 *   clear PATH [G]                     deletes a subtree
 *   checkpoint G NAME, rewind G [NAME], revert G, expire G
 *   commit G [#REQUEST]                asks for the commit
 *   approve G NAME [EDITION], reject G NAME [EDITION]
 *                                      decides, about the present edition where none is named
 *   again #REQUEST                     repeats what was asked for by that request
 *
 * When the last approval has come, the commit is applied behind it, as the broker does in the same tick.
 */
import { expect } from 'vitest';
import { decodeRecord, encodeRecord } from '../../src/codec/record.ts';
import { apply } from '../../src/state/apply.ts';
import type { BeginGhost, Command, Operation } from '../../src/state/command.ts';
import { eventsOf } from '../../src/state/describe.ts';
import { emptyForest } from '../../src/state/forest.ts';
import type { Applied, ForestState } from '../../src/state/forest.ts';
import type { Gate } from '../../src/state/ghosts/gate.ts';
import { approvedCommit, isOpen } from '../../src/state/ghosts/gates.ts';
import { editionOf } from '../../src/state/ghosts/edition.ts';
import type { Ghost, Root } from '../../src/state/ghosts/ghost.ts';
import { recordedJudge } from '../../src/state/schemas/judge.ts';
import type { Migration } from '../../src/state/schemas/schema.ts';
import { forestHash } from '../../src/state/state-hash.ts';
import { parsePath } from '../../src/trie/path.ts';
import type { Path } from '../../src/trie/path.ts';
import { parsePattern } from '../../src/trie/pattern.ts';
import { throughSnapshot } from '../support/snapshots.ts';
import { forbid, WordJudge } from '../support/word-judge.ts';

const sender = { author: 'agent', request: null };

/** The script with what every command leads to. */
export function runScript(text: string): string {
  const story = new Story();
  const told: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('  ')) continue;
    told.push(line);
    if (line === '' || line.startsWith('#')) continue;
    told.push(...story.run(line).map((each) => `  ${each}`));
    told.push(...tableLines(story.state).map((each) => `  | ${each}`));
  }
  story.replay();
  return told.join('\n');
}

class Story {
  state: ForestState = emptyForest();
  readonly #judge = new WordJudge();
  readonly #journal: Uint8Array[] = [];
  readonly #roots: Root[] = [this.state.root];
  readonly #asked = new Map<string, Command>();

  run(line: string): string[] {
    // Nothing of a story may hang on anything but the state.
    this.state = throughSnapshot(this.state);
    const lines = this.#apply(this.#commandOf(line));
    for (const ghost of [...this.state.ghosts.values()]) {
      const commit = approvedCommit(ghost);
      if (commit !== null) lines.push(...this.#apply(commit).map((each) => `approved: ${each}`));
    }
    return lines;
  }

  /** The journal alone leads to the same state, and to the same effects. */
  replay(): void {
    const state = emptyForest();
    const roots = [state.root];
    this.#journal.forEach((bytes, index) => {
      const { proposal, effects } = decodeRecord(bytes, index + 1);
      const judge = recordedJudge(effects.refusal);
      const applied = apply(state, proposal, (revision) => roots[revision] as Root, judge);
      expect(applied.effects).toStrictEqual(effects);
      roots[state.revision] = state.root;
    });
    expect(forestHash(state)).toBe(forestHash(this.state));
  }

  #apply(command: Command): string[] {
    const { state } = this;
    const position = state.position + 1;
    const proposal = { position, timeMs: position * 1_000, command };
    const applied = apply(state, proposal, (revision) => this.#roots[revision] as Root, this.#judge);
    this.#roots[state.revision] = state.root;
    if (!applied.recorded) return [outcomeLine(applied)];
    this.#journal.push(encodeRecord(proposal, applied.effects).slice());
    const events = eventsOf(proposal, applied.effects, null).flatMap(({ ghostId, transition }) =>
      transition === null ? [] : [`${ghostId} ${transition.kind}${why(transition)}`],
    );
    return [outcomeLine(applied), ...events.map((each) => `event: ${each}`)];
  }

  #commandOf(line: string): Command {
    const [verb = '', ...all] = line.split(' ');
    const id = all.find((word) => word.startsWith('#'));
    const request = id === undefined ? null : { id, fingerprint: 1 };
    const [first = '', second = ''] = all.filter((word) => !word.startsWith('#'));
    const common = { author: 'agent', request };
    switch (verb) {
      case 'begin':
        return beginOf(this.state, first, all.slice(1));
      case 'put':
        return publish({ kind: 'put', path: pathOf(first), value }, second);
      case 'write': {
        const [, , ghostId = ''] = all.filter((word) => !word.startsWith('#'));
        const text = { kind: 'text', data: second, bytes: second.length, type: '' } as const;
        const command = publish({ kind: 'put', path: pathOf(first), value: text }, ghostId);
        if (id !== undefined) this.#asked.set(id, { ...command, request });
        return { ...command, request };
      }
      case 'forbid':
        return forbid(first, second);
      case 'clear':
        return publish({ kind: 'delete', path: pathOf(first), scope: 'subtree' }, second);
      case 'checkpoint':
        return { kind: 'checkpoint_ghost', ghostId: first, name: second, ...common };
      case 'rewind':
        return { kind: 'rewind_ghost', ghostId: first, checkpoint: second, reason: 'wrong', ...common };
      case 'revert':
        return { kind: 'revert_ghost', ghostId: first, reason: 'given up', ...common };
      case 'expire':
        return { kind: 'expire_ghost', ghostId: first, ...common };
      case 'commit': {
        const command = { kind: 'commit_ghost', ghostId: first, isolation: 'writes', label: '' } as const;
        if (id !== undefined) this.#asked.set(id, { ...command, ...common });
        return { ...command, ...common };
      }
      case 'again':
        return this.#asked.get(id ?? '') ?? fail(line);
      case 'approve':
      case 'reject': {
        const ghost = this.state.ghosts.get(first);
        const present = ghost === undefined ? 1 : editionOf(ghost);
        const edition = all[2] === undefined ? present : Number(all[2]);
        const decision = { ghostId: first, reviewer: second, edition, approved: verb === 'approve' };
        return { kind: 'review_ghost', ...decision, reason: `${second} looked`, author: '', request: null };
      }
      default:
        return fail(line);
    }
  }
}

function fail(line: string): never {
  throw new Error(`no command: ${line}`);
}

function beginOf(state: ForestState, ghostId: string, words: readonly string[]): BeginGhost {
  const gates: Gate[] = [];
  const [isInside, parentId = ''] = words[0] === 'in' ? [true, words[1]] : [false];
  let more: Pick<BeginGhost, 'raceId' | 'attemptsMax' | 'migration'> = {};
  for (const word of words.slice(isInside ? 2 : 0)) {
    const [key = '', detail = ''] = word.split(':');
    const limit = { kind: 'limit', patterns: [], operationsMax: 0, bytesMax: 0 } as const;
    if (key === 'review') gates.push({ kind: 'review', reviewer: detail });
    else if (key === 'violations')
      gates.push({ kind: 'schema', onViolation: detail === 'revert' ? 'revert' : 'collect' });
    else if (key === 'brings') more = { ...more, migration: broughtBy(detail) };
    else if (key === 'operations') gates.push({ ...limit, operationsMax: Number(detail) });
    else if (key === 'only') gates.push({ ...limit, patterns: [patternOf(detail)] });
    else more = raceOf(detail);
  }
  const named = { ghostId, scope: [], baseRevision: state.revision, parentId, ttlMs: 1_000, label: '' };
  return { kind: 'begin_ghost', ...named, ...more, ...(gates.length === 0 ? {} : { gates }), ...sender };
}

function broughtBy(word: string): Migration {
  const { name, format, definition, bindings } = forbid(word, '/notes/{note}');
  return { name, format, definition, bindings };
}

function raceOf(text: string): Pick<BeginGhost, 'raceId' | 'attemptsMax'> {
  const [raceId = '', attempts] = text.split('/');
  return attempts === undefined ? { raceId } : { raceId, attemptsMax: Number(attempts) };
}

const value = { kind: 'text', data: 'v', bytes: 1, type: '' } as const;

function publish(operation: Operation, ghostId: string): Command {
  const rest = { preconditions: [], label: '', basis: [] };
  return { kind: 'publish', ghostId, operations: [operation], ...rest, ...sender };
}

function pathOf(text: string): Path {
  const path = parsePath(text);
  return 'problem' in path ? fail(text) : path;
}

function patternOf(text: string) {
  const pattern = parsePattern(text);
  return 'problem' in pattern ? fail(text) : pattern;
}

function why({ reason, reviewer }: { readonly reason: string; readonly reviewer: string }): string {
  return `${reviewer === '' ? '' : ` by ${reviewer}`}${reason === '' ? '' : ` (${reason})`}`;
}

function outcomeLine({ outcome, repeated }: Applied): string {
  const told = repeated ? 'again: ' : '';
  switch (outcome.kind) {
    case 'rejected': {
      const metadata = Object.entries(outcome.metadata).map(([key, text]) => `${key} ${text}`);
      return `${told}refused: ${outcome.reason}${metadata.length === 0 ? '' : `, ${metadata.join(', ')}`}`;
    }
    case 'committed':
      return `${told}committed ${outcome.ghostId} as revision ${outcome.revision}`;
    case 'commit_pending':
      return `${told}waits for reviewers`;
    case 'reviewed':
      return `${told}${outcome.approved ? 'approved' : 'rejected'}`;
    default:
      return `${told}${outcome.kind}`;
  }
}

/** All live ghosts and all races. */
function tableLines(state: ForestState): string[] {
  const races = [...state.endedRaces.values(), ...state.races.values()].map((race) => {
    const { id, attempts, attemptsMax, winnerId, members } = race;
    const standing = winnerId === '' ? `[${[...members].join(' ')}]` : `won by ${winnerId}`;
    return `race ${id}: ${attempts} of ${attemptsMax}, ${standing}`;
  });
  return [...Array.from(state.ghosts.values(), ghostLine), ...races];
}

function ghostLine(ghost: Ghost): string {
  const gates = ghost.gates.map((standing) => {
    const { gate } = standing;
    const name = gate.kind === 'review' ? gate.reviewer : gate.kind;
    return `${name} ${isOpen(standing, ghost) ? 'open' : 'pending'}`;
  });
  const parts = [
    `${ghost.id} edition ${editionOf(ghost)}, ${ghost.staged?.operations ?? 0} staged`,
    ...(gates.length === 0 ? [] : [gates.join(', ')]),
    ...(ghost.pendingCommit === null ? [] : ['commit pending']),
    ...(ghost.attempts.length === 0
      ? []
      : [`attempts: ${ghost.attempts.map(({ reason }) => reason).join(', ')}`]),
  ];
  return parts.join('; ');
}
