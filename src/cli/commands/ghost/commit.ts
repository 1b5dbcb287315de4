/** `hyperloom ghost commit`. */
import {
  DeadlineExceededError,
  type Committed,
  type Ghost,
} from '../../../../clients/typescript/src/index.ts';
import { durationMs } from '../../arguments.ts';
import type { AddCommand, Context } from '../../context.ts';
import { exitCodes } from '../../exit-codes.ts';
import { waitsFor } from '../../output/gate-text.ts';
import { ghostRecord } from '../../output/records.ts';
import { fenceOf, withFenceOptions, type FenceOptions } from '../../publish.ts';
import { counted } from '../../output/text.ts';

interface CommitOptions extends FenceOptions {
  readonly label?: string;
  readonly serializable?: boolean;
  readonly wait?: number;
}

export const addCommit: AddCommand = (program, run) => {
  withFenceOptions(program.command('commit'))
    .summary('bring what is staged to the trunk (or the parent) as one revision')
    .argument('<id>', 'the ghost')
    .option('--serializable', 'refuse it too if what the ghost has read has changed')
    .option('--label <text>', 'what it is, in a few words')
    .option(
      '--wait <duration>',
      'for reviewers, who may decide later as well; default: as long as it takes',
      durationMs,
    )
    .description(
      'Commits a ghost. Where its gates name reviewers it waits for them; it happens with the last approval, even if nobody waits any more.',
    )
    .action((id: string, options: CommitOptions) =>
      run(async (context) => {
        const { client, output } = context;
        const ghost = await client.attach(id);
        const committed = await commitOrWait(ghost, options, context);
        if (committed === undefined) return;
        await output.result({ ...committed }, () => {
          const { revision, operations } = committed;
          const place = revision > 0 ? `revision ${revision}` : 'committed';
          return `${place}, ${counted(operations, 'operation')}`;
        });
      }),
    );
};

/** `undefined` where reviewers have not decided in time, which was told; nothing is committed. */
async function commitOrWait(
  ghost: Ghost,
  options: CommitOptions,
  { output, surroundings }: Context,
): Promise<Committed | undefined> {
  const isolation = options.serializable === true ? 'serializable' : 'writes';
  const { label, wait } = options;
  try {
    return await ghost.commit({ isolation, label, timeoutMs: wait, ...fenceOf(options) });
  } catch (error) {
    if (!(error instanceof DeadlineExceededError)) throw error;
    const now = await ghost.state();
    if (!now.commitPending) throw error;
    surroundings.setExitCode(exitCodes.negative.code);
    await output.result(ghostRecord(now), () => `not committed yet: it waits for ${waitsFor(now)}`);
    return undefined;
  }
}
