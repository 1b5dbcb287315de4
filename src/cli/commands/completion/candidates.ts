/**
 * `hyperloom completion candidates`: what a shell proposes out of the broker, a line each. Somebody waits with a finger on the key, so
 * it gives up soon and says nothing of what went wrong.
 */
import { Argument } from 'commander';

import { HyperloomError, type CallLimits } from '../../../../clients/typescript/src/index.ts';
import { collect } from '../../collect.ts';
import type { AddCommand, Context } from '../../context.ts';
import { UsageError } from '../../failure.ts';
import { visible } from '../../output/text.ts';

/** As long as somebody may wait for a proposal. */
const patienceMs = 1_000;
const limits: CallLimits = { timeoutMs: patienceMs };
/** More than anybody looks through. */
const candidatesMax = 500;
/** What a broker gives in one page. */
const pageSizeMax = 10_000;

const sources: Readonly<Record<string, (context: Context, begun: string) => Promise<readonly string[]>>> = {
  path: pathsOf,
  ghost: async ({ client }) => idsOf(client.ghosts('live')),
  lease: async ({ client }) => idsOf(client.leases()),
  lock: async ({ client }) => idsOf(client.locks()),
  forest: async ({ client }) => (await client.forests.list(limits)).map(({ name }) => name),
  schema: async ({ client }) => (await client.schemas.list()).schemas.map(({ name }) => name),
  profile: async ({ profiles }) => [...profiles.read().all.keys()].sort(),
};

export const addCandidates: AddCommand = (program, run) => {
  program
    .command('candidates', { hidden: true })
    .summary('what a shell proposes; for the scripts')
    .addArgument(new Argument('<kind>', 'of what').choices(Object.keys(sources)))
    .argument('[begun]', 'what is written so far', '')
    .action((kind: string, begun: string) =>
      run(async (context) => {
        const found = await sources[kind]?.(context, unquoted(begun)).catch(nothing);
        // What a terminal would act on cannot be typed either.
        const proposed = (found ?? []).filter(
          (word) => word.startsWith(unquoted(begun)) && visible(word) === word,
        );
        if (proposed.length > 0) await context.output.line(...proposed);
      }),
    );
};

/** A node; and once more with a slash behind it where more is below it, to go on with. Out of a million children those that are begun. */
async function pathsOf({ client, surroundings }: Context, begun: string): Promise<readonly string[]> {
  if (begun === '') return ['/'];
  const above = begun.slice(0, begun.lastIndexOf('/'));
  if (!begun.startsWith('/')) return [];
  const options = { keysOnly: true, pageSize: pageSizeMax, ...limits };
  const { clock } = surroundings;
  const untilMs = clock.monotonicMs() + patienceMs;
  const found: string[] = [];
  for await (const { path, childCount } of client.list(above === '' ? '/' : above, options)) {
    if (path.startsWith(begun)) found.push(...(childCount > 0 ? [path, `${path}/`] : [path]));
    if (found.length >= candidatesMax || clock.monotonicMs() > untilMs) break;
  }
  return found;
}

async function idsOf(items: AsyncIterable<{ readonly id: string }>): Promise<readonly string[]> {
  const found = await collect(items, candidatesMax);
  return found.items.map(({ id }) => id);
}

/** The word as it will be: shells hand it over as it is typed. */
function unquoted(text: string): string {
  return text.replace(/^['"]/, '').replace(/\\(.)/g, '$1');
}

function nothing(error: unknown): readonly string[] {
  if (error instanceof HyperloomError || error instanceof UsageError) return [];
  throw error;
}
