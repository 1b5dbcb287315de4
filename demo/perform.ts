/**
 * The demo: agents, each its own process, write release notes together over one broker. It plays, checks everything that it then claims in a table,
 * and leaves the broker running to look around in. No model is called: the agents follow scripts.
 */
import { connect } from '../clients/typescript/src/index.ts';
import { root as tree } from './agents/paths.ts';
import { addressDefault, Broker } from './runner/broker.ts';
import { Children } from './runner/children.ts';
import { checkClaims, type Claim, type Evidence } from './runner/claims.ts';
import { paint } from './runner/colors.ts';
import { crew } from './runner/fleet.ts';
import { makeLedger } from './runner/ledger.ts';
import type { Options } from './runner/options.ts';
import { produce } from './runner/production.ts';
import { Story } from './runner/story.ts';
import { tableLines } from './runner/table.ts';

/** Far more than it ever takes: something hangs. */
const playMsMax = 120_000;
/** What a shell calls an end by Ctrl-C. */
const exitInterrupted = 130;

interface Played {
  readonly evidence: Evidence;
  readonly claims: readonly Claim[];
  readonly seconds: number;
}

/** Prepares what the demo needs beside itself. The Python that its agents run in; `undefined`: the others take over their work. */
export type SetUp = (options: Options, print: (line: string) => void) => Promise<string | undefined>;

/** Runs the demo to its end or to Ctrl-C, ends every process that it started, and tells the exit code. */
export async function perform(options: Options, setUp: SetUp): Promise<number> {
  const children = new Children();
  process.on('exit', () => children.killAll());
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    const performed = await Promise.race([show(options, setUp, children), interrupted.then(() => null)]);
    if (performed === null) return exitInterrupted;
    // After the table Ctrl-C is the ordinary end.
    if (!options.exit) await Promise.race([interrupted, performed.broker.died]);
    return performed.code;
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await children.endAll();
  }
}

/** Sets up, plays, and prints what came of it. The broker still runs afterwards. */
async function show(
  options: Options,
  setUp: SetUp,
  children: Children,
): Promise<{ readonly code: number; readonly broker: Broker }> {
  const print = options.json ? (): void => undefined : (line: string): void => console.log(line);
  const python = await setUp(options, print);
  const broker = await Broker.start(children, options.port);
  print(`${paint('bold', 'broker')}  ${broker.address}, data in ${broker.folder}\n`);
  const played = await Promise.race([play(children, broker, python, print), broker.died, late()]);
  if (options.json) console.log(JSON.stringify(jsonOf(played, broker.address), null, 2));
  print(`\n${tableLines(played.evidence, played.claims, played.seconds).join('\n')}`);
  if (!options.exit) print(`\n${invitation(broker.address)}`);
  return { code: played.claims.every(({ holds }) => holds) ? 0 : 1, broker };
}

function late(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not done within ${playMsMax / 1_000} s`)), playMsMax).unref();
  });
}

async function play(
  children: Children,
  broker: Broker,
  python: string | undefined,
  print: (line: string) => void,
): Promise<Played> {
  const members = crew(python !== undefined);
  const story = new Story(print);
  const { reports, restart, seconds } = await produce(children, broker, members, python ?? '', story);
  await using client = connect(broker.address, { author: 'demo', trackBasis: false });
  const ledger = await makeLedger(client, tree, reports);
  const reverting = reports.find(({ revert }) => revert !== undefined);
  const revert = reverting?.revert && { ...reverting.revert, agent: reverting.name };
  const evidence: Evidence = { members, reports, restart, ledger, revert };
  return { evidence, claims: await checkClaims(client, evidence), seconds };
}

function jsonOf({ evidence, claims, seconds }: Played, address: string): object {
  const { reports, restart, ledger, revert } = evidence;
  const { diffs, moved, wholeHistory, ratio } = ledger;
  return { address, seconds, agents: reports, diffs, moved, wholeHistory, ratio, revert, restart, claims };
}

function invitation(address: string): string {
  const flag = address === addressDefault ? '' : ` --address ${address}`;
  const commands = [`tree ${tree}`, 'log', `watch '/**' --from 0`].map(
    (command) => `  npx hyperloom ${command}${flag}`,
  );
  return [
    `The broker stays up. In a browser, what happened and what happens: ${paint('bold', `http://${address}/`)}`,
    'In another terminal:',
    ...commands,
    paint('dim', 'Ctrl-C ends it and removes its data.'),
  ].join('\n');
}
