/** Hands the history of each node to Porcupine, through the checker in Go. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';

import type { Call, History } from './history.ts';
import type { Outcome, Shown, Step } from './record.ts';
import type { StoryEvent } from './story.ts';

/** What the checker says. */
export interface Verdict {
  readonly keys: number;
  readonly calls: number;
  /** Calls without an answer. */
  readonly open: number;
  /** Nodes that were decided only with what the broker's own history says of calls without an answer. */
  readonly hinted: number;
  readonly illegal: readonly string[];
  readonly undecided: readonly string[];
  /** The first of these: a page that shows the node's history, and the part of it that tells what is wrong. */
  readonly failures: readonly {
    readonly key: string;
    readonly page: string;
    readonly lines: readonly string[];
  }[];
}

/** A call on one node, as `checker/node.go` describes it. */
export interface NodeCall {
  readonly key: string;
  readonly client: string;
  readonly name: string;
  readonly callNs: number;
  readonly returnNs: number;
  readonly steps: readonly Pick<Step, 'action' | 'text'>[];
  readonly ifRevision?: number;
  readonly notAfter?: number;
  readonly outcome: Outcome;
  readonly revision: number;
  /** The revision that a call without an answer made by the broker's own history; 0: it made none. */
  readonly tookEffect?: number;
  readonly shown?: Shown | null;
}

/** Kinds of nodes that are in use for a short time each, so that few calls on them stay without an answer. */
const kinds = /^\/(reg|log|num|doc|pair|alone|big)\//;

/** `pages`: where pages about what is wrong go. */
export async function checkLinearizable(
  checker: string,
  calls: Iterable<NodeCall>,
  pages: string,
): Promise<Verdict> {
  mkdirSync(pages, { recursive: true });
  const child = spawn(checker, [pages], { stdio: ['pipe', 'pipe', 'inherit'] });
  const output = text(child.stdout);
  const ended = once(child, 'close');
  for (const call of calls) child.stdin.write(`${JSON.stringify(call)}\n`);
  child.stdin.end();
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the checker ended with ${code}`);
  return JSON.parse(await output) as Verdict;
}

/** Everything that was asked of each node. What was refused for a reason that is not the node's own changed nothing. */
export function* callsByNode(
  forest: string,
  history: History,
  events: readonly StoryEvent[],
): Generator<NodeCall> {
  for (const call of callsIn(history, events)) yield { ...call, key: `${forest}:${call.key}` };
}

function* callsIn(history: History, events: readonly StoryEvent[]): Generator<NodeCall> {
  const made = {
    request: new Map(events.map(({ requestId, revision }) => [requestId, revision])),
    label: new Map(events.map(({ label, revision }) => [label, revision])),
  };
  for (const write of history.writes) {
    if (write.outcome === 'refused' && write.reason !== 'PRECONDITION_FAILED') continue;
    const { client, requestId: name, callNs, outcome, revision } = write;
    const hint = hintOf(outcome, made.request.get(name));
    const common = { client, name, callNs, returnNs: whenOf(write), outcome, revision, ...hint };
    const { ifRevision } = write;
    for (const { path, action, text } of write.steps)
      if (kinds.test(path))
        yield {
          ...common,
          key: path,
          steps: [{ action, text }],
          ...(ifRevision === undefined ? {} : { ifRevision }),
        };
  }
  for (const commit of history.ofType('commit')) {
    if (commit.outcome === 'refused') continue;
    const { client, id: name, callNs, outcome, revision, wants } = commit;
    const notAfter = history.call(wants.ghost)?.revision ?? 0;
    const hint = hintOf(outcome, made.label.get(name));
    const common = { client, name, callNs, returnNs: whenOf(commit), outcome, revision, ...hint };
    for (const { path, action, text } of wants.steps)
      // What is appended is appended to whatever is there; what is put must not overwrite what the ghost has not seen.
      yield { ...common, key: path, steps: [{ action, text }], ...(action === 'put' ? { notAfter } : {}) };
  }
  for (const read of history.ofType('read')) {
    if (read.outcome !== 'ok' || read.wants.view !== 'linearizable') continue;
    for (const path of read.wants.paths) if (kinds.test(path)) yield readOf(read, path);
  }
  // Whoever looks at everything at the end has looked at each node that was ever written.
  const written = new Set(history.writes.flatMap(({ steps }) => steps.map(({ path }) => path)));
  for (const list of history.ofType('list')) {
    if (list.outcome !== 'ok' || list.wants.path !== '/') continue;
    for (const path of written) if (kinds.test(path)) yield readOf(list, path);
  }
}

function readOf({ client, id: name, callNs, returnNs, nodes }: Call, key: string): NodeCall {
  const shown = nodes[key] ?? null;
  return { client, name, callNs, returnNs, key, steps: [], outcome: 'ok', revision: 0, shown };
}

function whenOf({ outcome, returnNs }: { readonly outcome: Outcome; readonly returnNs: number }): number {
  return outcome === 'unknown' ? 0 : returnNs;
}

/** The broker was stopped before it told its history, so what is not in there never will be. */
function hintOf(outcome: Outcome, revision: number | undefined): Pick<NodeCall, 'tookEffect'> {
  return outcome === 'unknown' ? { tookEffect: revision ?? 0 } : {};
}
