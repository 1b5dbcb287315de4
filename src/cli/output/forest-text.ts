/** Forests for people and programs. */
import type { Forest } from '../../../clients/typescript/src/index.ts';
import type { JsonRecord } from './records.ts';
import type { Column } from './table.ts';
import { byteSize, counted, grouped } from './text.ts';

/** A forest as a JSON line. */
export function forestRecord(forest: Forest): JsonRecord {
  return { ...forest };
}

/** A forest in one line. */
export function forestText({ name, revision, nodes }: Forest): string {
  return `${name}: revision ${revision}, ${counted(nodes, 'node')}`;
}

/** The columns of a table of forests. */
export const forestColumns: readonly Column<Forest>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'REVISION', align: 'right', cell: ({ revision }) => `r${revision}` },
  {
    title: 'OLDEST',
    align: 'right',
    cell: ({ compactedRevision }) => (compactedRevision > 0 ? `r${compactedRevision}` : ''),
  },
  { title: 'NODES', align: 'right', cell: ({ nodes }) => grouped(nodes) },
  { title: 'GHOSTS', align: 'right', cell: ({ ghosts }) => grouped(ghosts) },
  { title: 'ON DISK', align: 'right', cell: ({ storedBytes }) => byteSize(storedBytes) },
];
