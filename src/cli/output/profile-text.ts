/** Profiles for people and programs. */
import { connectionKeys, type Profile } from '../profiles/profile.ts';
import type { JsonRecord } from './records.ts';
import type { Column } from './table.ts';
import { visible } from './text.ts';

/** A profile as a JSON line; what it does not hold is null. */
export function profileRecord(name: string, profile: Profile, current: string | undefined): JsonRecord {
  const held = connectionKeys.map((key) => [key, profile[key] ?? null]);
  return { name, current: name === current, ...Object.fromEntries(held) };
}

/** The columns of a table of profiles. */
export function profileColumns(current: string | undefined): readonly Column<readonly [string, Profile]>[] {
  return [
    { title: '', cell: ([name]) => (name === current ? '*' : '') },
    { title: 'NAME', cell: ([name]) => visible(name) },
    { title: 'ADDRESS', cell: ([, { address = '' }]) => visible(address), cut: 'middle' },
    { title: 'FOREST', cell: ([, { forest = '' }]) => visible(forest) },
    { title: 'AUTHOR', cell: ([, { author = '' }]) => visible(author), cut: 'end' },
    { title: 'TLS', cell: ([, profile]) => tlsText(profile) },
  ];
}

function tlsText({ address = '', caFile, certFile }: Profile): string {
  if (certFile !== undefined) return 'mutual';
  return caFile !== undefined || address.includes('https://') ? 'yes' : '';
}
