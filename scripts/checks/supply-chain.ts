/** What the npm package is made of, and whether anybody has warned of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Step, StepResult } from '../step.ts';
import { failed, passed, root, run } from '../step.ts';

/** As much of CycloneDX as is looked at. */
interface Bill {
  readonly bomFormat: string;
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly object[];
  readonly licenses?: readonly object[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** Of what is installed with the package, reproducibly. `npm sbom --omit dev` would leave out what is needed for development too, such as `zod`. */
export async function billOfMaterials(): Promise<Bill> {
  const { ok, output } = await run(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--loglevel', 'silent'],
    true,
  );
  if (!ok) throw new Error(`npm sbom fails: ${output.slice(-500)}`);
  const { serialNumber: _random, ...bill } = JSON.parse(output.slice(output.indexOf('{'))) as Bill;
  const { timestamp: _now, ...metadata } = bill.metadata;
  const isForDevelopment = ({ properties = [] }: Component): boolean =>
    properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
  const dropped = new Set(bill.components.filter(isForDevelopment).map((component) => component['bom-ref']));
  const kept = (ref: string): boolean => !dropped.has(ref);
  return {
    ...bill,
    metadata,
    components: bill.components.filter((component) => kept(component['bom-ref'])),
    dependencies: bill.dependencies
      .filter(({ ref }) => kept(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(kept) })),
  };
}

interface LockedPackage {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

async function billStep(): Promise<StepResult> {
  const { components } = await billOfMaterials();
  const told = new Set(components.map(({ name }) => name));
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const missing = Object.entries(packages).filter(
    ([path, { dev = false, optional = false, devOptional = false, link = false }]) => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return (
        path.startsWith('node_modules/') && !dev && !optional && !devOptional && !link && !told.has(name)
      );
    },
  );
  if (missing.length > 0)
    return failed(`the bill of materials lacks ${missing.map(([path]) => path).join(', ')}`);
  const unknown = components.filter(
    ({ hashes = [], licenses = [] }) => hashes.length === 0 || licenses.length === 0,
  );
  if (unknown.length > 0)
    return failed(`without checksum or licence: ${unknown.map(({ purl }) => purl).join(', ')}`);
  return { ...passed, note: `${components.length} components` };
}

/** A registry that tells no advisories cannot be asked: the summary says so, since nothing was found out. */
async function auditStep(): Promise<StepResult> {
  const { output } = await run('npm', ['audit', '--omit', 'dev', '--json', '--loglevel', 'silent'], true);
  const answer = JSON.parse(output.includes('{') ? output.slice(output.indexOf('{')) : '{}') as {
    readonly message?: string;
    readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  };
  if (answer.metadata === undefined) {
    const why = /^(\d{3} [A-Za-z ]*[A-Za-z])/.exec(answer.message ?? '')?.[1] ?? 'no answer';
    return {
      passed: 0,
      failed: 0,
      skipped: 1,
      note: `NOT audited: the registry tells no advisories (${why})`,
    };
  }
  const { high = 0, critical = 0, total = 0 } = answer.metadata.vulnerabilities;
  return high + critical > 0
    ? failed(`npm audit: ${high} high, ${critical} critical`)
    : { ...passed, note: `${total} lesser advisories` };
}

export const supplyChainSteps: readonly Step[] = [
  { name: 'bill of materials', run: billStep },
  { name: 'dependency audit', run: auditStep },
];
