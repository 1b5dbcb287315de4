/** Reads values as they are written on the command line: `-` is standard input, `@FILE` a file, everything else itself. */
import { readFile } from 'node:fs/promises';

import { json, type Json } from '../../clients/typescript/src/index.ts';
import { UsageError } from './failure.ts';

/** How a value is to be understood. */
export interface ValueOptions {
  readonly jsonValue?: boolean | undefined;
  readonly bytes?: boolean | undefined;
}

/** The value that an argument stands for: text, unless the options say JSON or bytes. */
export async function readValue(
  argument: string,
  options: ValueOptions,
  stdin: AsyncIterable<Uint8Array>,
): Promise<string | Uint8Array | Json> {
  if (options.jsonValue === true && options.bytes === true) {
    throw new UsageError('--json-value and --bytes exclude one another');
  }
  const bytes = await readArgument(argument, stdin);
  if (options.bytes === true) return bytes;
  const text = decode(bytes);
  return options.jsonValue === true ? json(checkJson(text)) : text;
}

/** The exact JSON text that an argument stands for. */
export async function readJsonText(argument: string, stdin: AsyncIterable<Uint8Array>): Promise<string> {
  return checkJson(decode(await readArgument(argument, stdin)));
}

/** All of a file, or of standard input for `-`. */
export function readSource(file: string, stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return file === '-' ? readAll(stdin) : readFile(file);
}

function readArgument(argument: string, stdin: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (argument === '-') return readAll(stdin);
  if (argument.startsWith('@')) return readFile(argument.slice(1));
  return Promise.resolve(Buffer.from(argument));
}

async function readAll(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError('the value is not UTF-8 text: use --bytes to store it as bytes');
  }
}

function checkJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new UsageError(`the value is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
