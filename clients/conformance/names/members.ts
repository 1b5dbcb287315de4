/**
 * The public members of the SDKs' types, read off their sources: of each language only what its formatter makes of a declaration need be
 * understood. What a comment says is not for programs is no public member, whatever the language lets one see; nor is an older name of
 * something that is there under a better one.
 */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A language with an SDK. */
export type Language = 'typescript' | 'python' | 'go';

/** A type: its members, and the types whose members it has as well. */
interface Type {
  readonly members: Set<string>;
  readonly parents: Set<string>;
}

type Types = Map<string, Type>;

const root = fileURLToPath(new URL('../../', import.meta.url));

const readers: Readonly<Record<Language, () => Types>> = {
  typescript: () => readTypeScript(sources('typescript/src/**/*.ts', /\.test\.|\/gen\/|\/testing\//)),
  python: () => readPython(sources('python/src/hyperloom/*.py')),
  go: () => readGo(sources('go/hyperloom/*.go', /_test\.go$/)),
};

/** Reads the members of types by their names, as they are written; those of parents included. */
export function membersIn(language: Language): (type: string) => readonly string[] {
  const types = readers[language]();
  const all = (name: string, seen: Set<string>): string[] => {
    const type = types.get(name);
    if (type === undefined || seen.has(name)) return [];
    seen.add(name);
    return [...type.members, ...[...type.parents].flatMap((parent) => all(parent, seen))];
  };
  return (name) => [...new Set(all(name, new Set()))];
}

function sources(pattern: string, except?: RegExp): readonly string[] {
  return globSync(pattern, { cwd: root })
    .filter((path) => except === undefined || !except.test(`/${path}`))
    .map((path) => readFileSync(`${root}/${path}`, 'utf8'));
}

function typeIn(types: Types, name: string): Type {
  const known = types.get(name) ?? { members: new Set(), parents: new Set() };
  types.set(name, known);
  return known;
}

const notPublic = /Not for programs|For this package|not for programs|@deprecated|Deprecated: /;

function readTypeScript(files: readonly string[]): Types {
  const types: Types = new Map();
  for (const file of files) {
    const declared = /^export (?:abstract )?(?:class|interface) (\w+)([^{]*?)\{\n(.*?)^\}/gms;
    for (const [, name = '', head = '', body = ''] of file.matchAll(declared)) {
      const type = typeIn(types, name);
      const parents = /extends ([\s\S]*?)(?:implements|$)/.exec(head)?.[1] ?? '';
      for (const [parent] of parents.matchAll(/\b[A-Z]\w+/g)) type.parents.add(parent);
      let comment = '';
      for (const line of body.split('\n')) {
        if (/^ {2}(\/\*\*| \*)/.test(line)) comment = line.startsWith('  /**') ? line : comment + line;
        const member = /^ {2}(?:(?:readonly|async|get|override|static) )*\*?(\w+)\??[(<:]/.exec(line)?.[1];
        if (member === undefined) continue;
        if (member !== 'constructor' && !notPublic.test(comment)) type.members.add(member);
        comment = '';
      }
    }
  }
  return types;
}

function readPython(files: readonly string[]): Types {
  const types: Types = new Map();
  for (const file of files) {
    for (const block of file.split(/^(?=class )/m).slice(1)) {
      const [, name = '', parents = ''] = /^class (\w+)(?:\(([^)]*)\))?:/.exec(block) ?? [];
      const type = typeIn(types, name);
      for (const [parent] of parents.matchAll(/\b[A-Z]\w+/g)) type.parents.add(parent);
      const body = firstBlock(block);
      for (const [, field = ''] of body.matchAll(/^ {4}([a-z]\w*)(?:: | = [a-z]\w*$)/gm))
        type.members.add(field);
      for (const [, field = ''] of body.matchAll(/^ {8}self\.([a-z]\w*)(?:: [^=]+)? = /gm))
        type.members.add(field);
      const methods =
        /^( {4}@deprecated\([^\n]*\n)?^ {4}(?:async )?def ([a-z]\w*)\(.*?\)(?: -> .*?)?:\n( {8}(?:"""|r""")[^\n]*)?/gms;
      for (const [, older, method = '', doc = ''] of body.matchAll(methods))
        if (older === undefined && !notPublic.test(doc)) type.members.add(method);
    }
  }
  return types;
}

/** A class ends where something else begins at the margin. */
function firstBlock(block: string): string {
  const lines = block.split('\n');
  const end = lines.findIndex((line, index) => index > 0 && /^[^\s#)]/.test(line));
  return lines.slice(0, end < 0 ? undefined : end).join('\n');
}

function readGo(files: readonly string[]): Types {
  const types: Types = new Map();
  for (const file of files) {
    for (const [, name = '', body = ''] of file.matchAll(/^type (\w+)(?:\[.*?\])? struct \{\n(.*?)^\}/gms)) {
      const type = typeIn(types, name);
      let comment = '';
      for (const line of body.split('\n')) {
        if (line.startsWith('\t//')) {
          comment += line;
          continue;
        }
        const isPublic = !notPublic.test(comment);
        comment = '';
        const embedded = /^\t\*?(\w+)(?:\[.*\])?$/.exec(line)?.[1];
        if (embedded !== undefined) type.parents.add(embedded);
        const names = /^\t([A-Z]\w*(?:, [A-Z]\w*)*)\s+\S/.exec(line)?.[1] ?? '';
        for (const field of names.split(', ')) if (field !== '' && isPublic) type.members.add(field);
      }
    }
    for (const [, doc = '', name = '', method = ''] of file.matchAll(
      /^((?:\/\/.*\n)*)func \(\w+ \*?(\w+)(?:\[.*?\])?\) ([A-Z]\w*)\(/gm,
    ))
      if (!notPublic.test(doc)) typeIn(types, name).members.add(method);
  }
  return types;
}
