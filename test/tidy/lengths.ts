/** Files and functions that are longer than the rule allows, each with its reason. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { root } from './sources.ts';

/** The rule of style.md: past this many lines a file needs a reason here. */
export const fileLinesMax = 400;
/** Lines of a function, without blank ones and comments. */
export const functionLinesMax = 70;

/** Path → why it is longer. */
export const longFiles: Readonly<Record<string, string>> = {
  'src/base/limits.ts': 'every limit of the broker, so that they can be read beside one another',
};

/** `path: function` → why it is longer. */
export const longFunctions: Readonly<Record<string, string>> = {
  'src/codec/record.ts: decodeRecord':
    'one case for each field of a record; cut up, it would have to hand a dozen variables around',
};

interface Diagnostic {
  readonly message: string;
  readonly filename: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

/** Functions over the maximum outside of tests, as `path: name` with where they begin. Found by oxlint. */
export function functionsOverLength(): { readonly key: string; readonly line: number }[] {
  const folder = mkdtempSync(join(tmpdir(), 'hyperloom-tidy-'));
  try {
    const config = join(folder, 'oxlint.json');
    const options = { max: functionLinesMax, skipComments: true, skipBlankLines: true };
    const categories = { correctness: 'off' };
    writeFileSync(
      config,
      JSON.stringify({ categories, rules: { 'max-lines-per-function': ['error', options] } }),
    );
    const ignored = ['**/gen/**', '**/dist/**', '**/*.test.ts'].map(
      (pattern) => `--ignore-pattern=${pattern}`,
    );
    const folders = [
      'src',
      'clients/typescript/src',
      'clients/debugger/src',
      'test',
      'bench',
      'scripts',
      'demo',
    ];
    const tool = join(root, 'node_modules', '.bin', 'oxlint');
    const ran = spawnSync(tool, ['-c', config, '--format=json', ...ignored, ...folders], {
      cwd: root,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(ran.stdout) as { readonly diagnostics: readonly Diagnostic[] };
    return diagnostics.map(({ message, filename, labels }) => {
      const name = /`([^`]+)`/.exec(message)?.[1] ?? 'a nameless function';
      return { key: `${filename}: ${name}`, line: labels[0]?.span.line ?? 0 };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
