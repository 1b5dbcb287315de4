/** Whether the next version of a schema gets along with the one before: with what is bound where, and message by message. */
import { schemaProblemsMax } from '../base/limits.ts';
import type { Root } from '../state/ghosts/ghost.ts';
import type { Migrated } from '../state/schemas/judge.ts';
import { formatTemplate, sameTemplate, templatePattern } from '../state/schemas/path-template.ts';
import type { PathTemplate } from '../state/schemas/path-template.ts';
import type { SchemaBinding, SchemaVersion } from '../state/schemas/schema.ts';
import { formatPath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { walkMatching } from '../trie/walk-matching.ts';
import { breakingChanges } from './breaking.ts';
import type { CompiledSchema, Problem } from './compiled.ts';
import { ProtobufSchema } from './protobuf.ts';

/** Paths that are bound no more and hold something, which nothing would check from then on. */
export function* droppedBindings(
  previous: SchemaVersion,
  bindings: readonly SchemaBinding[],
  root: Root,
): Generator<Problem> {
  for (const { template } of previous.bindings) {
    if (bindings.some((other) => sameTemplate(other.template, template))) continue;
    const stored = firstValue(root, template);
    if (stored === undefined) continue;
    const message = `there are values at its paths, such as ${formatPath(stored)}`;
    yield { rule: 'BINDING_NO_DELETE', subject: formatTemplate(template), message };
  }
}

/** A path that fits and has a value. */
function firstValue(root: Root, template: PathTemplate): Path | undefined {
  for (const { path, node } of walkMatching(root, [templatePattern(template)]))
    if (node.entry !== null) return path;
  return undefined;
}

/** Something about all paths of a binding that does not get along with the version before. */
export interface Incompatibility {
  readonly template: PathTemplate;
  readonly problem: Problem;
}

/**
 * Stored values at such paths that a ghost has not put: they may mean something else by the coming version, even where they fit it.
 * No more than there are values that it has put, and as many as are told: the walk ends with them.
 */
export function* unmigrated(
  found: Iterable<Incompatibility>,
  { operations, stamp }: Migrated,
  root: Root,
): Generator<Problem> {
  const reasons = new Map<string, Incompatibility>();
  for (const each of found) {
    const key = formatTemplate(each.template);
    if (!reasons.has(key)) reasons.set(key, each);
  }
  if (reasons.size === 0) return;
  const put = new Set<string>();
  for (const operation of operations) if (operation.kind === 'put') put.add(formatPath(operation.path));
  let told = 0;
  for (const { template, problem } of reasons.values()) {
    for (const { path, node } of walkMatching(root, [templatePattern(template)])) {
      if (node.entry === null) continue;
      const text = formatPath(path);
      // What was put, and is another value by now, has another stamp: what a copy has brought.
      if (put.has(text) && node.entry.modified === stamp) continue;
      const message = `the ghost has not put the value that is stored here, and ${problem.subject}: ${problem.rule}`;
      yield { rule: 'MIGRATION_INCOMPLETE', subject: text, message };
      told += 1;
      if (told >= schemaProblemsMax) return;
    }
  }
}

/** What clients and values of the version before would not understand. JSON Schemas are compared with values alone. */
export function* incompatibilities(
  before: CompiledSchema,
  previous: readonly SchemaBinding[],
  coming: CompiledSchema,
  bindings: readonly SchemaBinding[],
): Generator<Incompatibility> {
  for (const { template, messageType } of previous) {
    const next = bindings.find((other) => sameTemplate(other.template, template));
    if (next === undefined) continue;
    if (next.messageType !== messageType) {
      const is = next.messageType || 'JSON';
      const message = `it was bound to ${messageType || 'JSON'} and is bound to ${is}`;
      const subject = formatTemplate(template);
      yield { template, problem: { rule: 'BINDING_SAME_MESSAGE', subject, message } };
      continue;
    }
    if (!(before instanceof ProtobufSchema) || !(coming instanceof ProtobufSchema)) continue;
    const [was, is] = [before.message(messageType), coming.message(messageType)];
    if (was === undefined || is === undefined) continue;
    for (const problem of breakingChanges(was, is)) yield { template, problem };
  }
}
