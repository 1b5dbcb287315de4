/** The researcher's work where no Python is there: what `researcher.py` does otherwise. */
import { operation } from '../../clients/typescript/src/index.ts';
import type { Desk } from './desk.ts';
import { readMaterial, type Source } from './material.ts';
import { paths } from './paths.ts';
import { finishTask } from './tasks.ts';

/** Appends each finding as soon as it is found, then the measurements. */
export async function research(desk: Desk): Promise<void> {
  const { findings, measurements } = readMaterial();
  await desk.publish('measurements of 4.1 and 4.2', [operation.put(paths.measurements, measurements)]);
  for (const finding of findings) if (finding.late !== true) await publishFinding(desk, finding);
  await finishTask(desk, 'research');
}

/** Waits for the go and appends what became known late. */
export async function researchKnownIssues(desk: Desk): Promise<void> {
  await desk.value(paths.go);
  for (const finding of readMaterial().findings)
    if (finding.late === true) await publishFinding(desk, finding);
  await finishTask(desk, 'known_issues');
}

async function publishFinding(desk: Desk, { id, section, claim, source, evidence }: Source): Promise<void> {
  await desk.publish(`finding: ${id}`, [
    operation.append(paths.findings, [{ id, section, claim, source }]),
    operation.put(paths.evidence(id), evidence),
  ]);
}
