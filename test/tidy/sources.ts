/** The sources as the tidy test looks at them. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** One source file. */
export interface Source {
  /** Relative to the checkout. */
  readonly path: string;
  readonly text: string;
  /** The text with comments and the insides of strings blanked out; lines keep their numbers. */
  readonly code: string;
  /** Files of the checkout that it imports, relative to the checkout, and packages under their names. */
  readonly imports: readonly string[];
}

const patterns = [
  'src',
  'clients/typescript/src',
  'clients/debugger/src',
  'clients/langgraph/src',
  'clients/langgraph/test',
  'clients/openai-agents/src',
  'clients/openai-agents/test',
  'clients/vercel-ai/src',
  'clients/vercel-ai/test',
  'clients/ag-ui/src',
  'clients/ag-ui/test',
  'test',
  'bench',
  'scripts',
  'demo',
].flatMap((folder) => [`${folder}/**/*.ts`, `${folder}/**/*.tsx`]);

/** All hand-written TypeScript, in the order of paths. */
export function readSources(): Source[] {
  const paths = globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**', '**/gen/**'] });
  return paths.sort().map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return { path, text, code: blanked(text), imports: importsOf(path, text) };
  });
}

/** Folders of hand-written Python and Go; what tools have made or brought along is left out below. */
const otherPatterns = ['clients', 'test', 'bench', 'scripts', 'demo'].flatMap((folder) => [
  `${folder}/**/*.py`,
  `${folder}/**/*.go`,
]);
const made = ['gen', '_gen', '_vendor', 'dist', 'build', 'node_modules', '.venv', '.cache'];

/** Lines of each hand-written file in Python and Go, in the order of paths. */
export function linesElsewhere(): { readonly path: string; readonly lines: number }[] {
  const exclude = [...made.map((folder) => `**/${folder}/**`), '**/*.pb.go', '**/*_pb2.py'];
  return globSync(otherPatterns, { cwd: root, exclude })
    .sort()
    .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length - 1 }));
}

const commentOrString = /\/\/.*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

function blanked(text: string): string {
  return text.replace(commentOrString, (found) => found.replace(/[^\n]/g, ' '));
}

const importing =
  /^(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|\bimport\(\s*'([^']+)'|^import\s+'([^']+)'/gm;

function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(importing)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    return specifier.startsWith('.') ? relative(root, join(root, dirname(path), specifier)) : specifier;
  });
}

/** Places where `pattern` occurs in the code, as `path:line: message`. */
export function findings(sources: readonly Source[], pattern: RegExp, message: string): string[] {
  return sources.flatMap(({ path, code }) =>
    code
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${message}`] : [])),
  );
}
