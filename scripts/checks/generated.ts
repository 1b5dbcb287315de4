/** Generated code is committed; this makes it anew in a temporary folder and compares. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Step, StepResult } from '../step.ts';
import { failed, passed, root, run, unavailable } from '../step.ts';
import { prepareGoTools } from './go-client.ts';
import { prepareJavaTools } from './java-client.ts';
import { pythonTool } from './python.ts';
import { prepareRustTools } from './rust-client.ts';

/** A generator: where its output lies, and how it writes the same below another folder. */
export interface Generator {
  readonly name: string;
  readonly output: string;
  /** Gets what it needs; resolves with what is in the way, `null` where nothing is. */
  prepare(): Promise<StepResult | null>;
  /** Command and arguments. */
  command(folder: string): readonly [string, ...string[]];
}

const nothingNeeded = async (): Promise<null> => null;

function bufGenerator(
  template: string,
  output: string,
  prepare: Generator['prepare'] = nothingNeeded,
): Generator {
  return {
    name: template,
    output,
    prepare,
    command: (folder) => ['buf', 'generate', '--template', template, '--output', folder],
  };
}

const pythonGenerator: Generator = {
  name: 'clients/python/generate.py',
  output: 'clients/python/src/hyperloom/_gen',
  prepare: async () => (existsSync(pythonTool('python')) ? null : unavailable('no Python environment')),
  command(folder) {
    mkdirSync(join(folder, 'clients', 'python'), { recursive: true });
    cpSync(join(root, 'proto'), join(folder, 'proto'), { recursive: true });
    const script = join(folder, 'clients', 'python', 'generate.py');
    cpSync(join(root, 'clients', 'python', 'generate.py'), script);
    return [pythonTool('python'), script];
  },
};

type Command = readonly [string, ...string[]];

/** What users of a client generate for messages of their own, whose imports lie in several folders. */
function typedTestCommandFor(template: string, ...args: readonly string[]): Command {
  const testdata = 'clients/protoc-gen-hyperloom/testdata';
  const config = ['--config', `${testdata}/workspace.yaml`];
  return ['buf', 'generate', '.', ...config, '--template', template, '--path', `${testdata}/acme`, ...args];
}

/** Of the TypeScript client. */
export const typedTestCommand = typedTestCommandFor(
  'clients/typescript/src/testing/buf.gen.yaml',
  ...['--path', 'proto/hyperloom/v1/node_options.proto'],
);

/** Of the Go client: without the rules, whose own messages would have to be generated as well. */
export const goTypedTestCommand = typedTestCommandFor(
  'clients/go/buf.gen.testing.yaml',
  ...['--exclude-type', 'buf.validate.field'],
);

const typedTestGenerator: Generator = {
  name: 'clients/typescript/src/testing/buf.gen.yaml',
  output: 'clients/typescript/src/testing/gen',
  prepare: nothingNeeded,
  command: (folder) => [...typedTestCommand, '--output', folder],
};

const goTypedTestGenerator: Generator = {
  name: 'clients/go/buf.gen.testing.yaml',
  output: 'clients/go/internal/acme',
  prepare: prepareGoTools,
  command: (folder) => [...goTypedTestCommand, '--output', folder],
};

/** Every generator of the project, in the order in which `npm run generate` runs them. */
export const generators: readonly Generator[] = [
  bufGenerator('buf.gen.yaml', 'src/gen'),
  bufGenerator('clients/typescript/buf.gen.yaml', 'clients/typescript/src/gen'),
  typedTestGenerator,
  bufGenerator('clients/conformance/buf.gen.yaml', 'clients/conformance/gen'),
  pythonGenerator,
  bufGenerator('clients/go/buf.gen.yaml', 'clients/go/gen', prepareGoTools),
  goTypedTestGenerator,
  bufGenerator(
    'clients/conformance/drivers/go/buf.gen.yaml',
    'clients/conformance/drivers/go/gen',
    prepareGoTools,
  ),
  bufGenerator(
    'clients/conformance/drivers/java/buf.gen.yaml',
    'clients/conformance/drivers/java/src/gen/java',
    prepareJavaTools,
  ),
  bufGenerator('clients/java/buf.gen.yaml', 'clients/java/src/gen/java', prepareJavaTools),
  bufGenerator('clients/rust/buf.gen.yaml', 'clients/rust/src/gen', prepareRustTools),
  bufGenerator(
    'clients/conformance/drivers/rust/buf.gen.yaml',
    'clients/conformance/drivers/rust/src/gen',
    prepareRustTools,
  ),
];

/** One step for each generator. Python's comes after its environment is there. */
export const generatedSteps: readonly Step[] = generators.map((generator) => ({
  name: `generated: ${generator.output}`,
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'hyperloom-generated-'));
    try {
      const problem = await generator.prepare();
      if (problem !== null) return problem;
      const [tool, ...args] = generator.command(folder);
      const { ok } = await run(tool, args, true);
      if (!ok) return failed(`${generator.name} does not run`);
      const differing = differences(join(root, generator.output), join(folder, generator.output));
      return differing.length === 0 ? passed : failed(`npm run generate: ${differing.join(', ')}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
}));

function differences(committed: string, fresh: string): string[] {
  const names = new Set([...filesBelow(committed), ...filesBelow(fresh)]);
  return [...names].filter((name) => contentOf(committed, name) !== contentOf(fresh, name)).sort();
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'));
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

function contentOf(folder: string, name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
