/**
 * Structured logs, by pino: what happened, and where, in fields. What agents store, and what lets somebody in, is in none of them: code says
 * reasons, codes, methods and names of forests, never a message that a value could be quoted in.
 */
import { pino } from 'pino';
import type { Clock } from './base/clock.ts';
import type { LogFormat, LogLevel } from './log-settings.ts';

export type LogFields = Readonly<Record<string, string | number | boolean>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  /** The least that is told. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

/** Fields that no log line has, whoever gives them: a last door, behind code that does not. */
const secretFields = ['authorization', 'token', 'password', 'secret', 'key', 'value', 'values', 'cookie'];

/** Writes a line for each that is at least of the level, at once: a process that stops has told everything. */
export function createLogger({ level, format, clock, write }: LogOptions): Logger {
  const destination = { write: format === 'json' ? write : (line: string) => write(textOf(line)) };
  const options = {
    level,
    base: null,
    messageKey: 'message',
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
    redact: { paths: secretFields, remove: true },
  };
  const logger = pino(options, destination);
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      logger[own](fields, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * What went wrong, for a log: with the stack, since it was our own mistake. The engine's syntax errors quote what they have read, so
 * of them only the place is told.
 */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { name, message, stack = '' } = error;
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const told = error instanceof SyntaxError ? 'not told: it quotes what was read' : message;
  return { error: told, kind: name, stack: frames.map((line) => line.trim()).join('; ') };
}

/** `2026-11-22T13:00:00.000Z WARN  what happened  forest=default reason="no space"` */
function textOf(line: string): string {
  const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([name, value]) => `  ${name}=${fieldText(value)}`);
  return `${String(time)} ${String(level).toUpperCase().padEnd(5)} ${String(message)}${pairs.join('')}\n`;
}

/** Nothing in it ends the line or moves a terminal's cursor. */
function fieldText(value: unknown): string {
  const text = String(value);
  return /^[\w./:[\]-]+$/.test(text) ? text : JSON.stringify(text);
}
