/** What the packages are made of, and whether anybody has warned of it. */
import { audit, auditTable } from '../bills/audit.ts';
import { billPath, faultsOf, keptBill, settled, type Bill } from '../bills/bill.ts';
import { ecosystems } from '../bills/ecosystems.ts';
import { npmEcosystem } from '../bills/npm.ts';
import type { Step, StepResult } from '../step.ts';
import { failed, passed, show } from '../step.ts';

/** That of npm is made anew; the others, whose tools take minutes, are held against the files that they were made of. */
async function billStep(): Promise<StepResult> {
  const faults: string[] = [];
  let components = 0;
  for (const ecosystem of ecosystems) {
    const bill = keptBill(ecosystem);
    const found = bill === undefined ? ['is missing'] : faultsOf(ecosystem, bill);
    faults.push(...found.map((fault) => `${billPath(ecosystem)} ${fault}`));
    components += bill?.components.length ?? 0;
  }
  const npm = keptBill(npmEcosystem);
  if (npm !== undefined && substance(npm) !== substance(settled(npmEcosystem, await npmEcosystem.make())))
    faults.push(`${billPath(npmEcosystem)} is not what npm tells`);
  for (const fault of faults) show(fault);
  if (faults.length > 0) return failed(`npm run sbom: ${faults.length} faults, such as "${faults[0]}"`);
  return {
    ...passed,
    passed: ecosystems.length,
    note: `${components} components of ${ecosystems.length} languages`,
  };
}

/** What every npm tells alike. */
function substance({ components }: Bill): string {
  return JSON.stringify(components.map(({ purl, hashes, licenses }) => [purl, hashes, licenses]));
}

/** A language that nobody tells advisories of here is skipped, and the summary says so, since nothing was found out. */
async function auditStep(): Promise<StepResult> {
  const all = await Promise.all(ecosystems.map((ecosystem) => audit(ecosystem)));
  show(auditTable(all));
  const silent = all.filter(({ found }) => found === undefined);
  const serious = all.filter(({ found }) => (found?.serious ?? 0) > 0);
  const notes = [
    ...serious.map(({ ecosystem, answer }) => `${ecosystem}: ${answer}`),
    ...(silent.length > 0
      ? [`NOT audited: ${silent.map(({ ecosystem }) => ecosystem).join(', ')} (nobody tells advisories here)`]
      : []),
  ];
  return {
    passed: all.length - silent.length - serious.length,
    failed: serious.length,
    skipped: silent.length,
    note: notes.join('; '),
  };
}

export const supplyChainSteps: readonly Step[] = [
  { name: 'bill of materials', run: billStep },
  { name: 'dependency audit', run: auditStep },
];
