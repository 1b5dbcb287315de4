/** The table at the end. */
import type { Report } from '../agents/desk.ts';
import type { Claim, Evidence } from './claims.ts';
import { paint } from './colors.ts';

/** All lines of it. */
export function tableLines(evidence: Evidence, claims: readonly Claim[], seconds: number): readonly string[] {
  return [
    ...agentLines(evidence.reports),
    '',
    ...movedLines(evidence),
    '',
    ...revertLines(evidence),
    '',
    ...restartLines(evidence),
    '',
    ...claims.map(({ text, holds }) => `${holds ? paint('green', '✓') : paint('red', '✗ NOT SO:')} ${text}`),
    '',
    paint('dim', `${seconds.toFixed(1)} s from the brief to the final notes; no model was called.`),
  ];
}

function agentLines(reports: readonly Report[]): readonly string[] {
  const head = ['agent', 'language', 'diffs', 'published', 'read', 'did'];
  const rows = reports.map(({ name, language, published, read, did }) => [
    name,
    language,
    String(published.items),
    bytes(published.bytes),
    bytes(read.bytes),
    did,
  ]);
  return columns([head, ...rows], new Set([2, 3, 4]));
}

function movedLines({ ledger }: Evidence): readonly string[] {
  const { moved, wholeHistory, ratio, diffs } = ledger;
  const lines = columns(
    [
      ['context moved', 'bytes', 'tokens (bytes / 4)'],
      [`${diffs} diffs, published and read where needed`, bytes(moved.bytes), count(moved.tokens)],
      ['whole history, passed on before each of them', bytes(wholeHistory.bytes), count(wholeHistory.tokens)],
    ],
    new Set([1, 2]),
  );
  const times = paint('bold', `${ratio.toFixed(1)} times`);
  return [
    ...lines,
    `Passing it all on moves ${times} as much. Counted: bytes of paths and values; one diff is one turn of an agent.`,
  ];
}

function revertLines({ revert }: Evidence): readonly string[] {
  if (revert === undefined) return [paint('red', 'no ghost was reverted')];
  const { agent, reason, checkpoint, droppedOperations, brokerMs, agentMs, committedRevision } = revert;
  return [
    paint('bold', `${agent}'s ghost, refused and reverted`),
    `  reason           ${reason}`,
    `  back to          checkpoint "${checkpoint}", ${droppedOperations} operations dropped, then committed as revision ${committedRevision}`,
    `  in the broker    ${(brokerMs * 1_000).toFixed(0)} µs`,
    `  for the agent    ${agentMs.toFixed(2)} ms`,
  ];
}

function restartLines({ restart }: Evidence): readonly string[] {
  const { hashBefore, hashAfter, downMs, revision, liveGhosts } = restart;
  return [
    paint(
      'bold',
      `broker killed at revision ${revision} with ${liveGhosts} ghost open, and restarted in ${downMs.toFixed(0)} ms`,
    ),
    `  state hash before  ${hashBefore}`,
    `  state hash after   ${hashAfter}  ${hashBefore === hashAfter ? paint('green', 'same') : paint('red', 'DIFFERENT')}`,
  ];
}

/** Aligned columns; the first row is their heads. */
function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number>): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row, line) => {
    const cells = row.map((cell, index) =>
      right.has(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
    );
    const text = cells.join('  ').trimEnd();
    return line === 0 ? paint('bold', text) : text;
  });
}

function bytes(number: number): string {
  return `${count(number)} B`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}
