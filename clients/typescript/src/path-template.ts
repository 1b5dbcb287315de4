/** Paths in which `{name}` stands for any one segment, as in the option `(hyperloom.v1.node).path`. */
import { getOption, type DescMessage } from '@bufbuild/protobuf';
import { node as nodeOption } from './gen/hyperloom/v1/node_options_pb.ts';
import type { NodeType } from './node-type.ts';

/** Values by the names of variables. */
export type Values = Readonly<Record<string, string | undefined>>;

/** A part of a template: a segment as it stands, or the name of a variable. */
type Part = { readonly literal: string } | { readonly variable: string };

export class PathTemplate {
  /** Such as `/{session}/notes/{note}`. */
  readonly text: string;
  /** The names of the variables, in their order. */
  readonly names: readonly string[];
  readonly #parts: readonly Part[];

  constructor(text: string) {
    this.text = text;
    this.#parts = text.split('/').slice(1).map(partOf);
    this.names = this.#parts.flatMap((part) => ('variable' in part ? [part.variable] : []));
  }

  /** The path for values of all variables. Throws a `TypeError` for any other variables, and for values that are no segments. */
  path(values: Values): string {
    this.#check(values);
    const missing = this.names.filter((name) => valueOf(values, name) === undefined);
    if (missing.length > 0) throw new TypeError(`${this.text} needs a value for ${missing.join(' and ')}`);
    return this.#join(this.#parts, (name) => valueOf(values, name) ?? '');
  }

  /** The values in a path; `undefined` where it is none of these. */
  values(path: string): Readonly<Record<string, string>> | undefined {
    const segments = path.split('/').slice(1);
    if (segments.length !== this.#parts.length) return undefined;
    const values: [string, string][] = [];
    for (const [at, part] of this.#parts.entries()) {
      const segment = segments[at] ?? '';
      if ('variable' in part) values.push([part.variable, segment]);
      else if (part.literal !== segment) return undefined;
    }
    return Object.fromEntries(values);
  }

  /** The paths with these values, as `subscribe` takes them. */
  pattern(values: Values): string {
    this.#check(values);
    return this.#join(this.#parts, (name) => valueOf(values, name) ?? '*');
  }

  /** The node below which all paths with these values lie, and how far below it. Depth 0: it is the only one. */
  below(values: Values): { readonly root: string; readonly depth: number } {
    this.#check(values);
    const open = this.#parts.findIndex(
      (part) => 'variable' in part && valueOf(values, part.variable) === undefined,
    );
    const end = open < 0 ? this.#parts.length : open;
    const root = this.#join(this.#parts.slice(0, end), (name) => valueOf(values, name) ?? '');
    return { root: root === '' ? '/' : root, depth: this.#parts.length - end };
  }

  /** The path is one with these values. */
  selects(path: string, values: Values): boolean {
    const found = this.values(path);
    if (found === undefined) return false;
    return Object.entries(values).every(([name, value]) => value === undefined || value === found[name]);
  }

  #join(parts: readonly Part[], valueOf: (name: string) => string): string {
    return parts.map((part) => `/${'variable' in part ? valueOf(part.variable) : part.literal}`).join('');
  }

  /** What is no segment would make another path, or a pattern. */
  #check(values: Values): void {
    for (const [name, value] of Object.entries(values)) {
      if (!this.names.includes(name)) throw new TypeError(`${this.text} has no variable ${name}`);
      if (value === undefined) continue;
      const isSegment = typeof value === 'string' && !/^$|^\.{1,2}$|^\*|\//.test(value);
      if (!isSegment)
        throw new TypeError(`${name} of ${this.text} is no segment of a path: ${JSON.stringify(value)}`);
    }
  }
}

/** Reads a message and its path. Throws a `TypeError` where the message has none, or where generated code is out of date. */
export function templateOf(type: DescMessage | NodeType): PathTemplate {
  const message = messageOf(type);
  const { path } = getOption(message, nodeOption);
  if (path === '') throw new TypeError(`${message.typeName} has no option (hyperloom.v1.node).path`);
  if ('path' in type && type.path !== path)
    throw new TypeError(
      `${message.typeName} lives at ${path}, not at ${type.path}: generate its node type again`,
    );
  return new PathTemplate(path);
}

/** The message of a type. */
export function messageOf<Desc extends DescMessage>(type: Desc | NodeType<Desc>): Desc {
  return 'message' in type ? type.message : type;
}

/** Every object has a `constructor`, which may be the name of a variable. */
function valueOf(values: Values, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function partOf(segment: string): Part {
  return segment.startsWith('{') ? { variable: segment.slice(1, -1) } : { literal: segment };
}
