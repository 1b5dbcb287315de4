/**
 * The writer: writes the notes in a ghost with `speculate`. It begins before the facts are there, waits in the middle for the go (its
 * ghost outlives the broker's restart there), and nobody sees a line before the reviewer has accepted the whole.
 */
import { operation, type Ghost, type Verdict } from '../../clients/typescript/src/index.ts';
import { Desk } from './desk.ts';
import { deliverFigures } from './figures.ts';
import { paths } from './paths.ts';
import type { Brief, Figure, Finding, Headline } from './records.ts';
import { reviewed } from './review.ts';
import { finishTask, taskGiven, tasksDone } from './tasks.ts';

const desk = new Desk('writer', [
  paths.brief,
  paths.tasks,
  paths.findings,
  paths.measurements,
  `${paths.figures}/*`,
  paths.verdicts,
  paths.go,
  paths.approval,
]);

// Where there is no Python, there is no analyst, and the writer computes the figures itself.
const isAnalyst = (await taskGiven(desk, 'figures')).owner === desk.name;
const revert = isAnalyst ? await deliverFigures(desk) : undefined;
await taskGiven(desk, 'draft');

let attempts = 0;
const { revision } = await desk.client.speculate({
  label: 'draft',
  scope: paths.draft,
  async work(ghost, attempt) {
    attempts = attempt.number;
    await writeOpening(ghost);
    if (attempt.number === 1) await desk.waitFor(paths.go);
    await desk.value(paths.go);
    await tasksDone(desk, 'research', 'figures', 'known_issues');
    await writeSections(ghost);
  },
  async verify(ghost): Promise<Verdict> {
    const { accepted, reason } = await reviewed(desk, ghost, 'draft', attempts);
    return accepted || reason;
  },
});
await finishTask(desk, 'draft');
await desk.value(paths.approval);
await desk.finish(`draft of 5 sections in a ghost, committed as revision ${revision}`, revert);

async function writeOpening(ghost: Ghost): Promise<void> {
  const { product } = await desk.value<Brief>(paths.brief);
  await desk.publish('opens the draft', [operation.put(paths.section('1_title'), `# ${product}`)], ghost);
}

async function writeSections(ghost: Ghost): Promise<void> {
  const findings = await desk.value<readonly Finding[]>(paths.findings);
  await writeSummary(ghost, findings.length);
  const headings = [
    ['new', '3_new', 'New'],
    ['fixed', '4_fixed', 'Fixed'],
    ['known', '5_known_issues', 'Before you update'],
  ] as const;
  for (const [section, name, heading] of headings) {
    const lines = findings
      .filter((each) => each.section === section)
      .map(({ claim, source }) => `- ${claim} (${source})`);
    const text = [`## ${heading}`, ...lines].join('\n');
    await desk.publish(`writes "${heading}"`, [operation.put(paths.section(name), text)], ghost);
  }
}

async function writeSummary(ghost: Ghost, count: number): Promise<void> {
  const { quantity, less_percent } = await desk.value<Headline>(paths.headline);
  const memory = await desk.value<Figure>(paths.figure('map_memory_mb'));
  const text =
    `${count} things to know. The map opens in ${less_percent} % less time (${quantity}, median of 15 starts on one phone) and ` +
    `takes ${memory.less_percent} % less memory.`;
  await desk.publish('writes the summary', [operation.put(paths.section('2_summary'), text)], ghost);
}
