/**
 * Goal: what the plugin writes binds each message to its path in all languages, and what cannot be bound is refused with the message named.
 * Method: sources that `buf` compiles, handed to the plugin as `buf` and protoc do; and `buf generate` with the real program. That the files
 * compile, and what compilers then refuse, is tested with the clients.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { CodeGeneratorRequestSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, test } from 'vitest';
import { buf, buildProtos, withProtos } from '../../../test/support/schemas.ts';
import { goCamelCase } from './go.ts';
import { plugin } from './plugin.ts';

const research = readFileSync(join(import.meta.dirname, '../testdata/acme/v1/research.proto'), 'utf8');

/** Paths that the broker would refuse, and why. */
const refused: readonly (readonly [string, string])[] = [
  ['notes/{note}', 'a path begins with "/"'],
  ['/', 'a path begins with "/"'],
  ['/a//b', 'a segment is empty'],
  ['/a/', 'a segment is empty'],
  ['/{Note}', '"{Note}" is no variable'],
  ['/x{note}', '"x{note}" is no variable'],
  ['/{a}/{a}', '{a} stands for two segments'],
];

/** Sources by their names. Each is a package of its own, since all are compiled at once. */
const sources: Readonly<Record<string, string>> = {
  'acme/v1/research.proto': research,
  'acme/free/free.proto': source('acme.free', 'message Free { string text = 1; }'),
  'acme/note/a-note.proto': bound('acme.note', '/{session}/notes/{note}'),
  'acme/word/note.proto': bound('acme.word', '/{from}/{to}'),
  'top.proto': bound('top', '/{session}'),
  'acme/go1/note.proto': bound('acme.go1', '/{session_id}/n', 'example.com/gen/acme/v1;acmev1'),
  'acme/go2/note.proto': bound('acme.go2', '/{session_id}/n', 'example.com/my-notes'),
  ...Object.fromEntries(
    refused.map(([path], at) => [`acme/bad${at}/note.proto`, bound(`acme.bad${at}`, path)]),
  ),
};

function source(scope: string, messages: string, goPackage?: string): string {
  const option = goPackage === undefined ? '' : `option go_package = "${goPackage}";`;
  return `syntax = "proto3";
package ${scope};
import "hyperloom/v1/node_options.proto";
${option}
${messages}`;
}

function bound(scope: string, path: string, goPackage?: string): string {
  const message = `message Note { option (hyperloom.v1.node).path = "${path}"; string claim = 1; }`;
  return source(scope, message, goPackage);
}

const compiled = fromBinary(FileDescriptorSetSchema, buildProtos(sources));

/** The files that sources become, by their names. */
function generate(names: string | readonly string[], parameter: string): Readonly<Record<string, string>> {
  const fileToGenerate = [names].flat();
  const request = create(CodeGeneratorRequestSchema, { fileToGenerate, parameter, protoFile: compiled.file });
  return Object.fromEntries(plugin.run(request).file.map(({ name, content }) => [name, content]));
}

describe('one file beside the generated code of each source', () => {
  const names = ['acme/v1/research.proto', 'acme/free/free.proto'];

  test.each([
    ['target=ts', ['acme/v1/research_hyperloom.ts']],
    ['target=js+dts', ['acme/v1/research_hyperloom.d.ts', 'acme/v1/research_hyperloom.js']],
    ['target=python', ['acme/v1/research_hyperloom.py']],
    ['target=go,paths=source_relative', ['acme/v1/research_hyperloom.pb.go']],
    // As protoc-gen-es does.
    ['', ['acme/v1/research_hyperloom.d.ts', 'acme/v1/research_hyperloom.js']],
  ])('with the parameter "%s", and none where no message has a path', (parameter, made) => {
    expect(Object.keys(generate(names, parameter)).sort()).toEqual(made);
  });

  test.each(['ts', 'js+dts', 'python', 'go,paths=source_relative'])(
    'with target=%s each message with a path is in it, nested ones too, and no other',
    (target) => {
      const text = Object.values(generate(names, `target=${target}`)).join('\n');
      const found = new Set(Array.from(text.matchAll(/\b(\w+)Node\b/g), ([, name = '']) => name));
      expect([...found].sort()).toEqual(['ResearchNote', 'Session', 'Session_Step', 'Settings']);
      expect(text).toContain('/{session}/plan/{step_id}/steps/{number}');
    },
  );
});

test('TypeScript gets the path as a literal type, with the imports that its own plugin was told to write', () => {
  const made = generate('acme/note/a-note.proto', 'target=ts,import_extension=js');
  expect(made['acme/note/a-note_hyperloom.ts']).toContain('from "./a-note_pb.js";');
  expect(made['acme/note/a-note_hyperloom.ts']).toContain(
    'export const NoteNode: NodeType<typeof NoteSchema, "/{session}/notes/{note}"> =',
  );
});

test('Python gets frozen dataclasses, and modules named as protoc names them', () => {
  const made = generate('acme/note/a-note.proto', 'target=python');
  expect(made['acme/note/a_note_hyperloom.py']).toContain(`from . import a_note_pb2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NoteVariables:
    """The variables in \`/{session}/notes/{note}\`, the path of \`acme.note.Note\`."""

    session: str
    note: str
`);
});

test('Python imports a module at the top by its name', () => {
  expect(generate('top.proto', 'target=python')['top_hyperloom.py']).toContain('\nimport top_pb2\n');
});

describe('Go', () => {
  const first = 'acme/go1/note.proto';
  test.each([
    [first, '', 'example.com/gen/acme/v1/note_hyperloom.pb.go', 'acmev1'],
    [first, ',module=example.com/gen', 'acme/v1/note_hyperloom.pb.go', 'acmev1'],
    ['acme/go2/note.proto', ',paths=source_relative', 'acme/go2/note_hyperloom.pb.go', 'my_notes'],
    [first, `,M${first}=example.com/other;own`, 'example.com/other/note_hyperloom.pb.go', 'own'],
  ])('for %s lies with the parameter "%s" where protoc-gen-go puts its file', (name, more, path, own) => {
    const made = generate(name, `target=go${more}`);
    expect(Object.keys(made)).toEqual([path]);
    expect(made[path]).toContain(`\npackage ${own}\n`);
  });

  test('is formatted as gofmt does', () => {
    const made = generate('acme/v1/research.proto', 'target=go,paths=source_relative');
    expect(made['acme/v1/research_hyperloom.pb.go']).toContain(`type Session_StepVariables struct {
	Session string
	StepId  string
	Number  string
}
`);
  });

  test('needs a package', () => {
    expect(() => generate('top.proto', 'target=go')).toThrow('top.proto has no go_package');
  });

  test('lies in its module or nowhere', () => {
    expect(() => generate(first, 'target=go,module=example.com/b')).toThrow('module example.com/b');
  });

  test.each([
    ['session_id', 'SessionId'],
    ['a_1', 'A_1'],
    ['a1b', 'A1B'],
    ['Outer_Inner', 'Outer_Inner'],
    ['Outer_inner', 'OuterInner'],
  ])('calls %s %s, as protoc-gen-go does', (name, go) => {
    expect(goCamelCase(name)).toBe(go);
  });
});

describe('what the broker would refuse is refused here', () => {
  test.each(refused.map(([path, what], at) => ({ path, what, at })))('the path $path', ({ what, at }) => {
    const run = (): unknown => generate(`acme/bad${at}/note.proto`, 'target=python');
    expect(run).toThrow(`acme.bad${at}.Note: (hyperloom.v1.node).path`);
    expect(run).toThrow(what);
  });

  test('for Python a variable that cannot be the name of an argument', () => {
    expect(() => generate('acme/word/note.proto', 'target=python')).toThrow(
      'acme.word.Note: {from} is a word of Python',
    );
    expect(Object.keys(generate('acme/word/note.proto', 'target=ts'))).toHaveLength(1);
  });

  test('a target that it does not know', () => {
    expect(() => generate('top.proto', 'target=rust')).toThrow('target=rust');
  });
});

describe('the program', () => {
  const program = join(import.meta.dirname, '../bin/protoc-gen-hyperloom.js');

  test('is run by buf', () => {
    const out = mkdtempSync(join(tmpdir(), 'hyperloom-plugin-'));
    try {
      const plugins = ['ts', 'python'].map((target) => ({
        local: [process.execPath, program],
        out,
        opt: [`target=${target}`],
      }));
      const template = JSON.stringify({ version: 'v2', plugins });
      withProtos({ 'acme/v1/note.proto': bound('acme.v1', '/{session}') }, (folder) => {
        const ran = spawnSync(buf, [
          'generate',
          folder,
          '--template',
          template,
          '--path',
          join(folder, 'acme'),
        ]);
        expect(ran.stderr.toString()).toBe('');
        expect(ran.status).toBe(0);
      });
      expect(readFileSync(join(out, 'acme/v1/note_hyperloom.ts'), 'utf8')).toContain('NoteNode');
      expect(readFileSync(join(out, 'acme/v1/note_hyperloom.py'), 'utf8')).toContain('NoteNode');
    } finally {
      rmSync(out, { recursive: true });
    }
  });

  test('tells its version, which is that of its package', () => {
    const manifest = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { readonly version: string };
    const ran = spawnSync(process.execPath, [program, '--version'], { encoding: 'utf8' });
    expect(ran.stdout).toBe(`protoc-gen-hyperloom ${version}\n`);
  });
});
