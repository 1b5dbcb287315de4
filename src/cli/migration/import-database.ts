/** `hyperloom import` of a database: what is read, what is told, and how it ends. */
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { UsageError } from '../failure.ts';
import type { Progress } from '../output/progress.ts';
import { counted, grouped, visible } from '../output/text.ts';
import { importCheckpoints, importSessions, type StoreImport, type StoreOutcome } from './import-store.ts';
import { databaseError, openStore } from './open-store.ts';
import { rootOf } from './segments.ts';

export interface DatabaseOptions {
  readonly as?: string;
  readonly dryRun?: boolean;
  readonly only?: readonly string[];
}

/** Imports all that is in a database, or what of it was asked for. */
export async function importDatabase(
  context: Context,
  source: string,
  kind: 'sqlite' | 'postgres',
  { as = '', only, dryRun = false }: DatabaseOptions,
): Promise<void> {
  const { output, surroundings } = context;
  if (as !== '' && !as.startsWith('/')) throw new UsageError(`${as} is no path: it must begin with /`);
  const outcomes: StoreOutcome[] = [];
  const signal = context.interruption();
  const store = await openStore(source, kind);
  try {
    const client = await context.openSteadyClient();
    const work = (progress: Progress): StoreImport => ({
      client,
      root: rootOf(as),
      isDryRun: dryRun,
      signal,
      only: only === undefined ? undefined : new Set(only),
      onProgress: (done, total) => progress.to(done, total),
      async onOutcome(outcome) {
        outcomes.push(outcome);
        progress.end();
        await tell(context, outcome);
      },
    });
    if (store.checkpoints !== undefined)
      await importCheckpoints(
        store.checkpoints,
        work(context.progress({ label: 'import', unit: 'checkpoint' })),
      );
    if (store.sessions !== undefined)
      await importSessions(store.sessions, work(context.progress({ label: 'import', unit: 'item' })));
  } catch (error) {
    if (!signal.aborted) throw databaseError(error);
  } finally {
    await store.close();
  }
  const missing = (only ?? []).filter((id) => !outcomes.some((outcome) => outcome.id === id));
  if (missing.length > 0 && !signal.aborted)
    throw new UsageError(
      `the database holds no thread or session ${missing.map((id) => JSON.stringify(id)).join(', ')}`,
    );
  if (!output.json && !output.closed.aborted) await output.line(...summaryLines(outcomes, dryRun));
  const ending = endingOf(outcomes, signal.aborted);
  if (ending !== 'done') surroundings.setExitCode(exitCodes[ending].code);
}

/** A JSON line for each; for people only what they should look at. */
async function tell({ output }: Context, outcome: StoreOutcome): Promise<void> {
  const { kind, id, path, imported, present, problems } = outcome;
  if (output.json) await output.record({ kind, id, path, imported, present, problems });
  else
    for (const problem of problems)
      await output.line(`${output.style.yellow(`${kind} ${visible(id)}`)}: ${visible(problem)}`);
}

function summaryLines(outcomes: readonly StoreOutcome[], isDryRun: boolean): readonly string[] {
  const lines = [
    ...kindLine(outcomes, 'thread', 'checkpoint', isDryRun),
    ...kindLine(outcomes, 'session', 'item', isDryRun),
  ];
  return lines.length === 0 ? ['the database holds no threads or sessions'] : lines;
}

function kindLine(
  all: readonly StoreOutcome[],
  kind: StoreOutcome['kind'],
  unit: string,
  isDryRun: boolean,
): readonly string[] {
  const outcomes = all.filter((outcome) => outcome.kind === kind);
  if (outcomes.length === 0) return [];
  const sum = (of: (outcome: StoreOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const imported = counted(
    sum((outcome) => outcome.imported),
    unit,
  );
  const present = sum((outcome) => outcome.present);
  const troubled = outcomes.filter(({ problems }) => problems.length > 0).length;
  return [
    [
      `${imported} of ${counted(outcomes.length, kind)} ${isDryRun ? 'would be imported' : 'imported'}`,
      ...(present > 0 ? [`${grouped(present)} were there already`] : []),
      ...(troubled > 0 ? [`${counted(troubled, kind)} not as a whole`] : []),
    ].join(', '),
  ];
}

function endingOf(
  outcomes: readonly StoreOutcome[],
  isAborted: boolean,
): 'done' | 'negative' | 'conflict' | 'interrupted' {
  if (isAborted) return 'interrupted';
  if (outcomes.some(({ isGoneOn }) => isGoneOn)) return 'conflict';
  return outcomes.some(({ problems }) => problems.length > 0) ? 'negative' : 'done';
}
