/** How single settings are read from text. */
import { isIP } from 'node:net';

/** A setting that cannot be used, with what to do about it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:7400`, `[::1]:7400`, `localhost:0`, `:7400` (all interfaces). */
export function parseAddress(text: string, name: string): Address {
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.port);
  if (match === null || port > 65_535)
    throw new ConfigError(`${name}: "${text}" is no address such as 127.0.0.1:7400`);
  const host = match.groups?.six ?? match.groups?.host ?? '';
  return { host: host === '' ? '0.0.0.0' : host, port };
}

/** The text of an address, as a client would write it. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  if (isIP(host) === 6) return host === '::1' || host === '0:0:0:0:0:0:0:1';
  return host === 'localhost';
}

/** One of some words. */
export function parseChoice<T extends string>(text: string, choices: readonly T[], name: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new ConfigError(`${name}: "${text}" is none of ${choices.join(', ')}`);
  return found;
}

/** A whole number, within bounds. */
export function parseInteger(text: string, minimum: number, maximum: number, name: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new ConfigError(`${name}: "${text}" is no whole number from ${minimum} to ${maximum}`);
}

/** A number with a fraction, from 0 to 1. */
export function parseShare(text: string, name: string): number {
  const value = /^\d(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
  if (value <= 1) return value;
  throw new ConfigError(`${name}: "${text}" is no number from 0 to 1, such as 0.1`);
}

export function parseSwitch(text: string, name: string): boolean {
  if (['true', '1', 'yes', 'on'].includes(text)) return true;
  if (['false', '0', 'no', 'off', ''].includes(text)) return false;
  throw new ConfigError(`${name}: "${text}" is neither true nor false`);
}

/** An origin of http or https, without a path; empty: none. */
export function parsePublicUrl(text: string, name: string): string {
  if (text === '') return text;
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new ConfigError(`${name}: "${text}" is no address such as https://broker.example.com`);
  return url.origin;
}

/** Where an OTLP collector takes traces over HTTP: the address that it is told by, or its base; empty: none. */
export function parseCollectorUrl(text: string, name: string): string {
  if (text === '') return text;
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.hash !== '' || url.username !== '')
    throw new ConfigError(`${name}: "${text}" is no address such as http://127.0.0.1:4318`);
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url.href;
}

/** An address with `{traceId}` in it; empty: none. */
export function parseTraceUrl(text: string, name: string): string {
  if (text === '') return text;
  const isUsable = URL.canParse(text) && /^https?:\/\//i.test(text) && text.includes('{traceId}');
  if (!isUsable)
    throw new ConfigError(
      `${name}: "${text}" is no address such as https://jaeger.example.com/trace/{traceId}`,
    );
  return text;
}
