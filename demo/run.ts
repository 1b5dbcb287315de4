/**
 * `npm run demo`: five agents, three in TypeScript and two in Python, each its own process, write release notes together over one broker.
 * It sets up what it needs, plays, checks everything that it then claims in a table, and leaves the broker running to look around in.
 * No model is called: the agents follow scripts.
 */
import { pythonTool, preparePython } from '../scripts/checks/python.ts';
import { prepareDebugger } from '../scripts/debugger-build.ts';
import { connect } from '../clients/typescript/src/index.ts';
import { root as tree } from './agents/paths.ts';
import { addressDefault, Broker } from './runner/broker.ts';
import { Children } from './runner/children.ts';
import { checkClaims, type Claim, type Evidence } from './runner/claims.ts';
import { paint } from './runner/colors.ts';
import { crew } from './runner/fleet.ts';
import { makeLedger } from './runner/ledger.ts';
import { readOptions, usage, type Options } from './runner/options.ts';
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

const options = readOptions(process.argv.slice(2));
if (options === null) console.log(usage);
else {
  // Clients that still try to reach a broker must not keep the process.
  process.exit(await run(options));
}

/** Runs the demo to its end or to Ctrl-C, ends every process that it started, and tells the exit code. */
async function run(options: Options): Promise<number> {
  const children = new Children();
  process.on('exit', () => children.killAll());
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    const performed = await Promise.race([perform(options, children), interrupted.then(() => null)]);
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
async function perform(
  options: Options,
  children: Children,
): Promise<{ readonly code: number; readonly broker: Broker }> {
  const print = options.json ? (): void => undefined : (line: string): void => console.log(line);
  const hasPython = await hasPythonReady(options, print);
  await prepareDebugger();
  const broker = await Broker.start(children, options.port);
  print(`${paint('bold', 'broker')}  ${broker.address}, data in ${broker.folder}\n`);
  const played = await Promise.race([play(children, broker, hasPython, print), broker.died, late()]);
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

/** Sets up Python where it is, and says so where it is not. */
async function hasPythonReady({ isWithoutPython }: Options, print: (line: string) => void): Promise<boolean> {
  if (isWithoutPython) return false;
  print(paint('dim', 'setting up: Python environment in .venv (the first time takes a while)'));
  const obstacle = await preparePython();
  if (obstacle === null) return true;
  print(
    `${paint('yellow', 'Without Python:')} ${obstacle.note}. The three TypeScript agents take over the work of the other two.`,
  );
  return false;
}

async function play(
  children: Children,
  broker: Broker,
  hasPython: boolean,
  print: (line: string) => void,
): Promise<Played> {
  const members = crew(hasPython);
  const story = new Story(print);
  const { reports, restart, seconds } = await produce(children, broker, members, pythonTool('python'), story);
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
