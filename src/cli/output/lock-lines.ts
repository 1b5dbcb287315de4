/**
 * Draws who waits for whom as a tree: below each lock those that wait for it, below each waiting lock what its owner holds
 * meanwhile, if others wait for that. Each lock comes once, below the first that stands before it.
 */
import type { InspectedLock, LockInfo } from '../../../clients/typescript/src/index.ts';
import { flowLines, type Part } from './flow.ts';
import type { Style } from './style.ts';
import { counted, oneLine, timeText, visible } from './text.ts';

const labelLengthMax = 40;

/** The lines of locks as the broker lists them. */
export function lockLines(
  locks: readonly InspectedLock[],
  style: Style,
  columns = Infinity,
): readonly string[] {
  const below = childrenOf(locks);
  const drawn = new Set<string>();
  const lines: string[] = [];
  const draw = (lock: InspectedLock, head: string, indent: string): void => {
    drawn.add(lock.id);
    const children = (below.get(lock.id) ?? []).filter(({ id }) => !drawn.has(id));
    const under = indent + (children.length > 0 ? '│   ' : '    ');
    lines.push(...flowLines(lockParts(lock, style, head), columns, under));
    for (const child of children) drawn.add(child.id);
    children.forEach((child, index) => {
      const isLast = index === children.length - 1;
      draw(child, `${indent}${isLast ? '└── ' : '├── '}`, `${indent}${isLast ? '    ' : '│   '}`);
    });
  };
  const hasParent = new Set([...below.values()].flat().map(({ id }) => id));
  // What is in no tree comes from a page that was cut off, or has changed while it was read.
  for (const isRoot of [true, false]) {
    for (const lock of locks)
      if (!drawn.has(lock.id) && (!hasParent.has(lock.id) || !isRoot)) draw(lock, '', '');
  }
  return lines;
}

/** Whom each lock has below it, in the order of requests. */
function childrenOf(locks: readonly InspectedLock[]): ReadonlyMap<string, readonly InspectedLock[]> {
  const byId = new Map(locks.map((lock) => [lock.id, lock]));
  const awaited = new Set(locks.flatMap(({ waitsFor }) => waitsFor));
  const waitingOf = new Map(
    locks.filter(({ state }) => state === 'waiting').map((lock) => [lock.leaseId, lock]),
  );
  const below = new Map<string, InspectedLock[]>();
  for (const lock of locks) {
    const parent =
      lock.state === 'waiting'
        ? firstBefore(lock, byId)
        : awaited.has(lock.id)
          ? waitingOf.get(lock.leaseId)
          : undefined;
    if (parent === undefined) continue;
    const siblings = below.get(parent.id);
    if (siblings === undefined) below.set(parent.id, [lock]);
    else siblings.push(lock);
  }
  return below;
}

/** What is held says more than who is earlier in the queue. */
function firstBefore(
  { waitsFor }: InspectedLock,
  byId: ReadonlyMap<string, InspectedLock>,
): InspectedLock | undefined {
  const before = waitsFor.flatMap((id) => byId.get(id) ?? []);
  return before.find(({ state }) => state !== 'waiting') ?? before[0];
}

function lockParts(lock: InspectedLock, style: Style, head: string): readonly Part[] {
  const { id, author, label, fencingToken } = lock;
  const plain = (text: string): string => text;
  return [
    // The lines of the tree belong to the first text: nothing is between them.
    [
      head + targetsText(lock),
      (text) => style.dim(text.slice(0, head.length)) + style.bold(text.slice(head.length)),
    ],
    [visible(author === '' ? '(no author)' : author), plain],
    standingPart(lock, style),
    [fencingToken === 0 ? '' : `token ${fencingToken}`, plain],
    [visible(id), style.dim],
    [oneLine(label, labelLengthMax), plain],
  ];
}

function standingPart({ state, waitsForTotal, grantTime, requestTime }: InspectedLock, style: Style): Part {
  const since = timeText(grantTime ?? requestTime);
  switch (state) {
    case 'held':
      return [`held since ${since}`, style.green];
    case 'waiting': {
      const more = waitsForTotal > 1 ? ` for ${counted(waitsForTotal, 'lock')}` : '';
      return [`waits${more} since ${since}`, style.yellow];
    }
    case 'delayed':
      return ['kept quiet: its holder has vanished', style.red];
  }
}

/** Such as `/a exclusive, /b shared`. */
export function targetsText({ targets }: Pick<LockInfo, 'targets'>): string {
  const shown = targets
    .slice(0, targetsShownMax)
    .map(({ path, mode }) => `${visible(path)} ${modeText(mode)}`);
  const more = targets.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const targetsShownMax = 5;

function modeText(mode: string): string {
  return mode.replaceAll('_', '-');
}
