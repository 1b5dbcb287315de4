/** Structured logs: one JSON object a line. */
import type { Clock } from './base/clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export type LogFields = Readonly<Record<string, string | number | boolean>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Writes what is at least of `level` through `write`, a line each. */
export function jsonLogger(level: LogLevel, clock: Clock, write: (line: string) => void): Logger {
  const least = logLevels.indexOf(level);
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (logLevels.indexOf(own) < least) return;
      const time = new Date(clock.nowMs()).toISOString();
      write(`${JSON.stringify({ time, level: own, message, ...fields })}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** What went wrong, for a log: with the stack, since it was our own mistake. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: error.message, kind: error.name, stack: error.stack ?? '' };
}
