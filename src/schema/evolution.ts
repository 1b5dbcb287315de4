/** Whether the next version of a schema gets along with the one before: with what is bound where, and message by message. */
import type { Root } from '../state/ghost.ts';
import { formatTemplate, sameTemplate, templatePattern } from '../state/path-template.ts';
import type { PathTemplate } from '../state/path-template.ts';
import type { SchemaBinding, SchemaVersion } from '../state/schema.ts';
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

/** What clients and values of the version before would not understand. JSON Schemas are compared with values alone. */
export function* incompatibilities(
  before: CompiledSchema,
  previous: readonly SchemaBinding[],
  coming: CompiledSchema,
  bindings: readonly SchemaBinding[],
): Generator<Problem> {
  for (const { template, messageType } of previous) {
    const next = bindings.find((other) => sameTemplate(other.template, template));
    if (next === undefined) continue;
    if (next.messageType !== messageType) {
      const is = next.messageType || 'JSON';
      const message = `it was bound to ${messageType || 'JSON'} and is bound to ${is}`;
      yield { rule: 'BINDING_SAME_MESSAGE', subject: formatTemplate(template), message };
      continue;
    }
    if (!(before instanceof ProtobufSchema) || !(coming instanceof ProtobufSchema)) continue;
    const [was, is] = [before.message(messageType), coming.message(messageType)];
    if (was !== undefined && is !== undefined) yield* breakingChanges(was, is);
  }
}
