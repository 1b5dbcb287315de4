/** The npm package: what is installed with it, by `npm sbom`. */
import { run } from '../step.ts';
import { sourceText, type Bill, type Component, type Ecosystem, type Locked } from './bill.ts';

interface LockedPackage {
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly link?: boolean;
}

/**
 * By the lock file alone, so that it does not matter what is installed here. `npm sbom --omit dev` would leave out what is needed for development too, such as
 * `zod`.
 */
async function make(): Promise<Bill> {
  const form = ['--package-lock-only', '--sbom-format', 'cyclonedx', '--loglevel', 'silent'];
  const { ok, output } = await run('npm', ['sbom', ...form], true);
  if (!ok) throw new Error(`npm sbom fails: ${output.slice(-500)}`);
  const { metadata, ...bill } = JSON.parse(output.slice(output.indexOf('{'))) as Bill;
  // Which npm it was does not matter either.
  const { tools: _npm, ...told } = metadata;
  const isForDevelopment = ({ properties = [] }: Component): boolean =>
    properties.some(({ name, value }) => name === 'cdx:npm:package:development' && value === 'true');
  const dropped = new Set(bill.components.filter(isForDevelopment).map((component) => component['bom-ref']));
  const kept = (ref: string): boolean => !dropped.has(ref);
  return {
    ...bill,
    metadata: told,
    components: bill.components.filter((component) => kept(component['bom-ref'])),
    dependencies: bill.dependencies
      .filter(({ ref }) => kept(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(kept) })),
  };
}

/** What is optional is told only where it is installed. */
function locked(): Locked[] {
  const { packages } = JSON.parse(sourceText('package-lock.json')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const top = 'node_modules/';
  return Object.entries(packages)
    .filter(([path, { dev = false, optional = false, devOptional = false, link = false }]) => {
      return path.startsWith(top) && !dev && !optional && !devOptional && !link;
    })
    .map(([path, { version }]) => ({ name: path.slice(path.lastIndexOf(top) + top.length), version }));
}

/** See above. */
export const npmEcosystem: Ecosystem = {
  name: 'npm',
  sources: [],
  hasChecksums: true,
  make,
  locked,
};
