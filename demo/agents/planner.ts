/** The planner: makes a plan of the release manager's brief, and says when the facts are complete. */
import { operation } from '../../clients/typescript/src/index.ts';
import { Desk } from './desk.ts';
import { paths } from './paths.ts';
import type { Brief, Task } from './records.ts';
import { research, researchKnownIssues } from './research.ts';
import { taskGiven, tasksDone } from './tasks.ts';

const desk = new Desk('planner', [paths.brief, paths.tasks, paths.go, paths.approval]);
const brief = await desk.value<Brief>(paths.brief);
await publishPlan(brief);

// Where there is no Python, there is no researcher, and the planner reads the tickets itself.
const isResearcher = (await taskGiven(desk, 'research')).owner === desk.name;
if (isResearcher) await research(desk);
await tasksDone(desk, 'research', 'figures');
await desk.publish('milestone: the facts are complete', [
  operation.put(paths.facts, 'Findings and figures are there and checked.'),
]);

await desk.waitFor(isResearcher ? paths.go : paths.approval);
if (isResearcher) await researchKnownIssues(desk);
await desk.value(paths.approval);
await desk.publish('the plan is fulfilled', [operation.append(paths.plan, [{ step: 'released' }])]);
await desk.finish(
  isResearcher ? 'plan, findings with sources, closing' : 'plan with five tasks, milestone, closing',
);

async function publishPlan({ crew, product }: Brief): Promise<void> {
  const firstOf = (wanted: string, otherwise: string): string => (crew.includes(wanted) ? wanted : otherwise);
  const task = (name: string, owner: string, work: string) => {
    const open: Task = { owner, work, state: 'open' };
    return operation.put(paths.task(name), open);
  };
  const researcher = firstOf('researcher', 'planner');
  await desk.publish(`the plan for ${product}, with its tasks`, [
    operation.put(paths.plan, [
      { step: 'facts', tasks: ['research', 'figures'] },
      { step: 'notes', tasks: ['known_issues', 'draft', 'review'] },
    ]),
    task(
      'research',
      researcher,
      'Collect what is new and what is fixed, each with its source and evidence; publish the measurements.',
    ),
    task(
      'figures',
      firstOf('analyst', 'writer'),
      'Compute medians and savings of the measurements, and one headline.',
    ),
    task('known_issues', researcher, 'After the go: what do people have to know before they update?'),
    task(
      'draft',
      'writer',
      'Write the notes. Every claim names its source, every number is one of the figures.',
    ),
    task(
      'review',
      'reviewer',
      'Check figures against measurements, and the draft against findings and figures.',
    ),
  ]);
}
