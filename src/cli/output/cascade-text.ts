/** What goes with a revision that is taken back, in words. */
import type { CascadeReport, NotUndoneCause } from '../../../clients/typescript/src/index.ts';
import { wordLines } from './flow.ts';
import type { JsonRecord } from './records.ts';
import type { Style } from './style.ts';
import { tableLines, type Column } from './table.ts';
import { counted, oneLine, visible } from './text.ts';

type Undone = CascadeReport['undone'][number];
type NotUndone = CascadeReport['notUndone'][number];

const causes: Readonly<Record<NotUndoneCause, string>> = {
  overwritten: 'others have put something else there',
  built_upon: 'others have built on it',
  history_gone: 'what was there before is not known any more',
  schema: 'its schema does not take what was there before',
};

const columns: readonly Column<Undone>[] = [
  { title: 'REVISION', cell: ({ revision }) => `r${revision}` },
  { title: 'HOPS', align: 'right', cell: ({ hops }) => String(hops) },
  { title: 'AUTHOR', cell: ({ author }) => visible(author), cut: 'end' },
  { title: 'LABEL', cell: ({ label }) => oneLine(label, Infinity), cut: 'end' },
];

/** Lines for people: what goes, what stays, and who is held up. `verb`: `takes back` or `would take back`. */
export function cascadeLines(
  report: CascadeReport,
  verb: string,
  style: Style,
  width: number,
): readonly string[] {
  const { undone, undoneTotal, notUndone, notUndoneTotal, ghosts, ghostsTotal, operations } = report;
  return [
    `${verb} ${counted(undoneTotal, 'revision')} by ${counted(operations, 'operation')}`,
    ...tableLines(columns, undone, style, width),
    ...cutOff(undone.length, undoneTotal, style),
    ...(notUndoneTotal === 0 ? [] : [`stays, ${counted(notUndoneTotal, 'write')}:`]),
    ...notUndone.flatMap((write) => stayLines(write, width)),
    ...cutOff(notUndone.length, notUndoneTotal, style),
    ...(ghostsTotal === 0 ? [] : [`${counted(ghostsTotal, 'live ghost')} must look again:`]),
    ...ghosts.map(({ ghostId, author }) => `  ${ghostId}${author === '' ? '' : ` of ${visible(author)}`}`),
    ...cutOff(ghosts.length, ghostsTotal, style),
  ];
}

function stayLines(
  { path, revision, cause, overwrittenByRevision }: NotUndone,
  width: number,
): readonly string[] {
  const by = overwrittenByRevision === 0 ? '' : ` (r${overwrittenByRevision})`;
  const text = `${visible(path)} of r${revision}: ${causes[cause]}${by}`;
  return wordLines(text, width - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`);
}

function cutOff(told: number, total: number, style: Style): readonly string[] {
  return told < total ? [style.dim(`  and ${total - told} more`)] : [];
}

/** The same for programs. */
export function cascadeRecord(report: CascadeReport): JsonRecord {
  return {
    ...report,
    undone: report.undone.map((each) => ({ ...each })),
    notUndone: report.notUndone.map((each) => ({ ...each })),
    ghosts: report.ghosts.map((each) => ({ ...each, basis: each.basis.map((entry) => ({ ...entry })) })),
  };
}
