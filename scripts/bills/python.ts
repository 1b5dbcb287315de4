/**
 * The Python client: what pip takes with the package, without extras, by CycloneDX's tool for environments. The package asks for ranges, so these are the newest
 * versions of the day on which the document was made, and there are no checksums: one version has a file for each platform.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { cacheFolder } from '../../bench/harness/tools.ts';
import { run } from '../step.ts';
import { sourceText, type Bill, type Component, type Ecosystem, type Locked } from './bill.ts';

const project = join('clients', 'python', 'pyproject.toml');
const tool = 'cyclonedx-bom==7.5.0';

async function must(program: string, args: readonly string[]): Promise<string> {
  const { ok, output } = await run(program, args, true);
  if (!ok) throw new Error(`${program} ${args.join(' ')} fails: ${output.slice(-500)}`);
  return output;
}

/** Licences that a package has in its files but not in its metadata, as a person has read them there. */
const readLicences: Readonly<Record<string, string>> = { protobuf: 'BSD-3-Clause' };

function withLicence(component: Component): Component {
  const id = readLicences[component.name];
  if (component.licenses !== undefined || id === undefined) return component;
  return { ...component, licenses: [{ license: { acknowledgement: 'concluded', id } }] };
}

/** What the package asks for: `grpcio>=1.70`, …. */
function requirements(): string[] {
  const list = /^dependencies = \[(.*)\]$/m.exec(sourceText(project))?.[1] ?? '';
  return [...list.matchAll(/"([^"]+)"/g)].map(([, requirement = '']) => requirement);
}

async function make(): Promise<Bill> {
  const tools = join(cacheFolder(), 'cyclonedx-python');
  const [folder, quiet] = [
    mkdtempSync(join(tmpdir(), 'hyperloom-bill-')),
    ['--quiet', '--disable-pip-version-check'],
  ];
  try {
    await must('python3', ['-m', 'venv', tools]);
    await must(join(tools, 'bin', 'pip'), ['install', ...quiet, tool]);
    // Without pip: it would be counted.
    await must('python3', ['-m', 'venv', '--without-pip', folder]);
    const python = join(folder, 'bin', 'python');
    await must(join(tools, 'bin', 'pip'), ['--python', python, 'install', ...quiet, ...requirements()]);
    const form = ['--spec-version', '1.6', '--output-format', 'JSON', '--output-reproducible'];
    const output = await must(join(tools, 'bin', 'cyclonedx-py'), [
      ...['environment', ...form, '--pyproject', project, '--mc-type', 'library', python],
    ]);
    const bill = JSON.parse(output.slice(output.indexOf('{'))) as Bill;
    return { ...bill, components: bill.components.map(withLicence) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the package asks for itself, in some version. */
function locked(): Locked[] {
  return requirements().map((requirement) => ({ name: /^[\w.-]+/.exec(requirement)?.[0] ?? '' }));
}

/** See above. */
export const pythonEcosystem: Ecosystem = {
  name: 'python',
  sources: [project],
  // What it is checked with changes more often.
  part: () => requirements().join(' '),
  hasChecksums: false,
  make,
  locked,
};
