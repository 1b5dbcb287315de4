/** `hyperloom ghost keep`: gives signs of life for ghosts, once or until Ctrl-C. */
import { once } from 'node:events';

import { NotFoundError, type Client } from '../../../../clients/typescript/src/index.ts';
import type { Timer } from '../../../base/clock.ts';
import { durationMs } from '../../arguments.ts';
import type { AddCommand, Context } from '../../context.ts';
import { exitCodes } from '../../exit-codes.ts';

interface KeepOptions {
  readonly every?: number;
}

export const addKeep: AddCommand = (program, run) => {
  program
    .command('keep')
    .summary('keep ghosts alive for another ttl')
    .argument('<id...>', 'the ghosts')
    .option(
      '--every <duration>',
      'how often to do it again, until Ctrl-C or until none of them lives; default: once',
      durationMs,
    )
    .action((ids: string[], options: KeepOptions) => run((context) => keep(context, ids, options)));
};

async function keep(context: Context, ids: readonly string[], { every }: KeepOptions): Promise<void> {
  const { client, output, surroundings } = context;
  const signal = every === undefined ? undefined : context.interruption();
  let kept = ids;
  for (;;) {
    const live = new Set(await client.keepAlive(kept));
    // Who was kept before is over; who never was may be a slip of the pen.
    const unknown =
      kept === ids
        ? await whoAreUnknown(
            client,
            ids.filter((id) => !live.has(id)),
          )
        : [];
    for (const id of kept) {
      if (unknown.some((each) => each.id === id)) continue;
      const isLive = live.has(id);
      await output.result(
        { id, live: isLive },
        () => `${id} ${isLive ? 'lives' : output.style.red('is over')}`,
      );
      if (!isLive) surroundings.setExitCode(exitCodes.negative.code);
    }
    const [mistaken] = unknown;
    if (mistaken !== undefined) throw mistaken.error;
    kept = kept.filter((id) => live.has(id));
    if (every === undefined || signal === undefined || kept.length === 0) return;
    await pause(every, signal, context);
    if (signal.aborted) return;
  }
}

/** Those that the broker does not know, with what it says of them. */
async function whoAreUnknown(
  client: Client,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly error: NotFoundError }[]> {
  const unknown: { id: string; error: NotFoundError }[] = [];
  for (const id of ids) {
    try {
      await client.attach(id);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      unknown.push({ id, error });
    }
  }
  return unknown;
}

async function pause(delayMs: number, signal: AbortSignal, { surroundings }: Context): Promise<void> {
  if (signal.aborted) return;
  let timer: Timer | undefined;
  const due = new Promise<void>((resolve) => {
    timer = surroundings.clock.setTimer(delayMs, resolve);
  });
  await Promise.race([due, once(signal, 'abort')]);
  timer?.cancel();
}
