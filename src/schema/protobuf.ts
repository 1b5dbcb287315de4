/** Protobuf schemas: which messages are bound where, and whether a value is one of them and keeps its rules. */
import { fromBinary, getOption, hasOption } from '@bufbuild/protobuf';
import type { DescMessage, FileRegistry, Message } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import type { Validator, Violation } from '@bufbuild/protovalidate';
import { messageDepthMax, schemaBindingsMax, schemaProblemsMax } from '../base/limits.ts';
import { node } from '../gen/hyperloom/v1/node_options_pb.ts';
import { formatTemplate, parseTemplate, templatesOverlap } from '../state/schemas/path-template.ts';
import type { SchemaBinding } from '../state/schemas/schema.ts';
import type { Value } from '../state/values/value.ts';
import { kindName, uncompilable } from './compiled.ts';
import type { CompiledSchema, Problem, Uncompilable } from './compiled.ts';
import { linkDescriptors, messageOf } from './descriptor-set.ts';
import { extentProblem, reachable } from './reach.ts';
import { rulesProblem } from './trial.ts';

/** How much is looked at: a definition that comes for the first time in full, one that was registered only to be used. */
export type Scrutiny = 'new' | 'known';

/** A schema out of a `FileDescriptorSet`. */
export function compileProtobuf(definition: Uint8Array, scrutiny: Scrutiny): ProtobufSchema | Uncompilable {
  const linked = linkDescriptors(definition);
  if ('problems' in linked) return linked;
  const { registry } = linked;
  const found = findBindings(registry);
  if ('problems' in found) return found;
  const validator = createValidator({ registry, legacyRequired: true });
  if (scrutiny === 'new') {
    const problems = scrutinize(validator, [...found.messages.values()]);
    if (problems.length > 0) return { problems };
  }
  return new ProtobufSchema(registry, found, validator);
}

interface Found {
  readonly bindings: readonly SchemaBinding[];
  readonly messages: ReadonlyMap<string, DescMessage>;
}

function findBindings(registry: FileRegistry): Found | Uncompilable {
  const bindings: SchemaBinding[] = [];
  const messages = new Map<string, DescMessage>();
  const problems: Problem[] = [];
  for (const message of messagesIn(registry)) {
    if (!hasOption(message, node)) continue;
    const { path } = getOption(message, node);
    const template = parseTemplate(path);
    const subject = message.typeName;
    if ('problem' in template) {
      problems.push({ rule: 'path', subject, message: `"${path}": ${template.problem}` });
      continue;
    }
    const other = bindings.find((each) => templatesOverlap(each.template, template));
    if (other !== undefined) {
      const clash = `${path} has paths in common with ${formatTemplate(other.template)} of ${other.messageType}`;
      problems.push({ rule: 'overlap', subject, message: clash });
    }
    bindings.push({ template, messageType: message.typeName });
    messages.set(message.typeName, message);
  }
  if (problems.length > 0) return { problems: problems.slice(0, schemaProblemsMax) };
  if (bindings.length === 0)
    return uncompilable('path', 'no message of it has the option (hyperloom.v1.node).path');
  if (bindings.length > schemaBindingsMax) {
    const message = `${bindings.length} of its messages have a path; ${schemaBindingsMax} is the maximum (schemaBindingsMax)`;
    return uncompilable('size', message);
  }
  return { bindings, messages };
}

function* messagesIn(registry: FileRegistry): Generator<DescMessage> {
  for (const file of registry.files) for (const message of file.messages) yield* withNested(message);
}

function* withNested(message: DescMessage): Generator<DescMessage> {
  yield message;
  for (const nested of message.nestedMessages) yield* withNested(nested);
}

function scrutinize(validator: Validator, bound: readonly DescMessage[]): Problem[] {
  const problems = bound.flatMap((message) => extentProblem(message) ?? []);
  if (problems.length > 0) return problems.slice(0, schemaProblemsMax);
  const all = new Set(bound.flatMap(reachable));
  for (const message of all) {
    const problem = rulesProblem(validator, message);
    if (problem !== null) problems.push(problem);
    if (problems.length >= schemaProblemsMax) break;
  }
  return problems;
}

export class ProtobufSchema implements CompiledSchema {
  readonly format = 'protobuf';
  readonly registry: FileRegistry;
  readonly bindings: readonly SchemaBinding[];
  readonly #messages: ReadonlyMap<string, DescMessage>;
  readonly #validator: Validator;

  constructor(registry: FileRegistry, found: Found, validator: Validator) {
    this.registry = registry;
    this.bindings = found.bindings;
    this.#messages = found.messages;
    this.#validator = validator;
  }

  /** The message of a binding. */
  message(typeName: string): DescMessage | undefined {
    return this.#messages.get(typeName);
  }

  check({ messageType }: SchemaBinding, value: Value): readonly Problem[] {
    const descriptor = this.#messages.get(messageType);
    if (descriptor === undefined) return one('type', `${messageType} is not in its schema`);
    if (value.kind !== 'message') return one('type', `${kindName(value.kind)} where ${messageType} is due`);
    if (value.type.slice(value.type.lastIndexOf('/') + 1) !== messageType)
      return one('type', `${value.type || 'a message without a type'} where ${messageType} is due`);
    let message: Message;
    try {
      message = fromBinary(descriptor, Buffer.from(value.data, 'latin1'), {
        recursionLimit: messageDepthMax,
      });
    } catch (error) {
      return one('encoding', `no valid encoding of ${messageType}: ${messageOf(error)}`);
    }
    const result = this.#validator.validate(descriptor, message);
    if (result.kind === 'valid') return none;
    if (result.kind === 'error') return one('cel', `a rule cannot be evaluated: ${result.error.message}`);
    return result.violations.slice(0, schemaProblemsMax).map(problemOf);
  }
}

const none: readonly Problem[] = [];

function one(rule: string, message: string): Problem[] {
  return [{ rule, subject: '', message }];
}

function problemOf({ field, ruleId, message, forKey }: Violation): Problem {
  const subject = pathToString(field);
  return { rule: ruleId, subject, message: forKey ? `its key ${message}` : message };
}
