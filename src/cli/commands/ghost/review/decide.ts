/** `hyperloom ghost review approve` and `reject`. */
import type { GhostInfo, ReviewSubject } from '../../../../../clients/typescript/src/index.ts';
import { positiveNumber } from '../../../arguments.ts';
import type { AddCommand, Context } from '../../../context.ts';
import { UsageError } from '../../../failure.ts';
import { waitsFor } from '../../../output/gate-text.ts';
import { ghostRecord } from '../../../output/records.ts';
import { counted, visible } from '../../../output/text.ts';

interface DecideOptions {
  readonly edition?: number;
  readonly reason?: string;
  readonly reviewer?: string;
}

const reviewerHelp = 'as whom; not needed where the ghost waits for one alone';
const editionHelp = 'the state that was looked at, as "ls" and "ghost show" tell it; default: the newest';

export const addApprove: AddCommand = (program, run) => {
  program
    .command('approve')
    .summary('let a ghost pass; the last approval commits it')
    .argument('<id>', 'the ghost')
    .option('--reviewer <name>', reviewerHelp)
    .option('--edition <number>', editionHelp, positiveNumber)
    .option('--reason <text>', 'why')
    .action((id: string, options: DecideOptions) =>
      run(async (context) => {
        const { client, output } = context;
        const ghost = await client.review().approve(await subjectOf(context, id, options), options.reason);
        await output.result(ghostRecord(ghost), () => `approved; ${afterwards(ghost)}`);
      }),
    );
};

export const addReject: AddCommand = (program, run) => {
  program
    .command('reject')
    .summary('take a ghost back to its last checkpoint, and tell its owner why')
    .argument('<id>', 'the ghost')
    .requiredOption('--reason <text>', 'why')
    .option('--reviewer <name>', reviewerHelp)
    .option('--edition <number>', editionHelp, positiveNumber)
    .action((id: string, options: DecideOptions) =>
      run(async (context) => {
        const { client, output } = context;
        const subject = await subjectOf(context, id, options);
        const ghost = await client.review().reject(subject, options.reason ?? '');
        await output.result(ghostRecord(ghost), () => {
          const dropped = ghost.attempts.at(-1)?.droppedOperations ?? 0;
          return `rejected: ${counted(dropped, 'operation')} dropped`;
        });
      }),
    );
};

async function subjectOf({ client }: Context, id: string, options: DecideOptions): Promise<ReviewSubject> {
  const { info } = await client.attach(id);
  const { edition = info.edition, reviewer = soleReviewer(info) } = options;
  return { ghost: { id }, reviewer, edition };
}

function soleReviewer({ id, gates }: GhostInfo): string {
  const undecided = gates.flatMap(({ gate, state }) =>
    gate.kind === 'review' && state === 'pending' ? [gate.reviewer] : [],
  );
  const [sole] = undecided;
  if (sole !== undefined && undecided.length === 1) return sole;
  const whom = undecided.length === 0 ? 'no reviewer' : undecided.map(visible).join(', ');
  throw new UsageError(`ghost ${id} waits for ${whom}: say as whom you decide with --reviewer`);
}

function afterwards(ghost: GhostInfo): string {
  if (ghost.state === 'committed') return `committed as r${ghost.committedRevision}`;
  const whom = waitsFor(ghost);
  return whom === '' ? 'its owner can commit it' : `it waits for ${whom}`;
}
