/**
 * Checks the rules of writing that a linter does not know: layers, words that do not belong into the pure rooms, lengths,
 * reasons for limits, tests that are switched off. Method: it reads every hand-written source and matches text; where
 * a rule has exceptions, they are listed with their reasons in `test/tidy/`, and one that is no longer needed is an error.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { importCycles, unknownRooms, upwardImports } from './tidy/layers.ts';
import { fileLinesMax, functionsOverLength, longFiles, longFunctions } from './tidy/lengths.ts';
import { findings, linesElsewhere, readSources, root } from './tidy/sources.ts';

const sources = readSources();
const shipped = sources.filter(
  ({ path }) => /^(src|clients)\//.test(path) && !/\.(test|bench)\.ts$/.test(path),
);
const broker = shipped.filter(({ path }) => path.startsWith('src/'));
const tests = sources.filter(({ path }) => path.endsWith('.test.ts'));

describe('layers', () => {
  it('lets no room import one that is above it', () => {
    expect(upwardImports(sources)).toEqual([]);
  });

  it('knows every room of src', () => {
    expect(unknownRooms(sources)).toEqual([]);
  });

  it('has no circles of imports', () => {
    expect(importCycles(sources)).toEqual([]);
  });

  it('has no barrel files in src: import from the file that owns the name', () => {
    const barrels = findings(
      broker,
      /^export (\*|\{[^}]*\}) from\b/,
      're-exports; import from where it is written',
    );
    const indexes = broker.filter(({ path }) => path.endsWith('/index.ts')).map(({ path }) => path);
    expect([...barrels, ...indexes]).toEqual([]);
  });
});

describe('the HTTP/2 engine', () => {
  it('needs nothing but Node', () => {
    const foreign = broker
      .filter(({ path }) => path.startsWith('src/transport/h2/'))
      .flatMap(({ path, imports }) =>
        imports
          .filter((name) => !name.startsWith('src/transport/h2/') && !name.startsWith('node:'))
          .map((name) => `${path} imports ${name}; the engine is a package of its own`),
      );
    expect(foreign).toEqual([]);
  });
});

describe('pure rooms', () => {
  const pure = broker.filter(({ path }) => /^src\/(trie|state|codec)\//.test(path));
  const words: readonly (readonly [RegExp, string])[] = [
    [/(?<![.\w])Date\b(?!\s*[:?])/, 'reads a clock; take the time from the proposal (`timeMs`)'],
    [/\bMath\.random\b|\bcrypto\b/, 'draws randomness; ids come with the command, made by the sequencer'],
    [
      /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
      'sets a timer; timers propose commands in src/sequencer',
    ],
    [/\bperformance\b/, 'reads a clock; measure in a bench'],
    [/(?<![.\w])process\./, 'reads the process; src/main.ts passes settings in'],
    [/\b(async|await|Promise)\b/, 'waits; these rooms are synchronous, whoever calls them waits'],
  ];

  it.each(words)('names nothing that matches %s', (word, instead) => {
    expect(findings(pure, word, instead)).toEqual([]);
  });

  it('imports nothing of Node and no package but the Protobuf runtime', () => {
    const foreign = pure.flatMap(({ path, imports }) =>
      imports
        .filter((name) => !name.startsWith('src/') && !name.startsWith('@bufbuild/protobuf'))
        .map((name) => `${path} imports ${name}; do input and output in src/journal or src/rpc`),
    );
    expect(foreign).toEqual([]);
  });
});

describe('injected sources of chance', () => {
  const owners = ['src/base/clock.ts', 'src/base/random.ts'];
  const others = broker.filter(({ path }) => !owners.includes(path));

  it('reads time and sets timers only through a Clock', () => {
    const clock = /\bDate\.now\b|\bnew Date\(\s*\)|\b(setTimeout|setInterval)\(|\bperformance\.now\b/;
    expect(findings(others, clock, 'use the injected Clock (src/base/clock.ts)')).toEqual([]);
  });

  it('draws randomness only through a Random', () => {
    const chance = /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\bgetRandomValues\b/;
    expect(findings(others, chance, 'use the injected Random (src/base/random.ts)')).toEqual([]);
  });

  it('reads environment and arguments only in src/main.ts', () => {
    const readers = broker.filter(({ path }) => path !== 'src/main.ts');
    expect(findings(readers, /\bprocess\.(env|argv)\b/, 'let src/main.ts pass it in')).toEqual([]);
  });
});

describe('lengths', () => {
  it(`keeps files within ${fileLinesMax} lines, or says why not in test/tidy/lengths.ts`, () => {
    const lines = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    const all = [...lines, ...linesElsewhere()];
    // None of them is forgotten where a folder is called otherwise.
    for (const ending of ['.ts', '.tsx', '.py', '.go'])
      expect(all.filter(({ path }) => path.endsWith(ending)).length).toBeGreaterThan(20);
    const long = all.filter((file) => file.lines > fileLinesMax).map(({ path }) => path);
    expect(long.sort()).toEqual(Object.keys(longFiles).sort());
  });

  it('keeps functions within 70 lines, or says why not in test/tidy/lengths.ts', () => {
    const long = functionsOverLength().map(({ key }) => key);
    expect(long.sort()).toEqual(Object.keys(longFunctions).sort());
  });
});

describe('names and comments', () => {
  it('gives every limit a reason', () => {
    const blocks = readFileSync(join(root, 'src/base/limits.ts'), 'utf8').split(/\n\s*\n/);
    const bare = blocks.filter((block) => block.startsWith('export const '));
    expect(bare).toEqual([]);
  });

  it('names files in lower case with hyphens', () => {
    const named = /^([a-z0-9]+(-[a-z0-9]+)*)(\.(test|bench))?\.tsx?$/;
    expect(
      sources.map(({ path }) => path).filter((path) => !named.test(path.split('/').at(-1) ?? '')),
    ).toEqual([]);
  });

  it('begins every suite with its goal and method', () => {
    expect(tests.filter(({ text }) => !text.startsWith('/**')).map(({ path }) => path)).toEqual([]);
  });

  it('leaves no test switched off and none alone', () => {
    const off = /\b(it|test|describe|bench)\.(skip|only|todo|fails)\b|\b[xf](it|describe)\(/;
    expect(findings(tests, off, 'runs fewer tests than it says')).toEqual([]);
  });

  it('leaves nothing to be done later', () => {
    const later = new RegExp(
      String.raw`\b(${['TO', 'FIX', 'X'].map((word, index) => word + ['DO', 'ME', 'XX'][index]).join('|')})\b`,
    );
    const open = sources.filter(({ text }) => later.test(text)).map(({ path }) => path);
    expect(open).toEqual([]);
  });

  it('calls a file that holds tests *.test.ts, so that it runs', () => {
    const holds = /^(describe|it|test)(\.each\(.*\))?\(/m;
    const others = sources.filter(({ path }) => !path.endsWith('.test.ts'));
    expect(others.filter(({ code }) => holds.test(code)).map(({ path }) => path)).toEqual([]);
  });
});
