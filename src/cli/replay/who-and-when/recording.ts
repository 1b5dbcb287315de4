/**
 * A recorded run of the Who&When data set: an object whose `history` holds the agents' messages, beside circumstances of
 * the run and what people have found out about it. Everything is kept as the exact text that stands in the file, with a
 * layout that says how the texts go together: files differ in indentation, escapes and order.
 */
import { basename, dirname } from 'node:path';

import { UsageError } from '../../failure.ts';
import { arrayParts, objectMembers, type JsonMember, type JsonPart } from '../../json-parts.ts';

/** A member of the file's object. */
export interface Member {
  readonly name: string;
  /** Exact JSON text. */
  readonly text: string;
}

/** One message. */
export interface Step {
  /** Exact JSON text of the message. */
  readonly text: string;
  readonly agent: string;
  /** What else the recording calls it, such as `Orchestrator (thought)`. */
  readonly label: string;
}

/** What people have marked as the step that made the run fail. */
export interface Mistake {
  readonly step: number;
  readonly agent: string;
  readonly reason: string;
}

/** A run. */
export interface WhoAndWhenRun {
  /** Its tree: one segment, such as `/algorithm-generated_12`. */
  readonly tree: string;
  readonly file: string;
  readonly members: readonly Member[];
  readonly steps: readonly Step[];
  readonly mistake: Mistake | undefined;
  /** Texts and, in every second place, the path below the tree of what stands between them. */
  readonly layout: readonly string[];
}

/** Where a run's parts are, below its tree. */
export const parts = { run: 'run', steps: 'steps', layout: 'layout' } as const;

/** The path of a step below its tree. Four digits keep their order that of the paths. */
export function stepPath(index: number): string {
  return `${parts.steps}/${String(index).padStart(4, '0')}`;
}

/** Reads a file; `undefined` where it has another format. The text must be JSON. */
export function readWhoAndWhen(file: string, text: string): WhoAndWhenRun | undefined {
  const found = objectMembers(text);
  const history = found?.find(({ name }) => name === 'history');
  const items = history === undefined ? undefined : arrayParts(text, history.start);
  if (found === undefined || items === undefined) return undefined;
  if (new Set(found.map(({ name }) => name)).size < found.length) {
    throw new UsageError(`${file} names a member twice, so that it could not be read back`);
  }
  const textOf = ({ start, end }: JsonPart): string => text.slice(start, end);
  const others = found.filter(({ name }) => name !== 'history');
  return {
    tree: `/${basename(dirname(file))}_${basename(file, '.json')}`,
    file,
    members: others.map((member) => ({ name: member.name, text: textOf(member) })),
    steps: items.map((item) => readStep(textOf(item))),
    mistake: readMistake(new Map(others.map((member) => [member.name, textOf(member)])), items.length),
    layout: layoutOf(text, found, items),
  };
}

function layoutOf(
  text: string,
  members: readonly JsonMember[],
  steps: readonly JsonPart[],
): readonly string[] {
  const layout: string[] = [];
  let at = 0;
  const place = ({ start, end }: JsonPart, path: string): void => {
    layout.push(text.slice(at, start), path);
    at = end;
  };
  for (const member of members) {
    if (member.name === 'history') steps.forEach((step, index) => place(step, stepPath(index)));
    else place(member, `${parts.run}/${member.name}`);
  }
  layout.push(text.slice(at));
  return layout;
}

/** Teams differ in where they say who speaks: in `name`, or in `role` with an aside in brackets. */
function readStep(text: string): Step {
  const { name, role } = JSON.parse(text) as { readonly name?: unknown; readonly role?: unknown };
  const label = typeof name === 'string' && name !== '' ? name : String(role);
  return { text, agent: label.replace(/ \(.*\)$/, ''), label };
}

function readMistake(members: ReadonlyMap<string, string>, stepCount: number): Mistake | undefined {
  const read = (name: string): unknown => JSON.parse(members.get(name) ?? 'null');
  const textOf = (name: string): string => {
    const value = read(name);
    return typeof value === 'string' ? value : '';
  };
  const marked = read('mistake_step');
  const step = typeof marked === 'string' || typeof marked === 'number' ? Number(marked) : NaN;
  if (!Number.isInteger(step) || step < 0 || step >= stepCount) return undefined;
  return { step, agent: textOf('mistake_agent'), reason: textOf('mistake_reason') };
}
