/** The Java client: what Maven takes with the artefact, by CycloneDX's plugin. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { hasMaven, mavenArguments, noJava } from '../checks/java-client.ts';
import { root, run } from '../step.ts';
import { sourceText, type Bill, type Ecosystem, type Locked } from './bill.ts';

const folder = join('clients', 'java');
const goal = 'org.cyclonedx:cyclonedx-maven-plugin:2.9.3:makeBom';

async function make(): Promise<Bill> {
  if (!(await hasMaven())) throw new Error(noJava);
  const out = join(root, folder, 'target', 'bom.json');
  rmSync(out, { force: true });
  const form = ['-DoutputFormat=json', '-DoutputReactor=false', '-Dcyclonedx.skipAttach=true'];
  const { ok, output } = await run(
    'mvn',
    [...mavenArguments(), '--file', join(folder, 'pom.xml'), goal, ...form],
    true,
  );
  if (!ok) throw new Error(`${goal} fails: ${output.slice(-500)}`);
  return JSON.parse(readFileSync(out, 'utf8')) as Bill;
}

/** What `pom.xml` names. Versions of what that needs follow from it, since all are exact. */
function locked(): Locked[] {
  const pom = sourceText(join(folder, 'pom.xml'));
  const text = (part: string, tag: string): string => new RegExp(`<${tag}>([^<]+)<`).exec(part)?.[1] ?? '';
  const named = /<dependencies>(.*)<\/dependencies>/s.exec(pom)?.[1] ?? '';
  return [...named.matchAll(/<dependency>(.*?)<\/dependency>/gs)].map(([, part = '']) => ({
    name: `${text(part, 'groupId')}:${text(part, 'artifactId')}`,
    version: text(part, 'version').replace(/\$\{(.+)\}/, (_, property: string) => text(pom, property)),
  }));
}

/** See above. */
export const javaEcosystem: Ecosystem = {
  name: 'java',
  sources: [join(folder, 'pom.xml')],
  hasChecksums: true,
  make,
  locked,
};
