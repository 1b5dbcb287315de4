/** `hyperloom top`: what a broker is doing, again and again. */
import { once } from 'node:events';

import { Option } from 'commander';

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
  const client = await context.openSteadyClient();
  const signal = context.interruption();
  const times = count ?? (output.json ? 1 : Infinity);
  // On a screen of its own only where somebody watches; a picture that is asked for once stays.
  const isScreen = !output.json && surroundings.isTerminal && times > 1;
  if (isScreen) await output.write(enterScreen);
  try {
    let before = await takeSample(client, context.address, clock);
    for (let shown = 0; shown < times && !signal.aborted; shown += 1) {
      await pause(Math.max(everyMsMin, every), signal, context);
      if (signal.aborted) break;
      const after = await takeSample(client, context.address, clock);
      await show(context, before, after, isScreen);
      before = after;
    }
  } finally {
    if (isScreen && !output.closed.aborted) await output.write(leaveScreen);
  }
}

async function show(context: Context, before: Sample, after: Sample, isScreen: boolean): Promise<void> {
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
  });
  if (isScreen)
    await output.write(goHome + lines.map((line) => `${line}${clearToLineEnd}\r\n`).join('') + clearBelow);
  else await output.line(...lines);
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
