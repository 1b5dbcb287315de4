/** `hyperloom token`: the bearer tokens of a broker, in a file that it reads again when it changes. No broker is needed. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { AccessFileError } from './access/access-file-error.ts';
import type * as TokenFile from './access/token-file.ts';
import { hashOf, newToken, type StoredToken } from './access/token.ts';
import { systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { authorBytesMax } from './base/limits.ts';
import { durationMs, oneMore } from './cli/arguments.ts';
import { failureOf, UsageError } from './cli/failure.ts';
import { outputFor } from './cli/output/output-for.ts';
import type { Output } from './cli/output/output.ts';
import type { Column } from './cli/output/table.ts';
import { oneLine, timeText, visible } from './cli/output/text.ts';
import { showExamples } from './cli/reference/examples.ts';
import type { Surroundings } from './cli/surroundings.ts';

interface CreateOptions {
  readonly expires: number;
  readonly group?: readonly string[];
  readonly label?: string;
  readonly quiet?: boolean;
}

interface RotateOptions {
  readonly grace: number;
  readonly expires: number;
  readonly quiet?: boolean;
}

interface TokenOptions {
  readonly file: string;
}

/** Works with the tokens of a file, by what is loaded only when there is something to do. */
type Work = (output: Output, file: string, tokenFile: typeof TokenFile) => Promise<void>;

export function addToken(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('token')
    .summary('make and revoke the tokens that callers show')
    .description(
      'Keeps the tokens that a broker with --access takes, in the file that its --tokens names. The file holds no token, only what tells one ' +
        'when it is shown. A broker takes a change over within a second.',
    )
    .addOption(
      new Option('--file <file>', 'the file of tokens')
        .env('HYPERLOOM_TOKENS')
        .default('./hyperloom-tokens.json'),
    );
  const run = (work: Work): Promise<void> => runOn(program, command, surroundings, work);
  addCreate(command, run);
  addList(command, run);
  addRotate(command, run);
  addRevoke(command, run);
  showExamples(command);
}

async function runOn(
  program: Command,
  command: Command,
  surroundings: Surroundings,
  work: Work,
): Promise<void> {
  const output = outputFor(program, surroundings);
  try {
    await work(output, command.opts<TokenOptions>().file, await import('./access/token-file.ts'));
    await output.finish();
  } catch (error) {
    const told = error instanceof AccessFileError ? new UsageError(error.message) : error;
    const { exitCode, message } = failureOf(told, '');
    if (message !== '') surroundings.stderr.write(`${message}\n`);
    surroundings.setExitCode(exitCode);
  }
}

function addCreate(command: Command, run: (work: Work) => Promise<void>): void {
  command
    .command('create')
    .summary('make a token, and show it this once')
    .argument(
      '<principal>',
      'whom it stands for: the name that grants and the author of what is written go by',
    )
    .addOption(
      new Option('--expires <duration>', 'when it ends, such as 12h or 90d; never ends it never')
        .argParser(expiry)
        .default(expiresMsDefault, '90d'),
    )
    .option(
      '--group <name>',
      'a group that its holder is in, for grants to groups; can be given several times',
      oneMore,
    )
    .option('--label <text>', 'what it is for')
    .option('-q, --quiet', 'print the token alone, in a pipe too')
    .action((principal: string, { expires, group = [], label = '', quiet = false }: CreateOptions) =>
      run(async (output, file, { changeTokens }) => {
        if (principal === '' || Buffer.byteLength(principal) > authorBytesMax)
          throw new UsageError(`a principal has a name of 1 to ${authorBytesMax} bytes`);
        const made = make({ principal, groups: group, label }, expires);
        changeTokens(file, (tokens) => [...tokens, made.stored]);
        await tell(output, made, quiet);
      }),
    );
}

function addList(command: Command, run: (work: Work) => Promise<void>): void {
  command
    .command('list')
    .alias('ls')
    .summary('list the tokens, without themselves')
    .action(() =>
      run(async (output, file, { readTokens }) => {
        await output.rows(
          readTokens(file),
          columns,
          recordOf,
          'no tokens: see "hyperloom token create --help"',
        );
      }),
    );
}

const columns: readonly Column<StoredToken>[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'PRINCIPAL', cell: ({ principal }) => visible(principal) },
  { title: 'GROUPS', cell: ({ groups }) => visible(groups.join(',')), cut: 'end' },
  {
    title: 'EXPIRES',
    cell: ({ expiresMs }) => (expiresMs === null ? 'never' : timeText(new Date(expiresMs))),
  },
  { title: 'LABEL', cell: ({ label }) => oneLine(label, Infinity), cut: 'end' },
];

function addRotate(command: Command, run: (work: Work) => Promise<void>): void {
  command
    .command('rotate')
    .summary('make another token for the same principal, and end the old one a little later')
    .argument('<id>', 'of the old one')
    .addOption(
      new Option('--grace <duration>', 'how long the old one is still taken')
        .argParser(expiry)
        .default(graceMsDefault, '1h'),
    )
    .addOption(
      new Option('--expires <duration>', 'when the new one ends')
        .argParser(expiry)
        .default(expiresMsDefault, '90d'),
    )
    .option('-q, --quiet', 'print the token alone, in a pipe too')
    .action((id: string, { grace, expires, quiet = false }: RotateOptions) =>
      run(async (output, file, { changeTokens }) => {
        let made: Made | undefined;
        changeTokens(file, (tokens) => {
          const old = found(tokens, id);
          made = make(old, expires);
          const endsMs = systemClock.nowMs() + grace;
          const soonestMs = Math.min(old.expiresMs ?? Infinity, endsMs);
          const expiresMs = soonestMs === Infinity ? null : soonestMs;
          return [...tokens.map((each) => (each === old ? { ...old, expiresMs } : each)), made.stored];
        });
        if (made !== undefined) await tell(output, made, quiet);
      }),
    );
}

function addRevoke(command: Command, run: (work: Work) => Promise<void>): void {
  command
    .command('revoke')
    .summary('end a token now')
    .argument('<id>', 'of the token')
    .action((id: string) =>
      run(async (output, file, { changeTokens }) => {
        changeTokens(file, (tokens) => {
          const gone = found(tokens, id);
          return tokens.filter((each) => each !== gone);
        });
        await output.result({ id, revoked: true }, () => `${id} is revoked`);
      }),
    );
}

interface Made {
  readonly stored: StoredToken;
  readonly token: string;
}

/** The one time that a token is told. */
async function tell(output: Output, { stored, token }: Made, quiet: boolean): Promise<void> {
  if (quiet) await output.line(token);
  else await output.result({ ...recordOf(stored), token }, () => token);
}

function make(
  { principal, groups, label }: Pick<StoredToken, 'principal' | 'groups' | 'label'>,
  expires: number,
): Made {
  const { id, token } = newToken(systemRandom);
  const createdMs = systemClock.nowMs();
  const expiresMs = expires === Infinity ? null : createdMs + expires;
  return { token, stored: { id, principal, groups, hash: hashOf(token), label, createdMs, expiresMs } };
}

function found(tokens: readonly StoredToken[], id: string): StoredToken {
  const token = tokens.find((each) => each.id === id);
  if (token === undefined) throw new UsageError(`there is no token ${id}: see "hyperloom token list"`);
  return token;
}

/** What may be told of a token. */
function recordOf({ id, principal, groups, label, createdMs, expiresMs }: StoredToken) {
  const created = new Date(createdMs).toISOString();
  const expires = expiresMs === null ? null : new Date(expiresMs).toISOString();
  return { id, principal, groups, label, created, expires };
}

const dayMs = 86_400_000;
const expiresMsDefault = 90 * dayMs;
const graceMsDefault = 3_600_000;

/** Milliseconds; Infinity for never: commander takes `null` for a value that is missing. */
function expiry(text: string): number {
  if (text === 'never') return Infinity;
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  const ms = days === undefined ? durationMs(text) : Number(days) * dayMs;
  if (ms <= 0) throw new InvalidArgumentError('It must be longer than nothing.');
  return ms;
}
