/** `hyperloom top`: what a broker is doing, again and again. */
import { Option } from 'commander';

import {
  DeadlineExceededError,
  UnavailableError,
  type Client,
} from '../../../clients/typescript/src/index.ts';
import type { Timer } from '../../base/clock.ts';
import { durationMs, positiveNumber } from '../arguments.ts';
import type { AddCommand, Context } from '../context.ts';
import { takeSample, type Sample } from '../top/sample.ts';
import { topLines, topRecord } from '../top/top-text.ts';

interface TopOptions {
  readonly count?: number;
  readonly every: number;
}

const everyMsDefault = 1_000;
/** Oftener shows nothing new, and costs the broker. */
const everyMsMin = 100;
/** A broker that has not answered for so long is told as away, and asked again. */
const answerMsMax = 5_000;

// A screen of its own, which goes away with the command and leaves what was there before.
const enterScreen = '\u001B[?1049h\u001B[?25l';
const leaveScreen = '\u001B[?25h\u001B[?1049l';
const goHome = '\u001B[H';
const clearToLineEnd = '\u001B[K';
const clearBelow = '\u001B[J';

export const addTop: AddCommand = (program, run) => {
  program
    .command('top')
    .summary('show live rates, ghosts, locks and slow subscribers')
    .description(
      'Shows what the broker is doing: rates of each forest, subscribers that are behind, and the locks and ghosts of one forest. On a terminal ' +
        'until Ctrl-C; in a pipe one JSON line of rates over the first interval, or as many as --count says.',
    )
    .addOption(
      new Option('--every <duration>', 'how often').argParser(durationMs).default(everyMsDefault, '1s'),
    )
    .option('--count <times>', 'how often in all; default: until Ctrl-C, in a pipe once', positiveNumber)
    .action((options: TopOptions) => run((context) => top(context, options)));
};

async function top(context: Context, { every, count }: TopOptions): Promise<void> {
  const { output, surroundings } = context;
  const { clock } = surroundings;
  const times = count ?? (output.json ? 1 : Infinity);
  // On a screen of its own only where somebody watches; a picture that is asked for once stays.
  const isScreen = !output.json && surroundings.isTerminal && times > 1;
  // Who watches is told that the broker is away, and sees it come back; a program waits a while, and is told at the end.
  const client = isScreen ? await openHasty(context) : await context.openSteadyClient();
  const signal = context.interruption();
  if (isScreen) await output.write(enterScreen);
  try {
    let before = await untilAborted(takeSample(client, context.address, clock), signal);
    let last = before;
    for (let shown = 0; shown < times && before !== undefined; shown += 1) {
      await pause(Math.max(everyMsMin, every), signal, context);
      if (signal.aborted) break;
      const after = await untilAborted(takenAgain(context, client, isScreen), signal);
      if (after === undefined || last === undefined) break;
      if (after === 'away') await show(context, before, last, isScreen, true);
      else {
        await show(context, last, after, isScreen);
        before = last;
        last = after;
      }
    }
  } finally {
    if (isScreen && !output.closed.aborted) await output.write(leaveScreen);
  }
}

/** A client that says soon when the broker is away. Throws where it is away now. */
async function openHasty(context: Context): Promise<Client> {
  await context.client.status();
  return context.openClient({ retry: false, timeoutMs: answerMsMax });
}

/** Another look at the broker, or that it does not answer where somebody watches. */
async function takenAgain(
  { address, surroundings }: Context,
  client: Client,
  isScreen: boolean,
): Promise<Sample | 'away'> {
  try {
    return await takeSample(client, address, surroundings.clock);
  } catch (error) {
    const isAway = error instanceof UnavailableError || error instanceof DeadlineExceededError;
    if (isScreen && isAway) return 'away';
    throw error;
  }
}

/** What it comes to, or `undefined` where that is not waited for any more. */
async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const giveUp = (): void => resolve(undefined);
  signal.addEventListener('abort', giveUp);
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function show(
  context: Context,
  before: Sample,
  after: Sample,
  isScreen: boolean,
  isAway = false,
): Promise<void> {
  const { output, address, surroundings, client } = context;
  if (output.json) {
    await output.record(topRecord(before, after, address));
    return;
  }
  const { columns, rows } = surroundings;
  const lines = topLines(before, after, {
    address,
    forest: client.forest,
    columns,
    rows: isScreen ? rows - 1 : Infinity,
    style: output.style,
    isAway,
  });
  if (isScreen)
    await output.write(goHome + lines.map((line) => `${line}${clearToLineEnd}\r\n`).join('') + clearBelow);
  else await output.line(...lines);
}

async function pause(delayMs: number, signal: AbortSignal, { surroundings }: Context): Promise<void> {
  let timer: Timer | undefined;
  const due = new Promise<void>((resolve) => {
    timer = surroundings.clock.setTimer(delayMs, resolve);
  });
  await untilAborted(due, signal);
  timer?.cancel();
}
