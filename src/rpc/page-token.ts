/**
 * Page tokens: where a listing stands, and which request it belongs to. Opaque to clients, base64url of
 * `[version, fingerprint, …position]` as JSON. They hold no secret and need no signature: whatever one says is checked as
 * any other part of a request, and the paths in them are such as were told. So any broker takes them, before and after a restart.
 */
import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { crc32 } from 'node:zlib';
import { pathBytesMax } from '../base/limits.ts';
import { parsePath } from '../trie/path.ts';
import type { Path } from '../trie/path.ts';
import { refuse } from './errors.ts';

const version = 1;
const tokenCharactersMax = pathBytesMax * 3;

/** What a listing remembers between pages. */
export type TokenPart = string | number;

/** The checksum of what a request asks for, its page apart. */
export function fingerprintOf<D extends DescMessage>(descriptor: D, request: MessageShape<D>): number {
  const page = { pageSize: 0, pageToken: '' };
  return crc32(toBinary(descriptor, { ...request, ...page }));
}

export function encodeToken(fingerprint: number, parts: readonly TokenPart[]): string {
  return Buffer.from(JSON.stringify([version, fingerprint, ...parts])).toString('base64url');
}

/** The parts of a token, of the kinds that are expected; `null` for the empty token of a first page. */
export function decodeToken(
  token: string,
  fingerprint: number,
  kinds: readonly ('text' | 'number' | 'path')[],
): readonly TokenPart[] | null {
  if (token === '') return null;
  const parts = token.length > tokenCharactersMax ? undefined : parse(token);
  if (parts === undefined || parts.length !== kinds.length + 2 || parts[0] !== version) {
    return invalid('it is none of ours');
  }
  if (parts[1] !== fingerprint) return invalid('it belongs to another request');
  const rest = parts.slice(2);
  const isValid = kinds.every((kind, index) => isOfKind(rest[index], kind));
  return isValid ? (rest as TokenPart[]) : invalid('it is none of ours');
}

/** A path out of a token. */
export function tokenPath(part: TokenPart | undefined): Path {
  const path = parsePath(String(part));
  return 'problem' in path ? invalid('it is none of ours') : path;
}

/** Refuses a page token. */
export function invalid(why: string): never {
  refuse(
    'INVALID_PAGE_TOKEN',
    `page_token: ${why}; begin with the first page`,
    {},
    {
      violations: [{ field: 'page_token', description: why }],
    },
  );
}

function parse(token: string): unknown[] | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(parts) ? parts : undefined;
  } catch {
    return undefined;
  }
}

function isOfKind(part: unknown, kind: 'text' | 'number' | 'path'): boolean {
  if (kind === 'number') return typeof part === 'number' && Number.isSafeInteger(part) && part >= 0;
  return typeof part === 'string' && (kind === 'text' || !('problem' in parsePath(part)));
}
