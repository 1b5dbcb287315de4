/** Goal: browsers can load the client. Method: every source that the browser's entry reaches is searched for what only Node has. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = import.meta.dirname;

test('the browser entry reaches no source that needs Node', () => {
  const reached = reach(join(root, 'browser.ts'));
  expect(reached.size).toBeGreaterThan(20);
  for (const file of reached) {
    const text = readFileSync(file, 'utf8');
    const found = /from 'node:[^']*'|\bBuffer\.|\bprocess\./.exec(text)?.[0];
    expect(
      found,
      `${relative(root, file)} must stay free of Node; put it under node-transport/`,
    ).toBeUndefined();
  }
});

test('no source reaches outside of the package, but for tests', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  for (const file of files.filter((name) => !name.endsWith('.test.ts') && !name.startsWith('gen'))) {
    for (const target of importsOf(join(root, file)))
      expect(relative(root, target).startsWith('..'), file).toBe(false);
  }
});

function reach(entry: string, reached = new Set<string>()): ReadonlySet<string> {
  if (reached.has(entry)) return reached;
  reached.add(entry);
  for (const target of importsOf(entry)) reach(target, reached);
  return reached;
}

function importsOf(file: string): readonly string[] {
  const imports = readFileSync(file, 'utf8').matchAll(/from ['"](\.{1,2}\/[^'"]+)['"]/g);
  return Array.from(imports, ([, specifier = '']) => resolve(dirname(file), specifier));
}
