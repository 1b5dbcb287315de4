/** `hyperloom serve`: a broker as a process, from its settings to its exit code. */
import { resolve } from 'node:path';
import { AccessFileError } from './access/access-file-error.ts';
import { systemClock } from './base/clock.ts';
import { systemRandom } from './base/random.ts';
import { startBroker } from './broker.ts';
import { formatAddress } from './config-value.ts';
import type { Settings } from './config.ts';
import { createLogger, errorFields } from './log.ts';
import { NewerFormat } from './codec/agreed-format.ts';
import { CodecDamage } from './codec/damage.ts';
import { DataFolderInUse } from './journal/embedded/data-folder.ts';
import { startHeapGrowth } from './heap-growth.ts';
import { JournalDamage, JournalFailure } from './journal/journal.ts';
import type { Logger } from './log.ts';
import { startMemoryAtRest } from './memory-at-rest.ts';
import { packageVersion } from './version.ts';

/** `EX_SOFTWARE` of sysexits.h: our own mistake, and the process cannot be trusted to go on. */
const exitSoftware = 70;

/** What a process gives to `serve`. */
export interface ServeProcess {
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
  readonly exit: (code: number) => void;
  readonly onSignal: (listener: (signal: 'SIGTERM' | 'SIGINT') => void) => void;
  /** What nobody caught. */
  readonly onStray: (listener: (error: unknown) => void) => void;
  readonly usage: () => { readonly residentBytes: number; readonly cpuMs: number };
  /** How long the event loop has been busy since it began. */
  readonly busyMs: () => number;
}

/** Runs until a signal comes. Prints one line to standard output when it is ready; everything else goes to standard error. */
export async function serve(settings: Settings, surroundings: ServeProcess): Promise<void> {
  const { stdout, stderr, exit, onSignal, onStray, usage, busyMs } = surroundings;
  const { logLevel: level, logFormat: format } = settings;
  const log = createLogger({ level, format, clock: systemClock, write: stderr });
  const onFatal = (error: unknown): void => {
    if (error instanceof NewerFormat) {
      log.error(
        'the broker stops: it is older than those that it shares its journal with',
        errorFields(error),
      );
      exit(1);
      return;
    }
    log.error('the broker stops at once: what happened must not happen', errorFields(error));
    exit(exitSoftware);
  };
  onStray(onFatal);
  const version = packageVersion();
  const options = {
    settings,
    clock: systemClock,
    random: systemRandom,
    log,
    version,
    usage,
    busyMs,
    onFatal,
  };
  const broker = await startBroker(options);
  const written = (): number =>
    broker.forests.list().reduce((sum, { appliedPosition }) => sum + appliedPosition, 0);
  startMemoryAtRest({ clock: systemClock, busyMs, written });
  startHeapGrowth(systemClock);
  stopOnSignal(onSignal, () => broker.stop(), log, exit);
  const where =
    settings.journal === 'memory'
      ? 'journal in memory'
      : settings.jetStream !== null
        ? `journal on NATS at ${settings.jetStream.servers.join(', ')}`
        : `data in ${resolve(settings.data)}`;
  stdout(`hyperloom listening on ${formatAddress(broker.address)} (${where})\n`);
}

/** The first signal stops in good order, a second one at once. */
function stopOnSignal(
  onSignal: ServeProcess['onSignal'],
  stop: () => Promise<void>,
  log: Logger,
  exit: (code: number) => void,
): void {
  let isStopping = false;
  onSignal((signal) => {
    if (isStopping) {
      log.warn('stopped at once by a second signal', { signal });
      exit(signal === 'SIGINT' ? 130 : 143);
      return;
    }
    isStopping = true;
    stop().then(
      () => exit(0),
      (error: unknown) => {
        log.error('the stop failed', errorFields(error));
        exit(1);
      },
    );
  });
}

/** The broker cannot start for a reason that its operator can mend, such as a folder in use or a port that is taken. */
export function isExpectedAtStart(error: unknown): error is Error {
  return (
    error instanceof DataFolderInUse ||
    error instanceof JournalDamage ||
    error instanceof JournalFailure ||
    error instanceof CodecDamage ||
    error instanceof AccessFileError ||
    (error instanceof Error && 'syscall' in error)
  );
}
