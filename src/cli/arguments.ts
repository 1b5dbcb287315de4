/** Readers of arguments and options, for commander: each refuses what it cannot read with the reason. */
import { InvalidArgumentError } from 'commander';

/** A revision, or another integer from 0. */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new InvalidArgumentError('It must be a whole number from 0.');
  }
  return number;
}

/** An integer from 1. */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number === 0) {
    throw new InvalidArgumentError('It must be a whole number from 1.');
  }
  return number;
}

/** A port, or 0 for a free one. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return port;
}

/** How many times as fast: more than 0. */
export function speedFactor(text: string): number {
  const factor = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || factor <= 0)
    throw new InvalidArgumentError('It must be a number above 0.');
  return factor;
}

/** Fencing tokens, separated by commas; none in an empty text. */
export function fencingTokens(text: string): readonly number[] {
  if (text === '') return [];
  return text.split(',').map(positiveNumber);
}

/** A path; the slash that a shell's completion leaves at the end of one with children is not part of it. */
export function nodePath(text: string): string {
  return text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text;
}

/** Adds one more to an option that can be given several times. */
export function oneMore(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A duration such as `500ms`, `30s`, `10m` or `2h`, in milliseconds. */
export function durationMs(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = unitMs[unit ?? ''];
  if (factor === undefined)
    throw new InvalidArgumentError('It must be a duration such as 500ms, 30s, 10m or 2h.');
  return Number(amount) * factor;
}

/** An amount to add: integers exactly, everything else as a double. */
export function amount(text: string): bigint | { readonly real: number } {
  if (/^[+-]?\d+$/.test(text)) return BigInt(text.replace(/^\+/, ''));
  const real = Number(text);
  if (text.trim() === '' || !Number.isFinite(real)) throw new InvalidArgumentError('It must be a number.');
  return { real };
}
